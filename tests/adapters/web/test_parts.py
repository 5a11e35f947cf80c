"""Translation, mark-up and histories: pure functions."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.web import show
from adapters.web.history import items_of
from adapters.web.markup import inline, prose
from adapters.web.places import Role, Visitor, WebDesk, demonstrated_name
from adapters.web.translate import clean, commanded, form_id_of, is_form_id, native_id, pressed, said
from bot.model.conversations import Message
from bot.model.documents import Document, Paragraph, plain
from bot.model.ids import new_id
from bot.model.messages import ConversationRef
from bot.model.values import Audience, Language
from bot.texts import CATALOGUES, read_catalogue

AT = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
ADA = Visitor("s.public", Role.PUBLIC, "Ada", Language.FR)
TEMPLATES = Path(show.__file__).parent / "templates"
ALLOWED = {"a", "br", "code", "em", "li", "p", "strong", "ul"}


# What is said


def test_words_and_presses_carry_who_where_and_for_whom() -> None:
    message = said(ADA, "hello", "form-0001", AT)
    assert (message.private, message.audience, message.author.locale) == (True, Audience.PUBLIC, "fr")
    click = pressed(ADA, "pick", "a|b", "form-0001", AT)
    assert (click.action, click.value, click.conversation) == ("pick", "a|b", message.conversation)
    assert click.key != message.key
    assert form_id_of(click.key.native_id) == form_id_of(message.key.native_id) == "form-0001"


def test_a_technician_speaks_in_the_desk_and_asks_in_a_chat() -> None:
    grace = replace(ADA, role=Role.TECHNICIAN)
    command = commanded(grace, "/ticket claim T1", "form-0001", AT, Language.FR)
    desk = WebDesk()
    assert desk.contains(command.conversation) and not desk.contains(grace.chat)
    assert command.conversation not in desk.rooms, "answers to one are not announced to all"
    assert command.language is Language.FR
    assert WebDesk(on=False).rooms == () and WebDesk(on=False).contains(command.conversation)


def test_the_same_form_is_the_same_message_unless_its_words_are_others() -> None:
    assert native_id("form-0001", "a") == native_id("form-0001", "a") != native_id("form-0001", "b")
    assert [is_form_id(one) for one in ("a" * 32, "short", "with space..", "x" * 65, "é" * 10)] == [True, *[False] * 4]


@given(st.text())
def test_what_is_passed_on_can_be_stored(text: str) -> None:
    kept = clean(text)
    kept.encode()
    assert "\x00" not in kept and "\x1b" not in kept
    assert clean(kept) == kept


def test_line_ends_of_forms_are_newlines() -> None:
    assert clean("one\r\ntwo\rthree\tfour\x00") == "one\ntwo\nthree\tfour"


def test_a_demonstration_has_people_with_names_that_stay() -> None:
    names = {demonstrated_name(f"{number}", Role.EMPLOYEE) for number in range(200)}
    assert len(names) > 5
    assert demonstrated_name("a", Role.TECHNICIAN) == demonstrated_name("a", Role.TECHNICIAN)


# Mark-up


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** _soft_ `a < b`", "<strong>bold</strong> <em>soft</em> <code>a &lt; b</code>"),
        (plain("**not** <b> [a](b)"), "**not** &lt;b&gt; [a](b)"),
        ("&lt; &amp;", "&amp;lt; &amp;amp;"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("[x](//evil.example)", "x"),
        ("![x](https://evil.example)", None),
        (
            "[k](https://kb.example?a=1&b=%22)",
            '<a href="https://kb.example?a=1&amp;b=%22" target="_blank" rel="noopener noreferrer">k</a>',
        ),
    ],
)
def test_inline_markdown(text: str, html: str | None) -> None:
    shown = inline(text)
    assert "<img" not in shown
    if html is not None:
        assert shown == html


def test_paragraphs_lines_and_lists() -> None:
    shown = prose("one\ntwo\n\nbefore:\n• a\n• b\nafter")
    assert [tag.name for tag in BeautifulSoup(shown, "html.parser").find_all(["p", "ul", "li"])] == [
        *("p", "p", "ul", "li", "li", "p")
    ]
    assert "one<br>two" in shown


@given(st.text(alphabet=st.sampled_from("ab<>&\"'`*_[]()!#\\/:\n •-https javascript{}%")))
@settings(max_examples=500, deadline=None)
def test_no_text_becomes_an_element_that_is_not_meant(text: str) -> None:
    found = BeautifulSoup(f"<p>{prose(text)}</p>", "html.parser")
    for tag in found.find_all(True):
        assert tag.name in ALLOWED
        assert set(tag.attrs) <= {"href", "target", "rel", "dir"}
        assert str(tag.get("href", "https://")).lower().startswith(("http://", "https://", "mailto:", "tel:"))


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_what_a_person_wrote_reads_as_they_wrote_it(text: str) -> None:
    line = " ".join(clean(text).split())
    assert BeautifulSoup(f"<p>{inline(plain(line))}</p>", "html.parser").get_text().split() == line.split()


# Histories


def said_by_bot(text: str, native: str | None, **fields: object) -> Message:
    document = Document((Paragraph(text),))
    return replace(Message(new_id(), "bot", text, AT, native_id=native, document=document), **fields)  # type: ignore[arg-type]


def test_a_history_shows_what_was_delivered_and_the_latest_of_what_was_edited() -> None:
    question = Message(new_id(), "person", "*hello*", AT, native_id="form-0001:abc")
    items = items_of(
        [
            question,
            said_by_bot("first", "7", in_reply_to=question.id),
            said_by_bot("not yet delivered", None),
            Message(new_id(), "person", "[It worked]", AT, native_id="click-form-0002:abc"),
            Message(new_id(), "person", "taken back", AT, native_id="form-0003:abc", deleted=True),
            said_by_bot("second", "7"),
        ]
    )
    assert [(item.id, item.document.text, item.edited, item.is_click) for item in items] == [
        ("p-form-0001:abc", "*hello*", False, False),
        ("d-7", "second", True, False),
        ("p-click-form-0002:abc", "It worked", False, True),
    ]


def test_times_are_the_readers() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert show.moment(AT, Language.EN, paris, AT) == "10:05"
    assert show.moment(AT, Language.FR, paris, AT.replace(day=21)) == "20 nov., 10:05"
    assert show.age(AT, Language.EN, AT.replace(hour=12)) == "3 hr"


# Templates


def test_templates_say_nothing_that_is_not_in_the_catalogues() -> None:
    import re

    keys = read_catalogue(CATALOGUES / "en.po")
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text(encoding="utf-8")
        for key in re.findall(r"""(?:\bt|words)\(["']([a-z_.]+[a-z])["'][,)]""", text):
            assert key in keys, f"{template.name}: {key}"
        for start in re.findall(r"""(?:\bt|words)\(["']([a-z_.]+\.)["'] ~""", text):
            assert any(key.startswith(start) for key in keys), f"{template.name}: {start}"
        assert "|safe" not in text.replace(" ", ""), f"{template.name}: everything is escaped"


def test_every_event_has_a_name() -> None:
    keys = read_catalogue(CATALOGUES / "en.po")
    kinds = "opened claimed released waiting replied noted detail_added resolved reopened closed".split()
    assert {f"web.event.{kind}" for kind in kinds} <= keys.keys()


def test_rooms_are_not_each_others() -> None:
    other = replace(ADA, key="t.public")
    assert len({ADA.chat, other.chat, ADA.commands, other.commands}) == 4
    assert not WebDesk().contains(ConversationRef("console", "web", "desk"))
