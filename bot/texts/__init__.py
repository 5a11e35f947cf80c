"""Every sentence the desk says, in French and English, from the catalogues beside this file.

A catalogue is a gettext `.po` file whose msgids are keys such as `ticket.claimed`. An organisation overrides single
sentences with catalogues of its own (`GUICHET_TEXTS`, a folder with `fr.po` and `en.po`).
"""

import re
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

from bot.errors import SettingsError
from bot.model.documents import plain
from bot.model.values import Language
from bot.understanding.normalise import fold

CATALOGUES = Path(__file__).parent
_WORD = re.compile(r"[^\W\d_]+")


class Inline(str):
    """Text that is inline Markdown on purpose, such as an article's: not escaped when put into a sentence."""

    __slots__ = ()


def code(typed: str) -> Inline:
    """What is to be typed as it stands. Adapters know commands by this: where one is typed otherwise, they say so."""
    return Inline(plain(typed) if "`" in typed else f"`{typed}`")


class Texts:
    """`texts("ticket.claimed", Language.FR, name="Ada")`: the sentence, with its values put in.

    Values are escaped, so that nothing a person wrote becomes mark-up, unless they are `Inline`. Raises KeyError for a
    key that no catalogue has.
    """

    def __init__(self, catalogues: dict[Language, dict[str, str]]) -> None:
        self._catalogues = catalogues
        self._words: frozenset[str] | None = None

    @classmethod
    def load(cls, overrides: Path | None = None) -> "Texts":
        """Read the catalogues, and those of `overrides`, a folder.

        Raises SettingsError if that is no folder, or if one of its catalogues cannot be read or names an unknown key.
        """
        if overrides and not overrides.is_dir():
            raise SettingsError(f"GUICHET_TEXTS: {overrides} is not a folder")
        catalogues = {language: dict(_shipped(language)) for language in Language}
        for language in Language if overrides else ():
            if (file := (overrides or CATALOGUES) / f"{language}.po").exists():
                own = read_catalogue(file)
                check_override(file, own, catalogues[language])
                catalogues[language] |= own
        return cls(catalogues)

    def __call__(self, key: str, language: Language, /, **values: object) -> str:
        shown = {
            name: value if isinstance(value, Inline) or not isinstance(value, str) else plain(value)
            for name, value in values.items()
        }
        return self._catalogues[language][key].format_map(shown)

    def plain(self, key: str, language: Language, /, **values: object) -> str:
        """The same without escaping: for text that is stored as plain text and escaped when it is shown."""
        return self._catalogues[language][key].format_map(values)

    def typed(self, command: str, language: Language, /, *rest: str) -> Inline:
        """How a command is typed in that language, as its usage line begins: `kb.review` is `/kb relire`, as code."""
        words = self._catalogues[language][f"command.{command}.usage"].split()
        return code(" ".join([*words[:2], *rest]))

    def words(self) -> frozenset[str]:
        """The everyday words: those that its sentences have in lower case, folded."""
        if self._words is None:
            sentences = (sentence for catalogue in self._catalogues.values() for sentence in catalogue.values())
            found = {word for sentence in sentences for word in _WORD.findall(sentence) if word.islower()}
            self._words = frozenset(map(fold, found))
        return self._words

    def has(self, key: str) -> bool:
        return key in self._catalogues[Language.EN]


@cache
def _shipped(language: Language) -> dict[str, str]:
    """The product's own catalogue, the same for all of a process."""
    return read_catalogue(CATALOGUES / f"{language}.po")


def check_override(file: Path, own: dict[str, str], shipped: dict[str, str]) -> None:
    """Raises SettingsError if an organisation's catalogue has a key or a placeholder that guichet does not know."""
    for key, text in own.items():
        if key not in shipped:
            raise SettingsError(f"GUICHET_TEXTS: {file} has a key that guichet does not know: {key}")
        try:
            unknown = placeholders(text) - placeholders(shipped[key])
        except ValueError as error:
            raise SettingsError(f"GUICHET_TEXTS: {file}: {key}: {error}") from error
        if unknown:
            raise SettingsError(f"GUICHET_TEXTS: {file}: {key} has no placeholder {sorted(unknown)}")


def placeholders(text: str) -> set[str]:
    """The names in braces. Raises ValueError for a stray brace."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def read_catalogue(file: Path) -> dict[str, str]:
    """Key -> sentence of one `.po` file. Raises SettingsError if it cannot be read."""
    try:
        with file.open("rb") as source:
            catalogue = read_po(source, abort_invalid=True)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: not a readable message catalogue ({error})") from error
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
