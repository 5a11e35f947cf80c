"""`/ticket new TEXT`: open a ticket in so many words."""

from dataclasses import replace

from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.rules.questions import matter_of
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.model.messages import Quoted
from bot.model.values import Urgency
from bot.tickets.opening import open_ticket


async def run(turn: Turn, argument: str) -> Document:
    return await opened(turn, argument)


async def opened(
    turn: Turn,
    text: str,
    category: str | None = None,
    priority: Urgency | None = None,
    quoted: Quoted | None = None,
) -> Document:
    """`category` and `priority`: as picked, rather than understood from the text. `quoted`: what it is about."""
    if not text.strip():
        raise how_to_use(turn, "command.ticket.new")
    services = turn.services
    understanding = services.understander.understand(text, language=turn.language)
    if category:
        understanding = replace(understanding, category=category)
    if priority:
        understanding = replace(understanding, urgency=priority)
    turn.understanding = replace(understanding, secrets=turn.understanding.secrets)
    answer = await open_ticket(turn, "asked", replace(matter_of(turn), question_message=None), quoted=quoted)
    assert answer.document is not None
    return answer.document


COMMAND = Command("ticket", "new", run, aliases=("nouveau", "ouvrir", "open"), right="anyone", aloud=True)
