"""What a technician decides about words for everybody."""

from dataclasses import replace
from uuid import UUID

from bot.engine.rules.commands import answered
from bot.engine.rules.held import held_with
from bot.engine.turn import Answer, Turn
from bot.errors import InvalidInput
from bot.model.documents import Document, Paragraph
from bot.model.tickets import HeldReply
from bot.public.replying import publish, take_back

ACTIONS = frozenset({"public_send", "public_drop", "public_undo"})


async def decide(turn: Turn, action: str, value: str) -> Answer:
    """Publish them, drop them, or take them back. Only who wrote them decides, once, and only a technician."""
    turn.for_them_alone = True
    if turn.technician is None:
        return answered(turn, turn.document("command.technicians_only"))
    id, _, about = value.partition(":")
    held = await held_with(turn, id)
    if held is None or held.reason != "public" or held.author_id != turn.known.person.id:
        return answered(turn, turn.document("click.outdated"))
    try:
        document = await done(turn, held, action, about)
    except InvalidInput as error:
        document = Document((Paragraph(str(error)),))
    return answered(turn, document)


async def done(turn: Turn, held: HeldReply, action: str, about: str) -> Document:
    """`about`: the post that is answered, or the message that is taken back."""
    if action == "public_undo":
        if held.state != "sent":
            return turn.document("click.outdated")
        return await take_back(turn, held, UUID(about))
    if held.state != "held":
        return turn.document("ticket.public.was_sent" if held.state == "sent" else "ticket.public.was_dropped")
    if action == "public_send":
        return await publish(turn, held, about)
    turn.uow.tickets.save(replace(held, state="dropped"))
    return turn.document("ticket.public.dropped")
