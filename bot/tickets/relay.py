"""What a technician writes about a ticket: sent to the person, kept as a note, or held until they decide."""

import re
from datetime import timedelta

from bot.attachments.showing import files_block
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.conversations import Message
from bot.model.documents import Actions, Block, Button, Document, Paragraph, plain
from bot.model.people import Technician
from bot.model.tickets import HeldReason, HeldReply, Note, Ticket
from bot.model.values import TicketStatus
from bot.ports.storage import TicketFilter
from bot.public.left_alone import wants_no_word
from bot.tickets import lifecycle
from bot.tickets.cards import names_on, tell_desk
from bot.tickets.places import askers_places, silence

# Marks of direction and of width may stand before anything, unseen.
_UNSEEN = "\\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad"
_NAMED = rf"(?:internal[{_UNSEEN}]+note|notes?(?:[{_UNSEEN}]+(?:internes?|internal))?|interne)"
_INTERNAL = re.compile(rf"^[{_UNSEEN}>*_~`]*(?:{_NAMED}[{_UNSEEN}]*:|[!/]note\b|//)[{_UNSEEN}]*", re.IGNORECASE)
RACE = timedelta(seconds=10)  # a claim this long before one wrote was not seen any more


def says_something(text: str) -> bool:
    return re.fullmatch(f"[{_UNSEEN}]*", text) is None


def internal_text(text: str) -> str | None:
    """The note in a message that is internal as a whole (`note: …`, `!note …`, `// …`); None for every other."""
    match = _INTERNAL.match(text)
    return text[match.end() :].strip() if match else None


async def reply(turn: Turn, ticket: Ticket, text: str) -> Document:
    """Send a technician's words to the person, if they may be sent; replying claims a ticket that nobody has.

    What may not be sent is held: the technician reads why, who has the ticket, and decides.
    """
    technician = turn.technician
    assert technician is not None
    if not says_something(text) and not turn.brings_files:
        raise InvalidInput(turn.say("ticket.reply.empty", reference=ticket.reference))
    if (reason := why_not(turn, ticket, technician)) is not None:
        return await hold(turn, ticket, text, reason)
    if any([await wants_no_word(turn, place, ticket) for place in await askers_places(turn, ticket)]):
        return await hold(turn, ticket, text, "opted_out")
    return await send(turn, ticket, text)


def why_not(turn: Turn, ticket: Ticket, technician: Technician) -> HeldReason | None:
    if not ticket.is_active:
        return "not_active"
    if ticket.status is TicketStatus.OPEN or ticket.assignee_id == technician.id:
        return None
    since = ticket.claimed_at
    return "lost_race" if since and turn.event.sent_at - since < RACE else "not_assignee"


async def send(
    turn: Turn, ticket: Ticket, text: str, *, quietly: bool = False, written: Message | None = None
) -> Document:
    """Send, whoever has the ticket. `quietly`: on behalf of one who is not its assignee, who stays so. `written`: the
    message that had these words, if it was an earlier one."""
    technician = turn.technician
    assert technician is not None
    if ticket.status is TicketStatus.OPEN and not quietly:
        ticket = turn.save(lifecycle.claimed(ticket, technician.id, turn.known.person.id, turn.now))
    ticket = turn.save(lifecycle.replied(ticket, turn.known.person.id, turn.now))
    say = turn.services.texts
    header = Paragraph(say("reply.from", ticket.language, name=turn.known.person.name, reference=ticket.reference))
    document = Document((header, Paragraph(plain(text))) if says_something(text) else (header,))
    for place in await askers_places(turn, ticket):
        await silence(turn, place)
        turn.post(
            place,
            document,
            author="technician",
            language=ticket.language,
            relay_of=written or turn.message,
            confirms=(written or turn.message).id,
        )
    if turn.is_unseen:
        await tell_desk(turn, ticket, "desk.replied", name=turn.known.person.name, text=text)
    asker, _ = await names_on(turn, ticket)
    return turn.document("ticket.reply.done", reference=ticket.reference, name=asker)


async def hold(turn: Turn, ticket: Ticket, text: str, reason: HeldReason) -> Document:
    """Keep the words, tell who wrote them why they were not sent, and let them decide."""
    held = HeldReply(ticket.id, turn.known.person.id, text, turn.now, reason, message_id=turn.message.id)
    turn.uow.tickets.add(held)
    turn.note_event(ticket, "held", held=str(held.id), reason=reason)
    _, assignee = await names_on(turn, ticket)
    status = turn.say(f"status.{ticket.status}")
    why = turn.paragraph(
        f"ticket.held.{reason}", reference=ticket.reference, name=assignee or turn.say("desk.name"), status=status
    )
    send_it = Button("send_held", turn.say("button.send_held"), str(held.id))
    keep_it = Button("keep_held", turn.say("button.keep_held"), str(held.id), "primary")
    reopen = Button("ticket_reopen", turn.say("button.reopen"), ticket.reference)
    buttons = (send_it, keep_it) if ticket.is_active else (keep_it, reopen)
    following = await next_waiting(turn) if reason == "lost_race" else ""
    words = [Paragraph(f"« {plain(text[:300])} »")] if says_something(text) else []
    files = files_block(turn.own_files, refused=False)
    blocks: list[Block] = [why, *words, *([files] if files else []), *([Paragraph(following)] if following else [])]
    return Document((*blocks, Actions(buttons)))


async def next_waiting(turn: Turn) -> str:
    """What the one who came second may take instead: what is theirs by turn, else what nobody has."""
    me = turn.technician.id if turn.technician else None
    waiting = await turn.uow.tickets.find(
        TicketFilter(statuses=(TicketStatus.OPEN,), snoozed=False), limit=1, reader=me
    )
    if waiting and waiting[0].assignee_id in (None, me):
        return turn.say("ticket.claim.next", reference=waiting[0].reference, title=waiting[0].title)
    return turn.say("ticket.claim.nothing_next")


def note(turn: Turn, ticket: Ticket, text: str) -> Document:
    """Write down something internal. It is never sent."""
    written = Note(ticket.id, turn.known.person.id, text, turn.now, message_id=turn.message.id)
    turn.uow.tickets.add(written)
    turn.note_event(ticket, "noted", note=str(written.id))
    return turn.document("ticket.note.done", reference=ticket.reference)
