"""Words of others, fit to be read by many: one short line, with nothing personal, that leaves its neighbours alone."""

import unicodedata
from collections.abc import Collection
from uuid import UUID

from bot.gaps import titled
from bot.ports.storage import UnitOfWork
from bot.public.scanning import known_names, scan
from bot.texts import Texts

_ISOLATE, _POP = "\u2068", "\u2069"  # what stands between them has a direction of its own
_RIGHT_TO_LEFT = ("R", "AL")


class Quotes:
    """Plain text: whoever shows it escapes it."""

    def __init__(self, uow: UnitOfWork, texts: Texts) -> None:
        self._uow = uow
        self._texts = texts

    async def __call__(self, text: str, people: Collection[UUID] = ()) -> str:
        """`people`: Persons whom the words are by or about; each part of their names counts."""
        shown = cleaned(text)
        close = [person.name for person in (await self._uow.people.persons(set(people))).values()]
        names = await known_names(self._uow, self._texts, shown, close)
        line = titled(scan(shown, names=names).masked)
        turns = any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in line)
        return f"{_ISOLATE}{line}{_POP}" if turns else line


def cleaned(text: str) -> str:
    """On one line, signs in their usual form, without those that are not seen."""
    usual = unicodedata.normalize("NFKC", text)
    kept = (" " if sign.isspace() else sign for sign in usual if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join("".join(kept).split())
