"""Personal data taken out of a write-up: others read it than those it was said to.

What has a shape of its own (addresses, numbers, secrets) is found by its shape. Names are found by knowing them: of
those who have to do with the ticket each part of the name counts, of their colleagues only the whole.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.model.tickets import Ticket
from bot.ports.storage import UnitOfWork
from bot.understanding.entities import masked_identifiers
from bot.understanding.normalise import fold
from bot.understanding.personal import without_named_people
from bot.understanding.secrets import MASK, mask

_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[\s.,'’-]{1,3}")  # what may stand between the parts of a name
_HANDLE = re.compile(r"(?<![\w@/.+-])@[\w][\w.-]{1,30}(?<![.-])")
_PARTICLES = frozenset(["van", "von", "der", "den", "del", "des", "les", "dos", "ben", "bin", "the", "mrs", "mme"])
# Names that are everyday words: in lower case the word is meant.
_WORDS_TOO = frozenset(
    "all april art aurore bill blanche can chance christian claire dawn drew eve faith florence frank grace grant guy"
    " harmony hope iris ivy jack jean joy june lou mai marc marine mark martin max may melody mercy min olive page pat"
    " pearl penny pierre prudence ray reine rich rob rose ruby rusty sandy serge sky son sue summer victor violet"
    " will baker black blanc brown cook field gold grand green hall hill king long lord marchand mason miller moon noir"
    " noel petit price reed roux short stone vert white wood young".split()
)
# What a person is called who has not said their name.
_NO_NAMES = frozenset(
    "you vous me moi user utilisateur visitor visiteur technician technicien employee employe guest invite support"
    " admin desk console guichet bot it test".split()
)


@dataclass(frozen=True, slots=True)
class Masker:
    """`close`: the names of those on the ticket; `others`: of people who may be named in passing; `literals`: (kind,
    text) of what is known to be personal whatever its shape, such as a serial number."""

    close: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    literals: tuple[tuple[str, str], ...] = ()
    _names: dict[str, list[tuple[str, ...]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sequences = {part for name in self.close for part in _sequences(name, parts=True)}
        sequences |= {part for name in self.others for part in _sequences(name, parts=False)}
        names: dict[str, list[tuple[str, ...]]] = {}
        for sequence in sorted(sequences, key=len, reverse=True):
            names.setdefault(sequence[0], []).append(sequence)
        object.__setattr__(self, "_names", names)

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
        words = list(_WORD.finditer(text))
        folded = [fold(word.group()) for word in words]
        kept: list[str] = []
        at = position = 0
        while position < len(words):
            length = self._name_at(text, words, folded, position)
            if length:
                kept += [text[at : words[position].start()], MASK]
                at = words[position + length - 1].end()
            position += length or 1
        return "".join([*kept, text[at:]])

    def _name_at(self, text: str, words: Sequence[re.Match[str]], folded: Sequence[str], position: int) -> int:
        """How many words from here on are a name; the longest one counts."""
        for sequence in self._names.get(folded[position], ()):
            end = position + len(sequence)
            if tuple(folded[position:end]) != sequence or not all(
                _BETWEEN.fullmatch(text, one.end(), other.start())
                for one, other in zip(words[position : end - 1], words[position + 1 : end], strict=True)
            ):
                continue
            if len(sequence) > 1 or _is_meant(words[position].group(), folded[position]):
                return len(sequence)
        return 0


def _sequences(name: str, *, parts: bool) -> Iterable[tuple[str, ...]]:
    """The ways in which a person is called, as folded words."""
    words = tuple(fold(word) for word in _WORD.findall(name))
    if not words or (len(words) == 1 and (words[0] in _NO_NAMES or (not parts and len(words[0]) < 4))):
        return
    yield words
    if len(words) > 1:
        yield (*words[1:], words[0])
        yield (words[-1], *words[:-1])
    if parts:
        yield from (words[start:end] for start in range(len(words)) for end in range(start + 2, len(words) + 1))
        yield from ((word,) for word in words if len(word) > 1 and word not in _PARTICLES)


def _is_meant(word: str, folded: str) -> bool:
    """Whether a single word is the name: always with a capital; without one if it is no everyday word."""
    return word[0].isupper() or (len(folded) > 2 and folded not in _WORDS_TOO)


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
        *(("name", login) for login in logins if len(login) > 3 and fold(login) not in _NO_NAMES | _WORDS_TOO),
    )
    return Masker(
        tuple(one.name for one in close.values()), tuple(one.name for one in colleagues), tuple(sorted(known))
    )
