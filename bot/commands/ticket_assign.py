"""`/ticket assign T12 NAME`: give a ticket to somebody, who is told. NAME: a name, a number, or `next`."""

from bot.commands.common import how_to_use, may_change, stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.people import Technician
from bot.tickets import lifecycle
from bot.tickets.duty import to_claim, whose_turn
from bot.tickets.people import technicians_named

NEXT = ("next", "suivant", "auto")


async def run(turn: Turn, argument: str) -> Document:
    ticket, name = await ticket_and_rest(turn, argument, "command.ticket.assign")
    if not name:
        raise how_to_use(turn, "command.ticket.assign")
    await may_change(turn, ticket)
    chosen = await who(turn, name, ticket.category)
    ticket = stepped(turn, ticket, lambda: lifecycle.assigned(ticket, chosen.id, turn.known.person.id, turn.now))
    person = await turn.uow.people.person(chosen.person_id)
    if chosen.person_id != turn.known.person.id:
        by = turn.known.person.name
        await turn.tell(
            chosen.person_id,
            lambda language: to_claim(turn, "desk.assigned_to_you", language, ticket, name=by),
        )
    return await with_fields(turn, ticket, "ticket.assign.done", name=person.name if person else chosen.badge)


async def who(turn: Turn, name: str, category: str) -> Technician:
    """Raises InvalidInput if nobody or several are called that."""
    technicians = await turn.uow.people.technicians()
    if name.lower() in NEXT:
        if chosen := whose_turn(technicians, category):
            return chosen
        raise InvalidInput(turn.say("desk.nobody_here"))
    found = await technicians_named(turn, name)
    if len(found) == 1:
        return found[0][0]
    everybody = found or await technicians_named(turn, "")
    names = ", ".join(f"{person.name} ({technician.badge})" for technician, person in everybody[:20])
    key = "ticket.assign.several" if found else "ticket.assign.unknown"
    raise InvalidInput(turn.say(key, name=name[:60], names=names))


COMMAND = Command("ticket", "assign", run, aliases=("attribuer", "assigner", "affecter"))
