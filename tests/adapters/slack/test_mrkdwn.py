import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack.addresses import is_misleading, safe_address
from adapters.slack.mrkdwn import mrkdwn, width
from adapters.slack.parting import parted
from adapters.slack.spans import Span, clean, marked, plain_spans, spans, words
from bot.model.documents import plain
from tests.adapters.slack.reading import Edges, Read, read

STUCK = 5.0  # seconds of work

EDGES: tuple[Edges, ...] = ("few", "many")
# What Slack gives a meaning to, among what people write.
PIECES = st.sampled_from(
    [*"*_~`＊＿>＞<&|#@!:().,-\\ \n\t\"'", "é", "語", "👩\u200d💻", "\u200b", "\u2060", "\u00a0", "snake_case", "&lt;",
     "<!channel>", "<@U012AB3CD>", "<#C012|general>", "<https://evil.example|kb>", "```", "**", "https://kb.example/a_b?c=1&d=*",
     "http://x.y)", "https://bank.example@evil.example", "kb.example", "word", "7"]
)  # fmt: skip
WRITTEN = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=60))
SIGNS = st.text(st.sampled_from("abcé9語*_~`<>&#![]()\\|.:/ "), min_size=1, max_size=12)
WORD = SIGNS.filter(lambda text: text.strip() == text)
ADDRESSES = st.sampled_from(["https://kb.example/a?b=1&c=2", "http://kb.example/x_y", "mailto:desk@kb.example"])


def sent(text: str) -> str:
    return mrkdwn(spans(text))


def seen(shown: str) -> str:
    return "".join(one.text for one in read(shown, "many"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**bold** and *italic* and _italic_", "*bold* and _italic_ and _italic_"),
        ("`code` and ~~struck~~", "`code` and ~struck~"),
        ("**Note**: (**this**) **[x](https://kb.example)**", "*Note*: (*this*) *<https://kb.example|x>*"),
        ("**both *of* them**", "*both _of_ them*"),
        ("***all***", "*_all_*"),
        ("mid**word**s", "mid\u200b*word*\u200bs"),
        ("**a***b*", "*a*\u200b_b_"),
        ("**one\ntwo**", "\u2060*\u2060*one\ntwo\u2060*\u2060*\u2060"),
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("a &lt; <b>not bold</b>", "a &amp;lt; &lt;b&gt;not bold&lt;/b&gt;"),
        ("`<b>` && `x*y*z`", "`&lt;b&gt;` &amp;&amp; `x*y*z`"),
        ("[`code`](https://kb.example)", "<https://kb.example|code>"),
        ("``a`b``", "a\u2060`\u2060b"),
        ("![picture](https://kb.example/p.png)", "!<https://kb.example/p.png|picture>"),
        ("", ""),
    ],
)
def test_inline_markdown(written: str, shown: str) -> None:
    if "\n" not in written:
        assert sent(written) == shown
    else:
        assert seen(sent(written)) == written


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("snake_case_name", "snake_case_name"),
        ("cp ~/a /b", "cp ~/a /b"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a footnote*", "a footnote*"),
        (":white_check_mark:", ":white_check_mark:"),
        ("*bold*", "\u2060*\u2060bold\u2060*\u2060"),
        ("~$5 to ~$7", "\u2060~\u2060$5 to \u2060~\u2060$7"),
        ("> quoted", "\u2060&gt;\u2060 quoted"),
        ("a > b", "a &gt; b"),
    ],
)
def test_what_people_write_is_shown_as_written_and_left_alone_where_it_can_be(written: str, shown: str) -> None:
    assert sent(plain(written)) == shown


