from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.mrkdwn import width
from adapters.slack.spans import clean
from adapters.slack.views import (
    ASK_BUTTON,
    SUBMITTED,
    AskBox,
    asked,
    home,
    modal,
    refusal,
    written,
)
from bot.model.documents import Actions, Button, Document, Image, Paragraph
from bot.model.forms import Form, FormField
from bot.model.values import Language
from tests.fakes.slack import blocks as rules

ASK = AskBox("Your question", "What is it about?", "Send")
PRIORITIES = (("", "As it is"), ("low", "Low"), ("high", "High"))
FORM = Form(
    "resolve",
    "Resolve T12",
    "Resolve",
    (
        FormField(
            "message",
            "What was done",
            "text",
            "Replaced the *roller*.\nIt prints.",
            longest=1_000,
            hint="They read it.",
        ),
        FormField("cause", "Cause", required=False),
        FormField("priority", "Priority", "choice", "high", PRIORITIES),
    ),
    Language.EN,
    intro="**T12**: it jams & jams",
)


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def sent(view: dict[str, Any], **typed: str) -> dict[str, Any]:
    """The view as Slack sends it back: with what stood in it, and what was typed or chosen instead."""
    values: dict[str, dict[str, Any]] = {}
    for block_id, block in fields(view).items():
        element = block["element"]
        name = block_id.partition(":")[2]
        if element["type"] == "static_select":
            options = element.get("options") or [one for group in element["option_groups"] for one in group["options"]]
            chosen = next(
                (one for one in options if one["text"]["text"] == typed.get(name)), element.get("initial_option")
            )
            entry = {"type": element["type"], "selected_option": chosen}
        else:
            entry = {"type": element["type"], "value": typed.get(name, element.get("initial_value"))}
        values[block_id] = {element["action_id"]: entry}
    return {**view, "id": "V1", "state": {"values": values}}


def test_a_form_is_a_modal_with_what_stands_in_it() -> None:
    view = modal(FORM, "T12|resolve", close="Cancel")
    assert rules.view_problems(view) == []
    assert (view["callback_id"], view["private_metadata"]) == (SUBMITTED, "T12|resolve")
    assert [view[name]["text"] for name in ("title", "submit", "close")] == ["Resolve T12", "Resolve", "Cancel"]
    intro, message, cause, priority = view["blocks"]
    assert intro["text"]["text"] == "*T12*: it jams &amp; jams"
    assert message["label"]["text"] == "What was done" and message["hint"]["text"] == "They read it."
    assert message["element"]["multiline"] and message["element"]["max_length"] == 1_000
    assert message["element"]["initial_value"] == "Replaced the *roller*.\nIt prints."
    assert cause["optional"] and not cause["element"]["multiline"] and "initial_value" not in cause["element"]
    assert priority["element"]["initial_option"]["value"] == "high"
    assert priority["element"]["initial_option"] in priority["element"]["options"]


def test_what_stood_there_comes_back_untouched() -> None:
    assert written(sent(modal(FORM, "", close="Cancel"))) == {
        "message": "Replaced the *roller*.\nIt prints.",
        "cause": "",
        "priority": "high",
    }


def test_what_was_written_comes_back_by_the_names_of_the_fields() -> None:
    view = sent(modal(FORM, "", close="Cancel"), message="Done <!channel> & so on", cause="wear", priority="As it is")
    assert written(view) == {"message": "Done <!channel> & so on", "cause": "wear", "priority": ""}


@pytest.mark.parametrize(
    "view",
    [{}, {"state": None}, {"state": {"values": None}}, {"state": {"values": {"field:a": None, "other": {}}}}],
)  # fmt: skip
def test_a_view_without_entries_has_nothing_written(view: dict[str, Any]) -> None:
    assert written(view) == {} and asked(view) == ""


def test_an_entry_of_another_shape_is_empty() -> None:
    entries = {"field:a": {"entry": {"value": None}}, "field:b": {"entry": {"selected_option": None}}, "field:c": {}}
    assert written({"state": {"values": entries}}) == {"a": "", "b": "", "c": ""}


def test_problems_stand_at_their_fields() -> None:
    view = sent(modal(FORM, "", close="Cancel"))
    assert refusal({"message": "Say what **was done**.", "priority": "Choose \\*one\\*."}, view) == {
        "response_action": "errors",
        "errors": {"field:message": "Say what was done.", "field:priority": "Choose *one*."},
    }


def test_a_problem_of_no_field_stands_at_the_first_so_that_the_form_stays_open() -> None:
    view = sent(modal(FORM, "", close="Cancel"))
    assert refusal({"": "Not now.", "message": "Too short."}, view)["errors"] == {
        "field:message": "Not now. Too short."
    }
    assert refusal({"": "Not now."}, {"state": view["state"]})["errors"] == {"field:message": "Not now."}


