"""What people wrote, as the desk posts it: nobody is called, no hashtag is made, nothing turns a text around."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.mastodon.words import clean, defused, safe_address, words
from bot.model.documents import Paragraph, plain
from bot.public.splitting import Counting, parted
from tests.adapters.mastodon.writing import desk_of, document_of
from tests.fakes.mastodon import FakeMastodon
from tests.fakes.mastodon.writing import mentioned, tags

# Mentions as servers find them, at their most eager: each in what is left when addresses are taken for text, too.
EAGER = (
    re.compile(r"(?<![=/\w])@[a-z0-9_]", re.IGNORECASE),  # Mastodon, whom it tells
    re.compile(r"(?:^|\s)@[a-z0-9_]", re.IGNORECASE),  # Pleroma: words that begin so
    re.compile(r"(?<![a-z0-9/])@[a-z0-9_]", re.IGNORECASE),  # Misskey, GoToSocial: after anything but a letter
)
HOSTILE = (
    *("@bob", "@bob@elsewhere.example", ".@bob", "(@bob)", "é@bob", "_@bob", "/@bob", "=@bob", "@@bob", "＠bob"),
    *("@", "#", "#tag", "＃tag", "#été", "x#tag", "/#tag", "a@b.example", "@\u200bbob", "@\u202ebob", "@\u2060bob"),
    *("https://x.example/@bob", "https://x.example/,@bob", "https://x.example/)@bob", "https://@bob", "http://a@b"),
    *("https://x.example/?to=@bob&x=@bob", "https://x.example/é@bob", "xhttps://y.example/@bob", "mailto:@bob"),
    *("[@bob](https://x.example/@bob)", "**@bob**", "`@bob`", "\\@bob", "&commat;bob", "<@bob>", "\n", "  "),
)
WORDS = st.sampled_from(HOSTILE)
TEXTS = st.lists(WORDS | st.text(max_size=6), max_size=30).map("".join) | st.lists(WORDS, max_size=20).map(" ".join)


def eager(text: str) -> list[str]:
    return [found.group() for kind in EAGER for found in kind.finditer(text)]


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("@https://x.example/,@bob")
@example("#https://x.example/@bob")
def test_nobody_is_called_by_what_people_wrote(text: str) -> None:
    for shown in (defused(words(text)), defused(words(plain(text))), defused(clean(text))):
        assert eager(shown) == []
        assert mentioned(shown, lambda name, host: (name, host)) == []  # type: ignore[arg-type,return-value]
        assert tags(shown) == []
        assert defused(shown) == shown


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(60, 120))
def test_nor_by_the_parts_of_it(text: str, room: int) -> None:
    for part in parted(defused(words(text)), room, Counting(23)):
        assert eager(defused(part)) == [] and tags(defused(part)) == []


async def test_the_server_tells_only_whom_it_is_for(mastodon: FakeMastodon) -> None:
    """However it is written, by the server's own reading of what was posted."""
    ada, bob, other = mastodon.person("ada"), mastodon.person("bob"), mastodon.person("bob@elsewhere.example")
    asked = await ada.says("@guichet hello", visibility="public")
    before = len(bob.told())
    async with desk_of(mastodon) as desk:
        for text in (" ".join(HOSTILE), "".join(HOSTILE), "\n".join(HOSTILE)):
            for said in (document_of(Paragraph(text)), document_of(text)):
                await desk.adapter.send(desk.reply(asked, "ada", said))
                await desk.adapter.send(desk.direct(ada, said))
    assert {one.to for one in mastodon.posts()} == {("ada",)} and len(mastodon.posts()) > 4
    assert len(bob.told()) == before and other.told() == []
    assert not any(one.tags for one in mastodon.posts())


@pytest.mark.parametrize(
    "text",
    [
        "Write to help@acme.example, or see https://acme.example/@help/12.",
        "Press 1 # then 2",
        "C'est à 14 h 30 : « ici »",
        "2*3*4 my_file_name <b>&amp;",
        "👨‍👩‍👧‍👦 नमस्ते",
    ],
)
def test_what_calls_nobody_stays_as_it_is(text: str) -> None:
    assert defused(words(plain(text))) == text


def test_signature_hashtags_are_kept_where_they_are_wanted() -> None:
    assert defused("#Acme #other", ("acme",)) == "#Acme #\u200bother"


def test_marks_are_gone_and_links_lead_where_they_led() -> None:
    assert words("**Open** the _rear_ `door`; see [the guide](https://kb.example/guide).") == (
        "Open the rear door; see the guide (https://kb.example/guide)."
    )
    assert words("[https://kb.example/a](https://kb.example/a)") == "https://kb.example/a"
    assert words("[click](ftp://kb.example/a)") == "click"
    assert words("[](https://kb.example/a)") == "https://kb.example/a"
    assert words("[call](tel:+33123456789)") == "call (+33123456789)"


def test_nothing_turns_a_text_around_or_hides_in_it() -> None:
    assert clean("a\u202eb\u2066c\u200fd\u200be\x00f\x1b[2Jg\ufeffh\ti\r\nj") == "abcdef[2Jgh i\nj"
    assert clean("\ud83d") == "\ufffd"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.example", "https://", "x", None])
def test_not_every_address_is_followed(address: str | None) -> None:
    assert safe_address(address) == ""


def test_hostile_texts_cost_little() -> None:
    for text in ("@" * 20_000, "[" * 5_000, "https://x" * 5_000, "#a" * 20_000, "*_" * 5_000, "a@" * 20_000):
        assert eager(defused(words(text))) == []
