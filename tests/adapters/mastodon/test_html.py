"""What servers make of a text, and the text again."""

import time

import pytest

from adapters.mastodon.html import MOST, plain
from tests.fakes.mastodon import FakeMastodon, Quirks
from tests.fakes.mastodon.quirks import Html

ME = ("https://masto.example/@guichet",)
TEXT = (
    "my #printer says “jam”, see https://kb.example/a/very/long/address/that/is/shortened?x=1&y=2\n"
    "<b>2*3</b> &amp; l’étage\n\nsecond paragraph"
)


@pytest.mark.parametrize("style", ["mastodon", "pleroma", "gotosocial", "misskey", "bare"])
async def test_the_words_of_every_kind_of_server_are_those_that_were_typed(style: Html) -> None:
    server = FakeMastodon(quirks=Quirks(html=style))
    ada = server.person("ada")
    html = server.world.html_of(f"@guichet {TEXT}", ada.account)
    assert plain(html, me=[server.world.shapes.page(server.bot)], name="guichet") == TEXT


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("hello\nthere", "hello\nthere"),  # as it was typed
        ("@guichet hello @guichet@masto.example", "hello"),
        ("mail me at a@guichet.example", "mail me at a@guichet.example"),
        ("1 &lt; 2", "1 < 2"),
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<p>one\n  line</p>", "one line"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
        ('<p><a href="https://x.example/a">click</a> here</p>', "click (https://x.example/a) here"),
        ('<p><a href="javascript:alert(1)">click</a></p>', "click"),
        ('<p><a href="https://x.example/long">x.example/lo…</a></p>', "https://x.example/long"),
        ('<p class="quote-inline">RE: <a href="https://x.example/1">x</a></p><p>so?</p>', "so?"),
        ("<p>a<script>alert(1)</script><style>p{}</style><!-- b --></p>", "a"),
        ('<p>sad <img alt=":blobcat:" src="x"></p>', "sad :blobcat:"),
        ("<p>evil \u202egnp.exe\u2066 \u200f\x00\x1b[2J</p>", "evil gnp.exe [2J"),
        ("<p>a 👩‍👩‍👧 b</p>", "a 👩‍👩‍👧 b"),  # what binds emoji stays
        ("<p>open <b>and never closed", "open and never closed"),
        ("", ""),
    ],
)
def test_what_is_shown_is_what_is_read(html: str, words: str) -> None:
    assert plain(html, me=ME, name="guichet") == words


def test_those_whom_a_post_begins_with_are_no_part_of_it_and_others_are() -> None:
    def mention(name: str) -> str:
        link = f'<a href="https://masto.example/@{name}" class="u-url mention">@<span>{name}</span></a>'
        return f'<span class="h-card">{link}</span>'

    html = f"<p>{mention('guichet')} {mention('bob')} is {mention('carol')} right, {mention('guichet')}?</p>"
    assert plain(html, me=ME) == "is @carol right, ?"


@pytest.mark.parametrize(
    "html",
    ["<p>" + "word " * 3_000_000, "<div>" * 200_000, "<p>" + "<a href='https://x.example'>" * 50_000, "&" * 9_000_000],
    ids=["long", "deep", "links", "entities"],
)
def test_nobody_makes_the_desk_read_for_long(html: str) -> None:
    began = time.process_time()
    assert len(plain(html)) <= MOST
    assert time.process_time() - began < 5
