"""A text as posts of a thread: within the limit as the server counts, nothing lost, no address and no letter cut."""

import re

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mastodon.words import defused
from bot.public.splitting import MOST_PARTS, Counting, parted, shortened
from tests.fakes.mastodon.writing import length

LINKS = (
    "https://kb.example/guide",
    "https://kb.example/a?b=c&d=(e)#f",
    f"https://kb.example/{'long/' * 30}",
    "http://127.0.0.1:8000/c/abc",
    "https://example.org.",
)
LETTERS = ("👨‍👩‍👧‍👦", "🇫🇷🇫🇷", "é", "e\u0301", "नमस्ते", "👍🏽")
MARKS = ("\r\n", "\n\n", ". ", " ", "@bob", "#tag", "a@b.example")
PIECES = st.one_of(
    st.sampled_from(LINKS),
    st.text(min_size=1, max_size=12),
    st.sampled_from((*LETTERS, *MARKS)),
    st.integers(1, 60).map(lambda count: "x" * count),
)
TEXTS = st.lists(PIECES, max_size=80).map(" ".join) | st.lists(PIECES, max_size=40).map("".join)
COUNTINGS = (Counting(23), Counting(None, by_letters=False))


def body(part: str) -> str:
    return re.sub(r"\n\(\d+/\d+\)$", "", part)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, room=st.integers(60, 500), counting=st.sampled_from(COUNTINGS))
def test_every_part_fits_and_nothing_is_lost(text: str, room: int, counting: Counting) -> None:
    parts = parted(text, room, counting)
    assert all(counting.length(part) <= room for part in parts)
    if len(parts) > 1:
        assert [part.rpartition("\n")[2] for part in parts] == [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]
    if len(parts) < MOST_PARTS and not any(len(one) > room - 10 for one in text.split()):
        assert "".join("".join(map(body, parts)).split()) == "".join(text.split())


@settings(max_examples=100, deadline=None)
@given(text=TEXTS, room=st.integers(60, 500))
def test_the_server_counts_no_more_than_we_do(text: str, room: int) -> None:
    """As Mastodon does: the fake's own counting of what is posted, where a cut may have exposed a mark."""
    for part in parted(defused(text), room, Counting(23)):
        assert length(defused(part)) <= room


@settings(max_examples=100, deadline=None)
@given(before=st.text(max_size=400), link=st.sampled_from(LINKS[:2]), after=st.text(max_size=200))
def test_no_address_is_cut(before: str, link: str, after: str) -> None:
    text = f"{before} {link} {after}"
    parts = parted(text, 120, Counting(23))
    assert len(parts) == MOST_PARTS or any(link in part for part in parts)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(("👨‍👩‍👧‍👦", "🇫🇷", "e\u0301", "👍🏽", "x")), min_size=61, max_size=400).map("".join))
def test_no_letter_is_cut(text: str) -> None:
    whole = regex.findall(r"\X", text)
    parts = parted(text, 60, Counting(23))
    assert [one for part in parts for one in regex.findall(r"\X", body(part))][: len(whole)] == whole or "…" in parts[
        -1
    ]


def test_a_text_is_parted_where_it_reads_best() -> None:
    first = "One sentence here. Another sentence here."
    text = f"{first}\n\n{'word ' * 14}"
    assert body(parted(text, 70, Counting(23))[0]) == first
    text = "A short one. " * 12
    assert all(body(part).endswith("one.") for part in parted(text, 70, Counting(23)))


def test_addresses_count_as_the_server_counts_them() -> None:
    long = f"https://kb.example/{'a' * 200}"
    assert Counting(23).length(f"see {long}") == 27
    assert Counting(None, by_letters=False).length(f"see {long}") == 4 + len(long)
    assert Counting(23).length("https://a.example") == 23
    assert Counting(23).length("http://localhost:8000/" + "a" * 40) == 62  # no address to every server
    assert Counting(23).length("👨‍👩‍👧‍👦e\u0301") == 2


def test_what_is_longer_than_any_thread_ends_with_a_mark() -> None:
    parts = parted("word " * 5_000, 100, Counting(23))
    assert len(parts) == MOST_PARTS and body(parts[-1]).endswith("…")
    assert all(Counting(23).length(part) <= 100 for part in parts)


def test_an_address_that_never_fits_is_left_out() -> None:
    counting = Counting(None, by_letters=False)
    parts = parted(f"See https://kb.example/{'a' * 300} for more.", 100, counting)
    assert all(counting.length(part) <= 100 for part in parts)
    assert "for more." in body(parts[-1]) and "kb.example" not in "".join(parts)


@settings(max_examples=50, deadline=None)
@given(text=TEXTS, room=st.integers(20, 200))
def test_in_one_piece_it_is_shortened(text: str, room: int) -> None:
    counting = Counting(23)
    short = shortened(text, room, counting)
    assert counting.length(short) <= room
    if counting.length(text.strip()) <= room:
        assert short == text.strip()
