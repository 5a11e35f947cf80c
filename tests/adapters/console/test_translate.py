from datetime import UTC, datetime

import pytest

from adapters.console.speaker import LocalUser, Speaker, local_user, locale_tag, room_of
from adapters.console.translate import LONGEST, Offer, Press, Quit, Say, Switch, event, read
from bot.model.documents import Button
from bot.model.messages import ConversationRef, IncomingClick, IncomingMessage
from bot.model.values import Audience

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
YES, NO = Button("yes", "Yes", "1"), Button("no", "No", "2")
OFFER = Offer("terminal-1/3", (YES, NO))


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("", None),
        ("  \t\x00\x1b[0m ", None),
        ("/quit", Quit()),
        (" /EXIT ", Quit()),
        ("/quit smoking", Say("/quit smoking")),
        ("/as technician", Switch(Speaker.TECHNICIAN)),
        ("/as Technicien", Switch(Speaker.TECHNICIAN)),
        ("/as employé", Switch(Speaker.EMPLOYEE)),
        ("/as", Switch(None)),
        ("/as the boss", Switch(None)),
        ("/assign T1", Say("/assign T1")),
        ("/ticket claim T1", Say("/ticket claim T1")),
        ("1", Press(YES, None)),
        (" 2 ", Press(NO, None)),
        ("3", Say("3")),
        ("0", Say("0")),
        ("²", Say("²")),
        ("١", Say("١")),
        ("1" * 5000, Say("1" * 5000)),
        ("2 printers", Say("2 printers")),
        ("two\nlines", Say("two\nlines")),
        ("a\x00b\r", Say("ab")),
        ("é" * 10_000, Say("é" * LONGEST)),
    ],
)
def test_what_a_line_means(line: str, meaning: object) -> None:
    assert read(line, OFFER) == meaning


def test_a_number_is_text_where_no_button_was_shown() -> None:
    assert read("1", None) == Say("1")


def test_a_message_is_private_internal_and_new_each_time() -> None:
    ada = LocalUser("ada", "Ada Lovelace", "en-GB")
    room = room_of(Speaker.TECHNICIAN, "terminal-1", "ignored")
    author = ada.identity(Speaker.TECHNICIAN)
    first, second = (event(Say("/ticket list"), room, author, NOW) for _ in range(2))
    assert isinstance(first, IncomingMessage)
    assert room == ConversationRef("console", "terminal-1", "desk", None)
    assert (first.private, first.audience, first.sent_at) == (True, Audience.INTERNAL, NOW)
    assert (first.author.native_id, first.author.account) == ("ada@desk", "local")
    assert first.author.name == "Ada Lovelace (desk)"
    assert first.key != second.key


def test_a_click_is_of_a_kind_of_its_own() -> None:
    room = room_of(Speaker.EMPLOYEE, "terminal-1", "run")
    click = event(Press(NO, None), room, LocalUser("ada", "Ada").identity(Speaker.EMPLOYEE), NOW)
    assert isinstance(click, IncomingClick)
    assert room == ConversationRef("console", "terminal-1", "chat", "run")
    assert (click.key.kind, click.action, click.value, click.author.native_id) == ("click", "no", "2", "ada")


@pytest.mark.parametrize(
    ("environ", "tag"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr-FR"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "fr_CA"}, "fr-CA"),
        ({"LANG": "ca_ES@valencia"}, "ca-ES"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "C.UTF-8"}, None),
        ({"LANG": "POSIX"}, None),
        ({"LANG": ""}, None),
        ({}, None),
    ],
)
def test_the_language_of_the_session(environ: dict[str, str], tag: str | None) -> None:
    assert locale_tag(environ) == tag


def test_the_local_user_has_a_name() -> None:
    user = local_user({"LANG": "fr_FR.UTF-8"})
    assert user.login and user.name
    assert user.locale == "fr-FR"


def test_a_user_without_an_entry_has_a_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    user = local_user({})
    assert user == LocalUser("user-4000000", "user-4000000", None)
