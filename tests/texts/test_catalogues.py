"""Both catalogues say the same things, with the same placeholders, and every key that code uses is there."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.commands.catalogue import COMMANDS
from bot.errors import SettingsError
from bot.model.values import ClosedReason, Language, TicketStatus, Urgency
from bot.sla.policy import KINDS
from bot.texts import CATALOGUES, Inline, Texts, placeholders, read_catalogue
from bot.tickets.opening import AT_LEAST_HIGH

ROOT = Path(__file__).parents[2]
ENGLISH = read_catalogue(CATALOGUES / "en.po")
FRENCH = read_catalogue(CATALOGUES / "fr.po")
KEY = re.compile(r"^[a-z_]+(\.[a-z_]+)*\.[a-z_]*[a-z]$")
LONGEST_BUTTON = 75  # characters, of a label on Slack, the strictest platform
LONGEST_TEXT = 500  # characters, of a post on Mastodon

SPEAKS = ("say", "paragraph", "document", "chat", "texts", "plain", "tell_desk", "with_fields", "choices", "_note")


def test_both_languages_have_the_same_keys() -> None:
    assert ENGLISH.keys() == FRENCH.keys()


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_both_languages_have_the_same_placeholders(key: str) -> None:
    assert placeholders(ENGLISH[key]) == placeholders(FRENCH[key])
    assert "" not in placeholders(ENGLISH[key]), "placeholders have names"


@pytest.mark.parametrize("catalogue", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_sentences_fit_the_platforms(catalogue: dict[str, str]) -> None:
    assert [key for key, text in catalogue.items() if key.startswith("button.") and len(text) > LONGEST_BUTTON] == []
    told = {key: text for key, text in catalogue.items() if not key.startswith("trace.")}
    assert [key for key, text in told.items() if len(text) > LONGEST_TEXT] == []


@pytest.mark.parametrize("catalogue", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_commands_in_sentences_are_code(catalogue: dict[str, str]) -> None:
    """By that adapters know them, where they are typed in another way."""
    said = {
        key: text for key, text in catalogue.items() if not key.endswith(".usage") and not key.startswith("console.")
    }
    bare = {key: re.sub(r"`[^`\n]+`|[“«][^”»]*[”»]", "", text) for key, text in said.items()}
    assert [key for key, text in bare.items() if re.search(r"(?<!\w)/(?:ticket|kb|desk)\b", text)] == []


def test_french_is_spelt_as_french_is() -> None:
    """A no-break space before : ; ? ! and inside « », and typographic apostrophes."""
    wrong = [key for key, text in FRENCH.items() if re.search(r"[^\s\u00a0\u202f/(] ?[;?!](?=\s|$)|« | »|\w'\w", text)]
    allowed = [key for key in wrong if not re.search(r"[\u00a0\u202f][;?!]", FRENCH[key])]
    assert allowed == []


def used_keys() -> set[str]:
    """String literals that look like keys, given to something that speaks, anywhere in the product."""
    found: set[str] = set()
    for package in ("bot", "adapters", "jobs"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if name in SPEAKS:
                        found |= {
                            each.value
                            for argument in node.args
                            for each in ast.walk(argument)
                            if isinstance(each, ast.Constant) and isinstance(each.value, str) and KEY.match(each.value)
                        }
    return found


def test_every_key_that_code_uses_is_in_the_catalogues() -> None:
    used = used_keys()
    assert len(used) > 60, "the search for keys still finds them"
    assert used - ENGLISH.keys() == set()


def test_every_value_has_its_words() -> None:
    wanted = {f"status.{status}" for status in TicketStatus} | {f"priority.{level}" for level in Urgency}
    wanted |= {f"closed_reason.{reason}" for reason in ClosedReason}
    wanted |= {f"status.next.{status}" for status in TicketStatus}
    for reason in (*AT_LEAST_HIGH, "asked", "failed_attempts"):
        wanted |= {f"ticket.opened.{reason}", f"because.{reason}"}
    for kind in KINDS:
        wanted |= {f"field.sla.{kind}", f"sla.warning.{kind}", f"sla.breach.{kind}"}
    wanted |= {f"sla.then.{who}" for who in ("lead", "admin", "both")}
    wanted |= {f"sla.acts.{who}" for who in ("you", "assignee", "nobody")}
    for command in COMMANDS:
        wanted |= {command.key, f"{command.key}.usage"}
    assert wanted - ENGLISH.keys() == set()


def test_what_a_person_wrote_is_escaped_and_inline_markdown_is_not() -> None:
    texts = Texts.load()
    assert "\\*eve\\*" in texts("reply.from", Language.EN, name="*eve*", reference="T1")
    assert "*eve*" in texts("reply.from", Language.EN, name=Inline("*eve*"), reference="T1")
    assert "\\" not in texts.plain("reply.from", Language.EN, name="*eve*", reference="T1")


def test_an_organisation_overrides_single_sentences(tmp_path: Path) -> None:
    (tmp_path / "fr.po").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "chat.thanks"\nmsgstr "À ton service !"\n', encoding="utf-8"
    )
    texts = Texts.load(tmp_path)
    assert texts("chat.thanks", Language.FR) == "À ton service !"
    assert texts("chat.thanks", Language.EN) == ENGLISH["chat.thanks"]
    assert texts("chat.settled", Language.FR) == FRENCH["chat.settled"]


def test_an_override_of_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "chat.thx"\nmsgstr "x"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"GUICHET_TEXTS.*chat\.thx"):
        Texts.load(tmp_path)


@pytest.mark.parametrize("make", [lambda path: None, Path.touch], ids=["missing", "file"])
def test_a_folder_of_overrides_that_is_none_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "texts")
    with pytest.raises(SettingsError, match=r"GUICHET_TEXTS: .*texts is not a folder"):
        Texts.load(tmp_path / "texts")


def test_an_override_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_bytes(b"msgid \xff\xfe broken")
    with pytest.raises(SettingsError, match=r"en\.po"):
        Texts.load(tmp_path)


def test_an_override_with_another_placeholder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "ticket.confirmed"\nmsgstr "Bye {nobody}"\n', encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=r"ticket\.confirmed"):
        Texts.load(tmp_path)
