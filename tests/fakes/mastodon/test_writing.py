"""What the fake makes of a text: HTML as several servers write it."""

import pytest
from mastodon import Mastodon

from tests.fakes.mastodon import FakeMastodon
from tests.fakes.mastodon.clients import heard, run
from tests.fakes.mastodon.quirks import Html
from tests.fakes.mastodon.writing import graphemes, length

TEXT = (
    "Hi @guichet & co\nsee https://www.example.com/a/very/long/path/to/a/page.html.\n\n#Été2026 #1 a@b.example @nobody"
)


async def test_a_post_s_html_is_mastodon_s(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.emoji("blobcat")
    said = await mastodon.person("ada").says(f"{TEXT} :blobcat:")
    found = await run(app.status, said.id)
    assert found.content == (
        '<p>Hi <span class="h-card" translate="no"><a href="https://masto.example/@guichet" class="u-url mention">'
        "@<span>guichet</span></a></span> &amp; co<br />see "
        '<a href="https://www.example.com/a/very/long/path/to/a/page.html" target="_blank" rel="nofollow noopener"'
        ' translate="no"><span class="invisible">https://www.</span><span class="ellipsis">'
        'example.com/a/very/long/path/t</span><span class="invisible">o/a/page.html</span></a>.</p>'
        '<p><a href="https://masto.example/tags/%C3%89t%C3%A92026" class="mention hashtag" rel="tag">#<span>Été2026'
        "</span></a> #1 a@b.example @nobody :blobcat:</p>"
    )
    assert [(one.id, one.acct) for one in found.mentions] == [(mastodon.bot.id, "guichet")]
    assert [one.name for one in found.tags] == ["ete2026"]
    assert [one.shortcode for one in found.emojis] == ["blobcat"]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (
            "pleroma",
            '<span class="h-card"><a class="u-url mention" data-user="{id}" href="https://masto.example/@guichet" '
            'rel="ugc">@<span>guichet</span></a></span> a<br/>b <a class="hashtag" data-tag="news" '
            'href="https://masto.example/tag/news" rel="tag ugc">#News</a> '
            '<a href="https://e.example/" rel="ugc">https://e.example/</a>',
        ),
        (
            "gotosocial",
            '<p><span class="h-card"><a href="https://masto.example/@guichet" class="u-url mention" '
            'rel="nofollow noreferrer noopener" target="_blank">@<span>guichet</span></a></span> a<br>b '
            '<a href="https://masto.example/tags/news" class="mention hashtag" '
            'rel="tag nofollow noreferrer noopener" target="_blank">#<span>News</span></a> '
            '<a href="https://e.example/" rel="nofollow noreferrer noopener" target="_blank">https://e.example/</a></p>',
        ),
        (
            "misskey",
            '<p><span><a href="https://masto.example/@guichet" class="u-url mention">@guichet@masto.example</a> a<br>b '
            '<a href="https://masto.example/tags/News" rel="tag">#News</a> '
            '<a href="https://e.example/">https://e.example/</a></span></p>',
        ),
    ],
)
async def test_other_servers_write_it_otherwise(
    mastodon: FakeMastodon, app: Mastodon, style: Html, expected: str
) -> None:
    mastodon.quirks.html = style
    said = await mastodon.person("ada").says("@guichet a\nb #News https://e.example/")
    assert (await run(app.status, said.id)).content == expected.format(id=mastodon.bot.id)


async def test_a_remote_author_s_html_is_of_their_server(mastodon: FakeMastodon, app: Mastodon) -> None:
    bob = mastodon.person("bob@elsewhere.example")
    mastodon.person("guichet@elsewhere.example")
    said = await bob.says("@guichet@masto.example #news")
    found = await run(app.status, said.id)
    assert 'href="https://elsewhere.example/tags/news"' in found.content
    assert [one.acct for one in found.mentions] == ["guichet"]
    neighbour = await bob.says("@guichet hello")
    assert [one.acct for one in (await run(app.status, neighbour.id)).mentions] == ["guichet@elsewhere.example"]
    odd = await bob.says("x", html="<div>x<script>alert(1)</script></div>")
    assert (await run(app.status, odd.id)).content == "<div>x<script>alert(1)</script></div>"


async def test_a_hashtag_is_found_with_and_without_its_accents(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    async with heard(mastodon, app.stream_hashtag, "été") as heard_:
        said = [(await ada.says(one)).id for one in ("#Ete", "#été")]
        await mastodon.until(lambda: len(heard_.events) == 2)
    for tag in ("été", "ETE"):
        assert [one.id for one in await run(app.timeline_hashtag, tag)] == said[::-1]
    mastodon.quirks.folded_tags = False
    again = await ada.says("#Été")
    assert [one.id for one in await run(app.timeline_hashtag, "Été")] == [again.id]
    assert (await run(app.status, again.id)).tags[0].name == "été"


def test_lengths() -> None:
    assert length("@ada@example.com hi") == len("@ada hi")
    assert length("(see https://example.com/a)") == len("(see )") + 23
    assert length("été", "cw") == 5
    assert [graphemes(one) for one in ("👍🏽", "🇫🇷🇬🇧", "e\u0301", "❤️", "1️⃣", "👩‍💻!")] == [1, 2, 1, 1, 1, 2]
