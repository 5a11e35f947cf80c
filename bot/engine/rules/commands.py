"""Commands typed in a message, and messages in the desk's rooms that are none."""

from bot.commands.table import GROUPS, may
from bot.engine.turn import Answer, Turn
from bot.errors import InvalidInput
from bot.model.documents import Document, Paragraph
from bot.model.values import AnswerKind


async def command(turn: Turn) -> Answer | None:
    parsed = turn.services.commands.parse(turn.text)
    if parsed is None:
        return None
    if parsed.command is None:
        return answered(turn, unknown(turn, parsed.group, parsed.word, parsed.nearest))
    return await run(turn, parsed.command.name, parsed.argument, parsed.group)


async def run(turn: Turn, name: str, argument: str, group: str = "ticket") -> Answer:
    """Run a command by its name, for a message as for a button. Rights are checked here for both."""
    found = turn.services.commands.named(group, name)
    if not may(turn.role, found.right):
        kept_for = "technicians" if turn.role is None else "curators"
        return answered(turn, turn.document(f"command.{kept_for}_only"))
    try:
        document = await found.run(turn, argument)
    except InvalidInput as error:
        document = Document((Paragraph(str(error)),))
    return answered(turn, document)


async def desk_room(turn: Turn) -> Answer | None:
    """In a desk room the bot answers commands; what else is said there is not for it."""
    return answered(turn, turn.document("desk.hint")) if turn.in_desk else None


def unknown(turn: Turn, group: str, word: str, nearest: str | None) -> Document:
    key = "command.unknown_nearest" if nearest else "command.unknown"
    known = group if group in GROUPS else GROUPS[0]
    return turn.document(key, word=f"{group} {word}".strip(), nearest=nearest or "", group=known)


def answered(turn: Turn, document: Document) -> Answer:
    ticket = turn.tickets[0] if turn.tickets and turn.tickets[0].created_at == turn.now else None
    return Answer(AnswerKind.COMMAND, document, turn.matter, ticket=ticket)
