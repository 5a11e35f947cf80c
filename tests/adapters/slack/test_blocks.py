import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.blocks import Rendered, fallback, rendered, rendered_in_one
from adapters.slack.ids import delivery_of
from adapters.slack.mrkdwn import width
from adapters.slack.parts import shortened
from adapters.slack.spans import clean, spans, words
from bot.model.documents import (
    Actions,
    Block,
    Button,
    Document,
    Fields,
    FileItem,
    Files,
    Image,
    Paragraph,
    Source,
    Sources,
    Steps,
    plain,
)
from bot.model.ids import new_id
from bot.model.values import Language
from bot.texts import Texts
from tests.adapters.slack.reading import read
from tests.fakes.slack import blocks as rules

DELIVERY = UUID("01a1fe3d-881d-7cf9-8cca-e310ccc93202")
FILE = FileItem(new_id(), "screen *1*.png", "image/png", 120_000)


def shown(*blocks: Block, language: Language = Language.EN, **how: Any) -> list[Rendered]:
    return rendered(Document(blocks), DELIVERY, language=language, **how)


def only(*blocks: Block, **how: Any) -> list[dict[str, Any]]:
    (message,) = shown(*blocks, **how)
    return message.blocks


def mrkdwn_texts(value: Any) -> Iterator[str]:
    """Every text in blocks that Slack reads as mrkdwn."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            assert value["verbatim"] is True
            yield value["text"]
        for one in value.values():
            yield from mrkdwn_texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from mrkdwn_texts(one)


def texts(blocks: list[dict[str, Any]]) -> list[str]:
    return list(mrkdwn_texts(blocks))


def seen(messages: list[Rendered]) -> str:
    """What one reads in all the messages, without blanks."""
    return "".join(
        one.text
        for message in messages
        for text in mrkdwn_texts(message.blocks)
        for one in read(text, "many")
        if not one.text.isspace()
    )


def assert_sound(message: Rendered) -> None:
    assert rules.problems(message.blocks) == []
    assert not rules.too_long(message.blocks)
    assert 1 <= width(message.text) <= 4_000
    assert "<" not in message.text and ">" not in message.text
    for text in mrkdwn_texts(message.blocks):
        read(text, "many")


def test_a_paragraph_is_a_section() -> None:
    assert only(Paragraph("Clear **it** & go.")) == [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "Clear *it* &amp; go.", "verbatim": True},
            "block_id": f"guichet:{DELIVERY}:0",
        }
    ]


def test_steps_are_numbered_together() -> None:
    assert texts(only(Steps(("Open the *door*.", "Pull.")))) == ["1. Open the _door_.\n2. Pull."]


def test_long_steps_are_parted_between_two_steps() -> None:
    steps = tuple(f"{n} {'word ' * 100}".strip() for n in range(12))
    first, second, *_ = texts(only(Steps(steps)))
    assert first.startswith("1. 0 word") and second.startswith("6. 5 word") and len(first) <= 3_000


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (Language.EN, "Source: <https://kb.example/a_b|Paper *jam* &amp; more> › Rear door · reviewed 12 Oct 2026"),
        (
            Language.FR,
            "Source\u00a0: <https://kb.example/a_b|Paper *jam* &amp; more> › Rear door · relu le 12 oct. 2026",
        ),
    ],
)
def test_a_source_is_linked_and_dated_in_the_readers_language(language: Language, line: str) -> None:
    source = Source("a1", "Paper *jam* & more", date(2026, 10, 12), "https://kb.example/a_b", "Rear **door**")
    (text,) = texts(only(Sources((source,)), language=language))
    assert text.replace("\u2060", "") == line


def test_sources_have_a_line_each_and_no_unsafe_link() -> None:
    items = (Source("a1", "One"), Source("a2", "Two", None, "javascript:alert(1)"))
    (block,) = only(Sources(items))
    assert (block["type"], texts([block])) == ("context", ["Source: One\nSource: Two"])


def test_a_title_that_names_another_address_is_no_link() -> None:
    source = Source("a1", "bank.example: sign in", link="https://evil.example/")
    assert texts(only(Sources((source,)))) == ["Source: bank.example: sign in (<https://evil.example/>)"]


def test_the_organisations_own_sentences_are_used() -> None:
    def say(key: str, language: Language, /, **values: object) -> str:
        return {"slack.source": "Voir", "slack.reviewed": "({date})"}[key].format(**values)

    assert texts(only(Sources((Source("a1", "One", date(2026, 1, 2)),)), say=say)) == ["Voir One · (2 Jan 2026)"]


def test_fields_are_columns_under_a_bold_title() -> None:
    (block,) = only(Fields((("Status", "open"), ("Who", plain("*Ada*")), ("Empty", "")), title="T12"))
    assert block["text"]["text"] == "*T12*"
    assert [one["text"] for one in block["fields"]] == [
        "*Status*\nopen",
        "*Who*\n\u2060*\u2060Ada\u2060*\u2060",
        "*Empty*",
    ]


def test_ten_fields_to_a_section_and_long_values_as_wide_as_the_message() -> None:
    pairs = [(f"Label {n}", str(n)) for n in range(12)]
    blocks = only(Fields((*pairs[:11], ("Summary", "long " * 60), pairs[11]), title="T12"))
    assert [len(block.get("fields", ())) for block in blocks] == [10, 1, 0, 1]
    assert blocks[2]["text"]["text"].startswith("*Summary*\nlong long")


def test_buttons_come_back_with_action_value_and_delivery() -> None:
    first, second = Button("worked", "It **worked**", "a1", "primary"), Button("claim", "Claim", "T12", "danger")
    (block,) = only(Actions((first, second, Button("worked", "Again"))))
    assert delivery_of(block["block_id"]) == DELIVERY
    assert [(one["action_id"], one.get("value"), one.get("style")) for one in block["elements"]] == [
        ("worked:0", "a1", "primary"),
        ("claim:1", "T12", "danger"),
        ("worked:2", None, None),
    ]
    assert [one["text"]["text"] for one in block["elements"]] == ["It worked", "Claim", "Again"]


def test_actions_differ_through_the_whole_message() -> None:
    blocks = only(Actions((Button("a", "A"),)), Paragraph("or"), Actions((Button("a", "B"),)))
    assert [block["elements"][0]["action_id"] for block in blocks if block["type"] == "actions"] == ["a:0", "a:1"]


def test_a_label_too_long_for_a_button_stands_above_it() -> None:
    label = "Where do I find " + "the rear door of the printer " * 4
    text, row = only(Actions((Button("pick", label), Button("none", "None of these"))))
    assert text["text"]["text"] == f"• {label.strip()}"
    assert (
        row["elements"][0]["text"]["text"].startswith("Where do I") and width(row["elements"][0]["text"]["text"]) <= 75
    )


def test_a_button_whose_value_cannot_come_back_whole_is_left_out() -> None:
    (row,) = only(Actions((Button("a", "A", "x" * 2_001), Button("b", "B", "x" * 2_000))))
    assert [one["action_id"] for one in row["elements"]] == ["b:1"]


def test_a_picture_is_shown_if_its_address_is_safe_and_linked_else() -> None:
    (block,) = only(Image("https://kb.example/d.png", "The **door**"))
    assert (block["type"], block["image_url"], block["alt_text"]) == ("image", "https://kb.example/d.png", "The door")
    assert texts(only(Image("http://kb.example/d.png", "The door"))) == ["<http://kb.example/d.png|The door>"]
    assert texts(only(Image("https://kb.example/d.png", "Door"), pictures=False)) == ["<https://kb.example/d.png|Door>"]
    assert texts(only(Image("data:image/png;x", "The door"))) == ["The door"]


def test_files_are_named_with_their_size_or_what_is_wrong() -> None:
    taken, refused = FILE, FileItem(FILE.id, "a_b.exe", "x", 1, "wrong_type")
    (text,) = texts(only(Files((taken, refused))))
    assert text.replace("\u2060", "") == (
        "📎 screen *1*.png · 120\u00a0kB\n📎 a_b.exe · not taken: not a kind of file that is accepted"
    )
    (text,) = texts(only(Files((taken,)), page="https://desk.example"))
    assert text.startswith(f"📎 <https://desk.example/files/{FILE.id}/screen%20%2A1%2A.png|screen")


def test_what_is_hidden_or_not_here_says_what_it_shows() -> None:
    hidden = FileItem(FILE.id, "a.png", "image/png", 0, alternative="a *cut* <!channel>", sensitive=True)
    missing = FileItem(FILE.id, "b.png", "image/png", 0, "in_public", "x" * 400)
    plain_one = FileItem(FILE.id, "c.png", "image/png", 0, alternative="it has this in its own text")
    (text,) = texts(only(Files((hidden, missing, plain_one))))
    first, second, third = text.replace("\u2060", "").splitlines()
    assert first == "📎 a.png · marked as sensitive, not shown by itself · « a *cut* &lt;!channel&gt; »"
    assert second.startswith("📎 b.png · only named: it stands with the public post · « xxx") and len(second) < 300
    assert third == "📎 c.png"


def test_nothing_to_say_is_still_a_message() -> None:
    for blocks in ((), (Paragraph(" \n "),), (Steps(()), Sources(()), Files(()), Fields(()), Actions(()))):
        (message,) = shown(*blocks)
        assert texts(message.blocks) == ["…"]
        assert_sound(message)


def test_every_problem_a_file_can_have_has_words() -> None:
    problems = ("too_large", "wrong_type", "empty", "too_many", "gone", "refused", "unreachable", "in_public")
    for language in Language:
        (text,) = texts(only(Files(tuple(FileItem(FILE.id, "a", "b", 1, one) for one in problems)), language=language))
        assert len(text.splitlines()) == len(problems)


def test_the_text_for_notifications_has_everything_but_marks_and_mentions() -> None:
    (message,) = shown(
        Paragraph("**Hello** [here](https://kb.example) " + plain("<!channel> @Here <@U1>")),
        Fields((("Status", "open"),), title="T12"),
        Actions((Button("a", "Claim"),)),
    )
    assert message.text == "Hello here &lt;!channel&gt; @\u2060Here &lt;@U1&gt;\nT12\nStatus: open\n[Claim]"


def test_a_text_cut_short_ends_in_no_half_escape() -> None:
    for length in range(3, 20):
        cut = shortened("ab" + "&amp;" * 10, length)
        assert width(cut) <= length and cut.endswith("…")
        assert cut.removesuffix("…").replace("&amp;", "").isalpha()
    assert width(fallback(["&" * 3_000])) <= 4_000


def test_what_is_too_long_for_one_message_goes_into_several_with_the_buttons_under_the_last() -> None:
    paragraphs = [Paragraph(f"{n}: " + "A sentence of some length. " * 80) for n in range(12)]
    messages = shown(Actions((Button("a", "A"),)), *paragraphs, Actions((Button("b", "B"),)))
    assert len(messages) > 2
    for message in messages:
        assert_sound(message)
    assert [[block["type"] == "actions" for block in message.blocks].count(True) for message in messages][:-1] == [
        0
    ] * (len(messages) - 1)
    last = messages[-1].blocks
    assert [block["type"] for block in last][-3:] == ["section", "actions", "actions"]
    ids = [block["block_id"] for message in messages for block in message.blocks]
    assert ids == [f"guichet:{DELIVERY}:{n}" for n in range(len(ids))]


def test_fifty_blocks_to_a_message() -> None:
    messages = shown(*(Paragraph(str(n)) for n in range(50)), Actions((Button("a", "A"),)))
    assert [len(message.blocks) for message in messages] == [49, 2]
    assert [block["type"] for block in messages[1].blocks] == ["section", "actions"]


def test_buttons_that_fill_a_message_stand_alone_in_it() -> None:
    buttons = tuple(Button("a", "A", '"' * 1_900) for _ in range(4))
    messages = shown(*(Paragraph('"' * 2_990) for _ in range(3)), Actions(buttons))
    for message in messages:
        assert_sound(message)
    assert [one["action_id"] for block in messages[-1].blocks for one in block.get("elements", ())][-1] == "a:3"


def test_an_edited_message_stays_one_and_keeps_its_buttons() -> None:
    document = Document((*(Paragraph("word " * 500) for _ in range(12)), Actions((Button("a", "A"),))))
    message = rendered_in_one(document, DELIVERY, language=Language.EN)
    assert_sound(message)
    assert texts(message.blocks)[-1] == "…"
    assert message.blocks[-1]["elements"][0]["action_id"] == "a:0"
    short = Document((Paragraph("Short."),))
    assert [rendered_in_one(short, DELIVERY, language=Language.EN)] == rendered(short, DELIVERY, language=Language.EN)
    assert_sound(rendered_in_one(Document(()), DELIVERY, language=Language.EN))


HOSTILE = st.sampled_from(
    ["<!channel>", "<@U012AB3CD>", "*", "_", "~", "`", "&", "\\", '"', "[a](https://kb.example)", "\n", " ", "é", "😀"]
)
SHORT = st.one_of(st.text(max_size=40), st.lists(HOSTILE, max_size=12).map("".join))
LONG = st.builds(lambda text, times: (text * times)[:6_000], SHORT, st.sampled_from([1, 1, 1, 5, 60, 300]))
ADDRESSES = st.sampled_from(["https://kb.example/p.png", "http://kb.example/p.png", "javascript:x", ""])
BUTTONS = st.builds(
    Button,
    st.sampled_from(["worked", "pick", "claim"]),
    LONG,
    st.sampled_from(["", "T12", '"' * 1_999, "x" * 3_000]),
    st.sampled_from(["default", "primary", "danger"]),
)
SOURCES = st.builds(Source, st.just("a1"), SHORT, st.none() | st.dates(), st.none() | ADDRESSES, st.none() | LONG)
FILES = st.builds(FileItem, st.just(FILE.id), LONG, st.just("a/b"), st.integers(0, 10**10), st.none() | st.just("gone"))
BLOCKS = st.one_of(
    st.builds(Paragraph, LONG),
    st.builds(Steps, st.lists(LONG, max_size=8).map(tuple)),
    st.builds(Sources, st.lists(SOURCES, max_size=4).map(tuple)),
    st.builds(Fields, st.lists(st.tuples(SHORT, LONG), max_size=25).map(tuple), LONG),
    st.builds(Actions, st.lists(BUTTONS, max_size=30).map(tuple)),
    st.builds(Image, ADDRESSES, LONG),
    st.builds(Files, st.lists(FILES, max_size=4).map(tuple)),
)
DOCUMENTS = st.builds(Document, st.lists(BLOCKS, max_size=12).map(tuple))


@given(DOCUMENTS, st.sampled_from(list(Language)))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_slack_takes_any_document(document: Document, language: Language) -> None:
    for message in (
        *rendered(document, DELIVERY, language=language),
        rendered_in_one(document, DELIVERY, language=language),
    ):
        assert_sound(message)


@given(st.lists(LONG, max_size=12))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_of_a_text_is_lost_whatever_its_length(written: list[str]) -> None:
    messages = rendered(Document(tuple(Paragraph(plain(text)) for text in written)), DELIVERY, language=Language.EN)
    expected = "".join("".join(clean(text).split()) for text in written)
    assert seen(messages) == (expected or "…")


@given(st.lists(st.tuples(SHORT, LONG), max_size=25), SHORT)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_of_a_card_is_lost(pairs: list[tuple[str, str]], title: str) -> None:
    messages = rendered(Document((Fields(tuple(pairs), title),)), DELIVERY, language=Language.EN)
    expected = "".join(
        "".join(words(spans(text)).split()) for text in (title, *(text for pair in pairs for text in pair))
    )
    assert seen(messages) == (expected or "…")


def test_the_same_document_always_looks_the_same() -> None:
    document = Document((Paragraph("Hello."), Actions((Button("a", "A", "1"),))))
    once, again = (json.dumps(rendered(document, DELIVERY, language=Language.FR)[0].blocks) for _ in range(2))
    assert once == again


def test_the_catalogue_can_be_given() -> None:
    assert rendered(
        Document((Sources((Source("a", "A"),)),)), DELIVERY, language=Language.EN, say=Texts.load()
    ) == shown(Sources((Source("a", "A"),)))