def test_labels_are_cut_to_what_slack_shows() -> None:
    form = Form("x", "A title that goes on and on", "A label that goes on and on", (FormField("a", "A"),), Language.EN)
    view = modal(form, "", close="A label that goes on and on, too")
    assert rules.view_problems(view) == []
    assert view["title"]["text"] == "A title that goes on an…"


def test_metadata_that_slack_would_not_keep_is_refused() -> None:
    assert rules.view_problems(modal(FORM, "x" * 3_000, close="Cancel")) == []
    with pytest.raises(ValueError, match="3000"):
        modal(FORM, "x" * 3_001, close="Cancel")


def test_more_fields_than_a_view_holds_are_refused() -> None:
    form = Form("x", "T", "S", tuple(FormField(str(n), "L") for n in range(101)), Language.EN)
    with pytest.raises(ValueError, match="101"):
        modal(form, "", close="Cancel")


def test_a_long_list_is_grouped_and_every_choice_can_be_made() -> None:
    options = tuple((f"c{n}", f"Category {n}") for n in range(250))
    view = modal(
        Form("x", "T", "S", (FormField("c", "C", "choice", "c249", options),), Language.EN), "", close="Cancel"
    )
    assert rules.view_problems(view) == []
    (block,) = view["blocks"]
    groups = block["element"]["option_groups"]
    assert [len(group["options"]) for group in groups] == [100, 100, 50]
    assert groups[0]["label"]["text"] == "Category 0 – Category 99"
    assert written(sent(view)) == {"c": "c249"}
    assert written(sent(view, c="Category 120")) == {"c": "c120"}


def test_a_choice_without_options_can_be_written() -> None:
    for options in ((), (("x" * 151, "too long to be sent"),)):
        field = FormField("c", "C", "choice", "v", options)
        view = modal(Form("x", "T", "S", (field,), Language.EN), "", close="Cancel")
        assert view["blocks"][0]["element"]["type"] == "plain_text_input"
        assert written(sent(view)) == {"c": "v"}


def test_the_home_has_the_box_and_the_document_below_it() -> None:
    document = Document((Paragraph("**Your tickets**"), Actions((Button("show", "T12", "T12"),))))
    view = home(document, ASK, language=Language.EN)
    assert rules.view_problems(view) == []
    box, send, text, row = view["blocks"]
    assert (box["label"]["text"], box["element"]["placeholder"]["text"]) == ("Your question", "What is it about?")
    assert send["elements"][0]["action_id"] == ASK_BUTTON
    assert text["text"]["text"] == "*Your tickets*"
    assert row["elements"][0]["action_id"] == "show:0"


def test_the_question_is_read_from_the_box_and_a_new_box_is_empty() -> None:
    view = home(Document(()), ASK, language=Language.EN)
    box = view["blocks"][0]
    entry = {box["element"]["action_id"]: {"type": "plain_text_input", "value": " Where is it? "}}
    assert asked({**view, "state": {"values": {box["block_id"]: entry}}}) == "Where is it?"
    assert asked({**view, "state": {"values": {box["block_id"]: {"entry": {"value": None}}}}}) == ""
    again = home(Document(()), AskBox("Your question", "", "Send", "1"), language=Language.EN)
    assert rules.view_problems(again) == []
    assert again["blocks"][0]["block_id"] != box["block_id"]


def test_a_full_home_says_that_there_is_more() -> None:
    view = home(Document(tuple(Paragraph(str(n)) for n in range(150))), ASK, language=Language.EN)
    assert rules.view_problems(view) == []
    assert len(view["blocks"]) == 100 and view["blocks"][-1]["text"]["text"] == "…"


def test_pictures_are_links_in_the_home() -> None:
    view = home(Document((Image("https://kb.example/p.png", "Door"),)), ASK, language=Language.EN)
    assert view["blocks"][2]["text"]["text"] == "<https://kb.example/p.png|Door>"


TEXT = st.one_of(st.text(max_size=60), st.builds(lambda text, times: text * times, st.text(max_size=20), st.just(200)))
OPTIONS = st.lists(st.tuples(st.text(max_size=200), TEXT), max_size=8).map(tuple)
FIELDS = st.builds(
    FormField,
    st.just("f"),
    TEXT,
    st.sampled_from(["line", "text", "choice"]),
    TEXT,
    OPTIONS,
    st.booleans(),
    st.integers(1, 5_000),
    TEXT,
)


@given(TEXT, FIELDS, TEXT)
@settings(deadline=None)
def test_slack_takes_any_form(text: str, field: FormField, intro: str) -> None:
    view = modal(Form("x", text, text, (field,), Language.FR, intro=intro), "", close=text)
    assert rules.view_problems(view) == []
    back = written(sent(view))["f"]
    if field.kind == "text" and width(field.value) <= min(field.longest, 3_000):
        assert back == clean(field.value)


@given(TEXT, TEXT)
@settings(deadline=None)
def test_slack_takes_any_home(text: str, label: str) -> None:
    document = Document((Paragraph(text), Actions((Button("a", label, "v"),))))
    assert rules.view_problems(home(document, AskBox(label, text, label), language=Language.FR)) == []
