"""`/desk off [keep]`: I am gone. What I hold goes to whose turn it is, with two lines about each; `keep` keeps it."""

from dataclasses import replace

from bot.commands.common import technician_of
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.engine.work import Worded
from bot.model.documents import Block, Document, Paragraph, plain
from bot.model.tickets import Ticket
from bot.tickets.cards import tell_desk
from bot.tickets.duty import alert_leads_of_handed_back, hand_over
from bot.tickets.places import tell_askers

KEEP = ("keep", "garder")
MOST_SHOWN = 15  # of the tickets that are handed over


async def run(turn: Turn, argument: str) -> Document:
    technician = technician_of(turn)
    gone = replace(technician, on_duty=False, duty_at=turn.now)
    turn.people[technician.id] = gone
    turn.uow.people.save(gone)
    if argument.lower() in KEEP:
        return turn.document("desk.off.kept")
    handed = await hand_over(turn, technician)
    if not handed:
        return turn.document("desk.off.nothing")
    technicians = {one.to.id: one.to.person_id for one in handed if one.to}
    persons = await turn.uow.people.persons(technicians.values())
    blocks: list[Block] = [turn.paragraph("desk.off.done", count=len(handed))]
    by = turn.known.person.name
    for one in handed:
        person = persons.get(one.to.person_id) if one.to else None
        name = person.name if person else turn.services.texts.plain("desk.name", turn.services.policy.desk_language)
        await tell_desk(turn, one.ticket, "desk.handed_over", name=by, to=name, lines=one.lines)
        if one.to:
            await turn.tell(one.to.person_id, handed_to_you(turn, one.ticket, one.lines))
        if one.was_claimed:
            await tell_askers(turn, one.ticket, "desk.off.tell_asker", name=person.name if person else "")
        if len(blocks) <= MOST_SHOWN:
            blocks.append(Paragraph(f"{plain(one.lines)}\n→ {plain(name)}"))
    if (more := len(handed) - MOST_SHOWN) > 0:
        blocks.append(turn.paragraph("home.more_tickets", count=more))
    if left := [one.ticket for one in handed if one.to is None]:
        await alert_leads_of_handed_back(turn, left, by)
    return Document(tuple(blocks))


def handed_to_you(turn: Turn, ticket: Ticket, lines: str) -> Worded:
    by = turn.known.person.name
    return lambda language: turn.line("desk.handed_to_you", language, reference=ticket.reference, name=by, lines=lines)


COMMAND = Command("desk", "off", run, aliases=("absent", "parti", "stop"), then=KEEP)
