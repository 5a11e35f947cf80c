"""`/desk who`: who is on duty, with what skills, and how much each has in hand."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document, Fields, plain
from bot.model.values import ACTIVE
from bot.ports.storage import TicketFilter
from bot.tickets.cards import moment
from bot.tickets.people import technicians_named


async def run(turn: Turn, argument: str) -> Document:
    everybody = await technicians_named(turn, "")
    on_duty = [pair for pair in everybody if pair[0].on_duty]
    rows = []
    for technician, person in sorted(everybody, key=lambda pair: (not pair[0].on_duty, pair[0].number)):
        count = await turn.uow.tickets.count(TicketFilter(statuses=ACTIVE, assignee_id=technician.id))
        facts = [turn.say("desk.who.on" if technician.on_duty else "desk.who.off")]
        if technician.on_duty and technician.duty_at:
            facts.append(turn.say("desk.who.since", at=moment(turn, technician.duty_at, turn.language)))
        names = [turn.services.categories.name(skill, turn.language) for skill in technician.skills]
        facts += [plain(", ".join(names))] if names else []
        facts.append(turn.say("desk.who.holds", count=count))
        rows.append((f"{technician.badge} {plain(person.name)}", " · ".join(facts)))
    title = turn.say("desk.who.title" if on_duty else "desk.who.nobody", count=len(on_duty))
    return Document((Fields(tuple(rows), title=title),))


COMMAND = Command("desk", "who", run, aliases=("qui",))
