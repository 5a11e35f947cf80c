"""`/ticket reopen T12`: not settled after all. The asker may reopen their own; it keeps its assignee.

One that is closed the desk alone opens again; its asker's words start a new one that goes on with it.
"""

from bot.commands.common import stepped, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.rules.tickets import resume
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets import lifecycle
from bot.tickets.duty import taken_from_disabled
from bot.tickets.places import let_bot_speak, tell_askers


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.reopen")
    if ticket.asker_id == turn.known.person.id and not turn.technician:
        answer = await resume(turn, ticket.reference)
        turn.adopt(answer)
        assert answer.document is not None
        return answer.document
    again = stepped(turn, ticket, lambda: lifecycle.reopened(ticket, turn.known.person.id, turn.now, by_desk=True))
    again = await taken_from_disabled(turn, again)
    await let_bot_speak(turn, again)
    await tell_askers(turn, again, "ticket.reopen.tell_asker")
    return await with_fields(turn, again, "ticket.reopen.done")


COMMAND = Command("ticket", "reopen", run, aliases=("rouvrir",), right="anyone")
