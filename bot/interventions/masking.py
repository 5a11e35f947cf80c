"""Personal data taken out of a write-up: others read it than those it was said to.

What has a shape of its own (addresses, numbers, secrets) is found by its shape. Names are found by knowing them: of
those who have to do with the ticket each part of the name counts, of their colleagues only the whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.model.tickets import Ticket
from bot.ports.storage import UnitOfWork
from bot.understanding.entities import masked_identifiers
from bot.understanding.names import NO_NAMES, WORDS_TOO, Names
from bot.understanding.normalise import fold
from bot.understanding.personal import without_named_people
from bot.understanding.secrets import MASK, mask

_HANDLE = re.compile(r"(?<![\w@/.+-])@[\w][\w.-]{1,30}(?<![.-])")


@dataclass(frozen=True, slots=True)
class Masker:
    """`close`: the names of those on the ticket; `others`: of people who may be named in passing; `literals`: (kind,
    text) of what is known to be personal whatever its shape, such as a serial number."""

    close: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    literals: tuple[tuple[str, str], ...] = ()
    _names: Names = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", Names(self.close, self.others))

    def __call__(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text with MASK in place of each finding, and the kinds found: email, phone, serial, name, and those of
        secrets."""
        found = mask(text)
        kinds = [secret.kind for secret in found.secrets]
        text = found.text
        for kind, literal in self.literals:
            pattern = rf"(?i)(?<!\w){re.escape(literal)}(?!\w)"
            text, count = re.subn(pattern, MASK, text)
            kinds += [kind] * bool(count)
        text, more = masked_identifiers(text)
        kinds += more
        hidden = without_named_people(self._without_names(_HANDLE.sub(MASK, text)))
        kinds += ["name"] * (hidden != text)
        return hidden, tuple(dict.fromkeys(kinds))

    def all_of(self, texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The same of several texts."""
        done = [self(text) for text in texts]
        return tuple(text for text, _ in done), tuple(dict.fromkeys(kind for _, kinds in done for kind in kinds))

    def _without_names(self, text: str) -> str:
        kept: list[str] = []
        at = 0
        for start, end in self._names.spans(text):
            kept += [text[at:start], MASK]
            at = end
        return "".join([*kept, text[at:]])


async def masker_for(uow: UnitOfWork, ticket: Ticket) -> Masker:
    """Knows the asker, the technicians, whoever did something on the ticket, and the asker's colleagues."""
    events, notes = await uow.tickets.events(ticket.id), await uow.tickets.notes(ticket.id)
    technicians = [one.person_id for one in await uow.people.technicians()]
    actors = {event.actor_id for event in events if event.actor_id} | {note.author_id for note in notes}
    close = await uow.people.persons({ticket.asker_id, *actors, *technicians})
    asker = close.get(ticket.asker_id)
    colleagues = await uow.people.colleagues(asker.company_id) if asker and asker.company_id else []
    serials = {*ticket.entities.serials, *(one.serial for one in await uow.people.devices(ticket.asker_id))}
    logins = {one.email.partition("@")[0] for one in close.values() if one.email}
    known = (
        *(("serial", serial) for serial in serials if serial),
        *(("phone", phone) for phone in ticket.entities.phones),
        *(("email", email) for email in ticket.entities.emails),
        *(("name", login) for login in logins if len(login) > 3 and fold(login) not in NO_NAMES | WORDS_TOO),
    )
    return Masker(
        tuple(one.name for one in close.values()), tuple(one.name for one in colleagues), tuple(sorted(known))
    )