@pytest.mark.parametrize(
    "hostile",
    ["<!channel>", "<!here|here>", "<@U012AB3CD>", "<#C012|general>", "<!subteam^S1>", "<!date^0^{date}|x>",
     "<https://evil.example|https://bank.example>", "&lt;!channel&gt;", "<<!channel>>", "<\n!channel>"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}", "**{}**", "`{}`", "[{}](https://kb.example/)"])
def test_no_text_mentions_anybody(hostile: str, form: str) -> None:
    for written in (hostile, plain(hostile)):
        shown = sent(form.format(written))
        assert not re.search(r"<(?!https://)", shown)
        assert seen(shown)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[here](https://kb.example/a?b=1&c=2)", "<https://kb.example/a?b=1&amp;c=2|here>"),
        ("[a|b](https://kb.example/a|b)", "<https://kb.example/a%7Cb|a|b>"),
        ("<https://kb.example/a>", "<https://kb.example/a>"),
        ("[write](mailto:desk@kb.example)", "<mailto:desk@kb.example|write>"),
        ("<desk@kb.example>", "<mailto:desk@kb.example|desk@kb.example>"),
        ("[](https://kb.example/a)", "<https://kb.example/a>"),
        ("See https://kb.example/a_b.", "See <https://kb.example/a_b>."),
        ("(https://kb.example/a(b))", "(<https://kb.example/a(b)>)"),
        ("**https://kb.example/**", "*<https://kb.example/>*"),
        ("`https://kb.example/`", "`https://kb.example/`"),
        ("[call](tel:+33123)", "call"),
        ("[a file](../other.md)", "a file"),
        ("[run](javascript:alert)", "[run](javascript:alert)"),
        ("[x](https://bank.example@evil.example/)", "x"),
        ("https://bank.example@evil.example/", "https://bank.example@evil.example/"),
        ("https://bank.example:pass@evil.example/", "https://bank.example:pass@evil.example/"),
        ("[kb.example/a](https://kb.example/a/b)", "<https://kb.example/a/b|kb.example/a>"),
        ("[www.kb.example](https://kb.example/)", "<https://kb.example/|www.kb.example>"),
        ("[https://bank.example](https://evil.example)", "<https://bank.example> (<https://evil.example>)"),
        ("[bank.example: sign in](https://evil.example)", "bank.example: sign in (<https://evil.example>)"),
        ("[10.0.0.1](https://evil.example)", "10.0.0.1 (<https://evil.example>)"),
        ("[boss@kb.example](mailto:x@kb.example)", "boss@kb.example (<mailto:x@kb.example>)"),
    ],
)
def test_links_say_where_they_lead(written: str, shown: str) -> None:
    assert sent(written) == shown


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "https:///x", "slack://x",
     "//kb.example", "https://a@b/", " ", "", "https://ex\u00e4mple.org/", "mailto:", "mailto:a@b@c?d",
     "https://kb.example/" + "a" * 1000],
)  # fmt: skip
def test_addresses_that_are_not_followed(address: str) -> None:
    assert safe_address(address) == ""


def test_a_wide_full_stop_does_not_hide_an_address() -> None:
    assert is_misleading("bank\uff0eexample", "https://evil.example/")


@given(WRITTEN)
@example("*a _b* c_")
@example("**")
@example("_*~`x`~*_")
@example("https://kb.example/a*b *c* https://kb.example/*")
@settings(deadline=None)
def test_anything_that_a_person_writes_is_read_as_it_was_written(written: str) -> None:
    shown = sent(plain(written))
    for edges in EDGES:
        got = read(shown, edges)
        assert "".join(one.text for one in got) == clean(written)
        assert not any(one.marks for one in got)
        assert all(safe_address(one.link) == one.link for one in got)


@given(WRITTEN)
@settings(deadline=None)
def test_plain_text_needs_no_escapes(written: str) -> None:
    shown = mrkdwn(plain_spans(written))
    assert seen(shown) == clean(written)
    assert not any(one.marks for one in read(shown, "many"))


@given(WRITTEN)
@settings(deadline=None)
def test_any_markdown_is_read_as_it_was_understood(written: str) -> None:
    parsed = spans(written)
    shown = mrkdwn(parsed)
    assert mrkdwn(parsed) == sent(written)
    assert seen(shown) == words(parsed)


STYLES = {"*": "**{}**", "_": "*{}*", "~": "~~{}~~", "*_": "***{}***", "": "{}"}


@given(st.lists(st.tuples(WORD, st.sampled_from(list(STYLES)), st.one_of(st.just(""), ADDRESSES)), max_size=6))
@settings(deadline=None)
def test_what_is_formatted_is_read_as_formatted(pieces: list[tuple[str, str, str]]) -> None:
    parts: list[Span] = []
    for text, marks, link in pieces:
        parts += [Span(text, marks, link), Span(" ")]
    assert_read(mrkdwn(parts), parts)


