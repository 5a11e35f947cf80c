"""`/ticket new TEXT`: open a ticket in so many words."""

from dataclasses import replace

from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.rules.questions import matter_of
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets.opening import open_ticket


async def run(turn: Turn, argument: str) -> Document:
    if not argument:
        raise how_to_use(turn, "command.ticket.new")
    services = turn.services
    understanding = services.understander.understand(argument, language=turn.language)
    turn.understanding = replace(understanding, secrets=turn.understanding.secrets)
    answer = await open_ticket(turn, "asked", replace(matter_of(turn), question_message=None))
    assert answer.document is not None
    return answer.document


COMMAND = Command("ticket", "new", run, aliases=("nouveau", "ouvrir", "open"), right="anyone", aloud=True)
