"""Commands typed in a message, and messages in the desk's rooms that are none."""

from dataclasses import replace

from bot.commands.table import GROUPS, may
from bot.engine.turn import Answer, Turn
from bot.errors import InvalidInput
from bot.model.documents import Actions, Document, Paragraph
from bot.model.messages import ConversationRef, IncomingClick, IncomingMessage
from bot.model.values import AnswerKind, Visibility
from bot.texts import code
from bot.tickets.relay import hold, internal_text, note, reply, says_something
from bot.tickets.threads import ticket_of_thread


async def command(turn: Turn) -> Answer | None:
    parsed = turn.services.commands.parse(turn.text)
    if parsed is None:
        return None
    if parsed.command is None:
        turn.for_them_alone = await is_read_by_others(turn)
        return answered(turn, unknown(turn, parsed.group, parsed.word, parsed.nearest))
    return await run(turn, parsed.command.name, parsed.argument, parsed.group)


async def run(turn: Turn, name: str, argument: str, group: str = "ticket") -> Answer:
    """Run a command by its name, for a message as for a button. Rights are checked here for both."""
    found = turn.services.commands.named(group, name)
    turn.for_them_alone = await is_read_by_others(turn) and (turn.in_desk or not found.aloud)
    if not may(turn.role, found.right):
        kept_for = "technicians" if turn.role is None else f"{found.right}s"
        return answered(turn, turn.document(f"command.{kept_for}_only"))
    try:
        document = await found.run(turn, argument)
    except InvalidInput as error:
        document = Document((Paragraph(str(error)),))
    return answered(turn, document)


async def is_read_by_others(turn: Turn) -> bool:
    """Where the whole desk reads along, the card tells everybody; elsewhere what a command shows is nobody else's. A
    button is pressed where what it stands on could be read."""
    if turn.in_desk:
        return turn.services.desk.shows_cards(without_thread(turn.conversation.ref))
    if isinstance(turn.event, IncomingMessage):
        return not turn.event.private
    if not isinstance(turn.event, IncomingClick):
        return True
    shown = await turn.services.storage.outbox.state(turn.event.delivery) if turn.event.delivery else None
    return shown is not None and shown.visibility is Visibility.ONLY_ASKER


async def desk_thread(turn: Turn) -> Answer | None:
    """Under a ticket's card technicians write to the person. Others are only talking, and what is internal stays so."""
    ticket = await ticket_of_thread(turn) if turn.in_desk and not turn.is_click else None
    if ticket is None:
        return None
    if turn.technician is None:
        return Answer(AnswerKind.COMMAND, None, turn.matter, ticket=ticket)
    internal = internal_text(turn.text)
    if internal is not None:
        note(turn, ticket, internal)
        return Answer(AnswerKind.COMMAND, None, turn.matter, ticket=ticket)
    if not says_something(turn.text) and not turn.brings_files:
        return Answer(AnswerKind.COMMAND, None, turn.matter, ticket=ticket)
    turn.for_them_alone = True
    said = hold(turn, ticket, turn.text, "to_bot") if turn.calls_bot else reply(turn, ticket, turn.text)
    document = await said
    # That it was sent is marked on the message itself; only what was held needs words.
    held = any(isinstance(block, Actions) for block in document.blocks)
    return Answer(AnswerKind.COMMAND, document if held else None, turn.matter, ticket=ticket)


async def desk_room(turn: Turn) -> Answer | None:
    """In a desk room the bot answers commands; what else is said there is not for it. Where the room is one's own with
    the desk, it says what can be done."""
    if not turn.in_desk:
        return None
    shared = turn.services.desk.shows_cards(without_thread(turn.conversation.ref))
    if shared and not turn.calls_bot:
        return Answer(AnswerKind.COMMAND, None, turn.matter)
    is_note = turn.technician is not None and internal_text(turn.text)
    return answered(turn, turn.document("desk.which_ticket" if is_note else "desk.hint"))


def without_thread(ref: ConversationRef) -> ConversationRef:
    return replace(ref, thread=None)


def unknown(turn: Turn, group: str, word: str, nearest: str | None) -> Document:
    key = "command.unknown_nearest" if nearest else "command.unknown"
    known = group if group in GROUPS else GROUPS[0]
    typed = f"!{word}" if turn.text.lstrip().startswith("!") and group == GROUPS[0] else f"/{group} {word}".strip()
    return turn.document(key, word=typed, nearest=code(nearest or ""), group=known)


def answered(turn: Turn, document: Document) -> Answer:
    ticket = turn.tickets[0] if turn.tickets and turn.tickets[0].created_at == turn.now else None
    return Answer(AnswerKind.COMMAND, document, turn.matter, ticket=ticket)