@given(st.lists(st.tuples(WORD, st.sampled_from(["", "*", "_", "~", "*_", "*_~", "_~"])), max_size=6))
@settings(deadline=None)
def test_formatting_may_begin_and_end_within_a_word(pieces: list[tuple[str, str]]) -> None:
    parts = [Span(text, marks) for text, marks in pieces]
    assert_read(mrkdwn(parts), parts)


def assert_read(shown: str, parts: list[Span] | tuple[Span, ...]) -> None:
    expected = [
        Read(one) if one.isspace() else Read(one, frozenset(span.marks), span.link)
        for span in parts
        for one in span.text
    ]
    for edges in EDGES:
        got = [Read(one.text) if one.text.isspace() else one for one in read(shown, edges)]
        assert got == expected


def visible(parts: list[Span] | tuple[Span, ...]) -> list[tuple[str, str, str]]:
    return [(one, span.marks, span.link) for span in parts for one in span.text if not one.isspace()]


@given(st.lists(st.tuples(WRITTEN, st.sampled_from(["", "*", "_", "`"])), max_size=12), st.integers(120, 400))
@settings(deadline=None, max_examples=200)
def test_no_piece_is_too_long_and_nothing_is_lost(pieces: list[tuple[str, str]], longest: int) -> None:
    whole: list[Span] = []
    for text, mark in pieces:
        is_code = mark == "`" and "`" not in text
        parsed = (Span(clean(text)),) if is_code else plain_spans(text)
        whole += marked(parsed, mark) if mark in "*_" or is_code else parsed
    got = parted(whole, longest)
    assert [one for piece in got for one in visible(piece)] == visible(whole)
    for piece in got:
        shown = mrkdwn(piece)
        assert 0 < width(shown) <= longest
        assert seen(shown) == words(piece)


def texts(parts: list[tuple[Span, ...]]) -> list[str]:
    return [mrkdwn(one) for one in parts]


def test_a_text_is_parted_after_a_paragraph_a_line_a_sentence_or_a_word() -> None:
    first, second = "One thing is said. " * 3, "Another is said then. " * 3
    for gap in ("\n\n", "\n"):
        assert texts(parted(spans(f"{first.strip()}{gap}{second.strip()}"), 90)) == [first.strip(), second.strip()]
    assert texts(parted(spans("A sentence of some length. And one that goes on and on"), 40)) == [
        "A sentence of some length.",
        "And one that goes on and on",
    ]
    assert texts(parted(spans("words that never come to an end"), 16)) == ["words that never", "come to an end"]
    assert texts(parted(spans("x" * 25), 10)) == ["x" * 10, "x" * 10, "x" * 5]


def test_what_is_formatted_is_kept_together_where_it_can_be() -> None:
    assert texts(parted(spans("some words and **what is bold** and more"), 25)) == [
        "some words and",
        "*what is bold* and more",
    ]
    assert texts(parted(spans("a word [and a long label](https://kb.example/) then"), 42)) == [
        "a word",
        "<https://kb.example/|and a long label>",
        "then",
    ]


def test_what_is_too_long_in_itself_is_formatted_in_every_piece() -> None:
    assert texts(parted(spans(f"**{'bold words ' * 4}**".replace(" **", "**")), 26)) == [
        "*bold words bold words*",
        "*bold words bold words*",
    ]


def test_no_escape_and_no_sign_is_cut() -> None:
    assert texts(parted(spans("&" * 6), 12)) == ["&amp;&amp;", "&amp;&amp;", "&amp;&amp;"]
    assert texts(parted(spans("👩\u200d💻" * 3), 8)) == ["👩\u200d💻"] * 3


def test_control_characters_and_changes_of_direction_are_gone() -> None:
    assert clean("a\x00b\x1b[31m\u202egnp\u202c\ufeff\r\nc\ud800") == "ab[31mgnp\nc\ufffd"


@pytest.mark.parametrize(
    "hostile",
    ["[" * 50_000, "*a " * 30_000, "`" * 50_000, "![" * 20_000, "<" * 50_000, "**_" * 20_000, "a" * 100_000,
     "http://a/" + ")" * 50_000, "a." * 50_000, "https://a.b " * 5_000],
)  # fmt: skip
def test_hostile_mark_up_is_cheap(hostile: str) -> None:
    begun = time.thread_time()
    for text in (hostile[:20_000], hostile[:3_999], f"[{hostile[:3_000]}](https://kb.example/)"):
        assert parted(spans(text), 3_000)
    assert time.thread_time() - begun < STUCK
