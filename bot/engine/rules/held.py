"""What a technician decides about words that were not sent."""

from dataclasses import replace
from uuid import UUID

from bot.engine.rules.commands import answered
from bot.engine.turn import Answer, Turn
from bot.model.documents import Document
from bot.model.tickets import HeldReply
from bot.tickets.relay import note, send


async def decide(turn: Turn, action: str, value: str) -> Answer:
    """Send them after all, or keep them as a note. Only who wrote them decides, once, and only a technician."""
    turn.for_them_alone = True
    if turn.technician is None:
        return answered(turn, turn.document("command.technicians_only"))
    held = await held_with(turn, value)
    if held is None or held.reason == "public" or held.author_id != turn.known.person.id:
        return answered(turn, turn.document("click.outdated"))
    if held.state != "held":
        return answered(turn, turn.document(f"ticket.held.was_{held.state}"))
    return answered(turn, await done(turn, held, action))


async def done(turn: Turn, held: HeldReply, action: str) -> Document:
    ticket = await turn.uow.tickets.get(held.ticket_id)
    assert ticket is not None, "held words keep their ticket"
    if action == "keep_held":
        turn.uow.tickets.save(replace(held, state="kept"))
        note(turn, ticket, held.text)
        return turn.document("ticket.held.kept", reference=ticket.reference)
    if not ticket.is_active:
        status = turn.say(f"status.{ticket.status}")
        return turn.document("ticket.not_possible", reference=ticket.reference, status=status)
    turn.uow.tickets.save(replace(held, state="sent"))
    written = await turn.uow.conversations.message(held.message_id) if held.message_id else None
    if written:
        turn.files[written.id] = tuple(await turn.uow.attachments.of([written.id]))
    return await send(turn, ticket, held.text, quietly=ticket.assignee_id is not None, written=written)


async def held_with(turn: Turn, value: str) -> HeldReply | None:
    try:
        return await turn.uow.tickets.held(UUID(value))
    except ValueError:
        return None
