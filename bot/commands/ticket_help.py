"""`/ticket help`: the commands that one may use, in one's language."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document, Fields
from bot.texts import code


async def run(turn: Turn, argument: str) -> Document:
    return helped(turn, "ticket", "command.help" if turn.technician else "command.help_asking")


def helped(turn: Turn, group: str, opening: str) -> Document:
    """The commands of a group that the person may use, with what each is for."""
    allowed = turn.services.commands.allowed(turn.role, group)
    items = tuple((code(turn.say(f"{command.key}.usage")), turn.say(command.key)) for command in allowed)
    return Document((turn.paragraph(opening), Fields(items)))


COMMAND = Command("ticket", "help", run, aliases=("aide",), right="anyone")
