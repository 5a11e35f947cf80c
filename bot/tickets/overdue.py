"""What is said of a promise that is about to be broken, or is: who hears of it, who acts next, and by when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.engine.work import Work
from bot.model.documents import Document, Paragraph
from bot.model.people import Person, Technician
from bot.model.tickets import Ticket
from bot.model.values import Language, Role, Urgency
from bot.sla.notices import Due
from bot.tickets.cards import post_to_desk
from bot.tickets.duty import leads_of
from bot.tickets.promises import by_when


@dataclass(frozen=True, slots=True)
class _Told:
    """What one reader or room is told."""

    work: Work
    ticket: Ticket
    notices: Sequence[Due]
    holder: Person | None  # who has the ticket
    raised: Urgency | None
    names: tuple[str, ...] = ()  # who is asked to see to it

    def to(self, language: Language, zone: ZoneInfo, reader: Person | None = None) -> Document:
        work, ticket = self.work, self.ticket
        say = work.services.texts
        first = "\n".join(
            say(
                f"sla.{'warning' if due.is_warning else 'breach'}.{due.kind}",
                language,
                reference=ticket.reference,
                title=ticket.title,
                when=by_when(work, due.promised, language, zone),
            )
            for due in self.notices
        )
        then = []
        if self.holder is None:
            then.append(say("sla.acts.nobody", language))
        elif reader is not None and reader.id == self.holder.id:
            then.append(say("sla.acts.you", language))
        else:
            then.append(say("sla.acts.assignee", language, name=self.holder.name))
        if self.names:
            then.append(say("sla.please", language, names=", ".join(self.names)))
        if self.raised:
            then.append(say("sla.raised", language, priority=say(f"priority.{self.raised}", language)))
        if following := min((due for due in self.notices if due.next_at), key=_next_at, default=None):
            who = following.next_roles[0] if len(following.next_roles) == 1 else "both"
            then.append(say(f"sla.then.{who}", language, when=by_when(work, _next_at(following), language, zone)))
        return Document((Paragraph(first), Paragraph(" ".join(then))))


async def tell_notices(work: Work, ticket: Ticket, notices: Sequence[Due], raised: Urgency | None) -> None:
    """A warning goes to whoever has the ticket, or to the desk if nobody has; what comes after it to the desk, and to
    each of those who decide, by e-mail where they have no place alone with the desk."""
    technicians = await work.uow.people.technicians()
    holder = next((one for one in technicians if one.id == ticket.assignee_id and not one.disabled), None)
    warnings = [due for due in notices if not due.roles]
    late = [due for due in notices if due.roles]
    called = _called(technicians, {role for due in late for role in due.roles})
    people = await work.uow.people.persons([one.person_id for one in (*called, *([holder] if holder else []))])
    person = people.get(holder.person_id) if holder else None
    if warnings:
        told = _Told(work, ticket, warnings, person, None)
        if person is None or not await _tell(work, told, person, "warning"):
            await _tell_desk(work, told)
    if late:
        names = tuple(people[one.person_id].name for one in called if one.person_id in people)
        await _tell_desk(work, _Told(work, ticket, late, person, raised, names))
        for one in called:
            if found := people.get(one.person_id):
                await _tell(work, _Told(work, ticket, late, person, raised), found, "late", by_mail=True)


def _called(technicians: Collection[Technician], roles: Collection[Role]) -> list[Technician]:
    """Leads stand in for admins, and admins for leads, where there are none."""
    admins = [one for one in technicians if one.role is Role.ADMIN and not one.disabled]
    leads = leads_of(technicians)
    found = [*(leads if Role.LEAD in roles else ()), *((admins or leads) if Role.ADMIN in roles else ())]
    return list({one.id: one for one in found}.values())


async def _tell(work: Work, told: _Told, person: Person, what: str, *, by_mail: bool = False) -> bool:
    zone = ZoneInfo(person.timezone or work.services.policy.timezone)

    def worded(language: Language) -> Document:
        return told.to(language, zone, person)

    if await work.tell(person.id, worded, key=f"{what}:{person.id}"):
        return True
    return by_mail and await work.mail(person.id, worded, key=f"mail:{what}:{person.id}")


async def _tell_desk(work: Work, told: _Told) -> None:
    policy = work.services.policy
    await post_to_desk(work, told.ticket, told.to(policy.desk_language, ZoneInfo(policy.timezone)))


def _next_at(due: Due) -> datetime:
    assert due.next_at is not None
    return due.next_at
