"""`/ticket escalate T12 [WHY]`: somebody who decides is to look at it. The leads are told; WHY becomes a note."""

from bot.commands.common import stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.model.values import Urgency
from bot.tickets import lifecycle
from bot.tickets.cards import tell_desk
from bot.tickets.duty import leads_of
from bot.tickets.relay import note


async def run(turn: Turn, argument: str) -> Document:
    ticket, why = await ticket_and_rest(turn, argument, "command.ticket.escalate")
    priority = ticket.priority.at_least(Urgency.HIGH)
    raised = stepped(
        turn, ticket, lambda: lifecycle.escalated(ticket, turn.known.person.id, turn.now, "asked", priority)
    )
    if why:
        note(turn, raised, why)
    said = {"title": ticket.title, "name": turn.known.person.name, "why": why}
    key = "desk.escalated_why" if why else "desk.escalated"
    leads = leads_of(await turn.uow.people.technicians())
    for lead in leads:
        if lead.person_id != turn.known.person.id:
            await turn.tell(
                lead.person_id,
                lambda language: turn.line(key, language, reference=ticket.reference, **said),
            )
    await tell_desk(turn, raised, key, title=ticket.title, name=turn.known.person.name, why=why)
    return await with_fields(turn, raised, "ticket.escalate.done" if leads else "ticket.escalate.nobody")


COMMAND = Command("ticket", "escalate", run, aliases=("escalader",))
