"""Which tickets a list is to show: filters, a sort and a page, in words."""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import plain
from bot.model.values import ACTIVE, TicketStatus
from bot.ports.storage import TicketFilter, TicketOrder
from bot.tickets.people import technicians_named
from bot.tickets.words import PRIORITIES, STATUSES, category_named

SORTS: dict[str, TicketOrder] = {
    "turn": "turn", "tour": "turn", "due": "due", "echeance": "due", "échéance": "due", "newest": "newest",
    "recent": "newest", "récents": "newest", "recents": "newest", "oldest": "oldest", "anciens": "oldest",
    "priority": "priority", "priorite": "priority", "priorité": "priority",
}  # fmt: skip
UNASSIGNED = frozenset({"unassigned", "nobody", "libre", "libres", "personne", "none"})
SNOOZED = frozenset({"snoozed", "reportes", "reportés", "sleeping"})
ME = frozenset({"me", "moi"})
_NAMED = re.compile(r"^(status|statut|etat|état|priority|priorite|priorité|category|categorie|catégorie|assignee|"
                    r"technicien|sort|tri|page)[:=](.+)$", re.IGNORECASE)  # fmt: skip
_PAGE = re.compile(r"^(?:p|page)[:=]?(\d{1,4})$", re.IGNORECASE)
_KINDS = {
    "status": "status", "statut": "status", "etat": "status", "état": "status", "priority": "priority",
    "priorite": "priority", "priorité": "priority", "category": "category", "categorie": "category",
    "catégorie": "category", "assignee": "assignee", "technicien": "assignee", "sort": "sort", "tri": "sort",
    "page": "page",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    filter: TicketFilter
    order: TicketOrder = "turn"
    page: int = 1
    words: tuple[str, ...] = ()  # the filters, as they were understood

    @property
    def is_plain(self) -> bool:
        return not self.words and self.page == 1

    def next_page(self, argument: str) -> str:
        """The argument that shows the page after this one."""
        kept = [word for word in argument.split() if not _PAGE.match(word)]
        return " ".join([*kept, f"page:{self.page + 1}"])


async def asked_for(turn: Turn, argument: str, *, searching: bool = False) -> Asked:
    """What the words ask for. Raises InvalidInput, naming the word that is none.

    Statuses, priorities and categories add up within their kind; `@name` is an assignee, `@me` oneself. When
    searching, words that are no filter are looked for.
    """
    wanted = Asked(TicketFilter(asker_id=None if turn.technician else turn.known.person.id))
    rest: list[str] = []
    for word in argument.split():
        narrowed = await _narrowed(turn, wanted, word, searching=searching)
        if narrowed is None:
            rest.append(word)
        else:
            wanted = narrowed
    if rest and not searching:
        raise InvalidInput(turn.say("ticket.list.unknown", word=rest[0][:60]))
    everything = searching or not turn.technician
    if not wanted.filter.statuses:
        wanted = replace(wanted, filter=replace(wanted.filter, statuses=tuple(TicketStatus) if everything else ACTIVE))
    if rest:
        wanted = replace(wanted, filter=replace(wanted.filter, text=" ".join(rest)[:100]))
    return wanted


async def _narrowed(turn: Turn, wanted: Asked, word: str, *, searching: bool) -> Asked | None:
    """With one word more understood; None if it is no filter."""
    if match := _PAGE.match(word):
        return replace(wanted, page=max(1, int(match[1])))
    match = _NAMED.match(word)
    if match is None and not word.startswith("@") and searching:
        return None  # in a search, a plain word is looked for
    kind, value = (_KINDS[match[1].lower()], match[2]) if match else ("", word)
    found = wanted.filter
    lowered = value.lower()
    if kind in ("", "status") and lowered in STATUSES:
        found = replace(found, statuses=(*found.statuses, *STATUSES[lowered]))
    elif kind in ("", "priority") and lowered in PRIORITIES:
        found = replace(found, priorities=(*found.priorities, PRIORITIES[lowered]))
    elif kind in ("", "sort") and lowered in SORTS:
        return replace(wanted, order=SORTS[lowered], words=(*wanted.words, lowered))
    elif kind in ("", "assignee") and lowered.lstrip("@") in UNASSIGNED:
        found = replace(found, unassigned=True)
    elif kind == "" and lowered in SNOOZED:
        found = replace(found, snoozed=True)
    elif value.startswith("@") or kind == "assignee":
        found = replace(found, assignee_id=await _assignee(turn, lowered.lstrip("@")))
    elif kind in ("", "category") and (slug := category_named(turn.services.categories, value)):
        found = replace(found, category=slug)
    else:
        return None
    return replace(wanted, filter=found, words=(*wanted.words, value))


async def _assignee(turn: Turn, name: str) -> UUID:
    if name in ME and turn.technician:
        return turn.technician.id
    found = await technicians_named(turn, name) if turn.technician else []
    if len(found) != 1:
        raise InvalidInput(turn.say("ticket.list.unknown", word=f"@{name[:60]}"))
    return found[0][0].id


def described(turn: Turn, asked: Asked) -> str:
    """The filters, for the title of a list."""
    return f" ({', '.join(plain(word) for word in asked.words)})" if asked.words else ""
