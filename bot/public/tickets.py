"""A post becomes a ticket: with what was said around it, answered where its author is alone with the desk."""

from dataclasses import replace

from bot.engine.rules.questions import matter_of
from bot.engine.rules.tickets import add_detail, press, resume
from bot.engine.services import LONGEST_TEXT
from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.errors import InvalidInput
from bot.model.conversations import Conversation, Message
from bot.model.documents import Document
from bot.model.messages import Identity, IncomingMessage, MessageKey, Quoted, Said
from bot.model.people import Known
from bot.model.public import Line, PublicPost
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind, TicketStatus, Urgency
from bot.problems.card import refresh_problems
from bot.public.cards import show
from bot.public.files import bring
from bot.public.held import composed_anew, hold
from bot.public.reading import Reading
from bot.public.rooms import direct_room
from bot.tickets.cards import refresh_cards, tell_desk
from bot.tickets.opening import open_ticket
from bot.understanding.secrets import mask


async def direct_place(work: Work, who: Known) -> Conversation:
    """Where a ticket of somebody who wrote in public is answered."""
    place = await work.place(direct_room(who.identity))
    if place.person_id is None:
        place = replace(place, person_id=who.person.id)
        work.keep(place)
    return place


async def open_at_once(turn: Turn, reading: Reading, thread: tuple[Line, ...]) -> Ticket:
    """A ticket of the post that is being heard. `thread`: what was said before it."""
    said = reading.understanding
    because = said.ticket_at_once or ("urgent" if said.urgency is Urgency.URGENT else "sentiment")
    if not await turn.uow.conversations.messages(turn.conversation.id, 1):
        for line in thread:  # under the names of who said it: what the desk heard itself is there
            text = mask(f"{line.handle}: {line.text}"[:LONGEST_TEXT]).text
            turn.uow.conversations.add(Message(turn.conversation.id, "person", text, line.sent_at))
    return await _opened(turn, because, thread)


async def of_same_matter(turn: Turn, reading: Reading) -> Ticket | None:
    """The newest open ticket of theirs that came of a post, if it is about what this one is about: two would be worked
    on twice."""
    category = reading.understanding.category
    for ticket in sorted(turn.tickets, key=lambda one: -one.number):
        if category is not None and ticket.category == category and await turn.uow.public.of_ticket(ticket.id):
            return ticket
    return None


async def take_up(turn: Turn, post: PublicPost) -> Document:
    """A technician has a ticket opened of a post, on its author's behalf. Raises InvalidInput."""
    known = await turn.current(post.ticket_id) if post.ticket_id else None
    if known is not None:
        raise InvalidInput(turn.say("post.has_ticket", reference=post.reference, ticket=known.reference))
    author = await author_of(turn, post)
    conversation = await turn.place_by_id(post.conversation_id)
    message = await turn.uow.conversations.message(post.message_id)
    if author is None or conversation is None or message is None or not post.text:
        raise InvalidInput(turn.say("post.not_held", reference=post.reference))
    theirs = _as_its_author(turn, post, author, conversation, message)
    await bring(theirs, post)
    ticket = await _opened(theirs, "reaction", ())
    await refresh_cards(theirs)
    await refresh_problems(theirs)
    taken = replace(post, ticket_id=ticket.id)
    if taken.state == "held" and taken.reply is not None and not taken.edited:
        taken = await hold(turn, taken, await composed_anew(theirs, taken))
    else:
        taken = await show(theirs, taken)
    turn.uow.public.save(taken)
    return turn.document("post.ticket_opened", reference=post.reference, ticket=ticket.reference)


async def tell(turn: Turn, ticket: Ticket, reading: Reading) -> None:
    """What its author says next in the thread goes to the ticket: one that was resolved is open again, unless they say
    that it is well."""
    turn.here = [ticket]  # it is answered in private, and not where this was said
    reason = reading.understanding.ticket_at_once
    if ticket.is_active:
        await (press(turn, ticket, reason) if reason else add_detail(turn, ticket))
    elif ticket.status is TicketStatus.RESOLVED and reading.kind in ("complaint", "question", "insult"):
        await resume(turn, ticket.reference)
    else:
        await tell_desk(turn, ticket, "desk.detail", relay_of=turn.message, name=turn.known.person.name, text=turn.text)


async def author_of(work: Work, post: PublicPost) -> Known | None:
    """Who wrote it, as the platform knows them."""
    for one in await work.uow.people.identities(post.person_id):
        if (one.platform, one.account) == (post.platform, post.account):
            return await work.uow.people.known(Identity(one.platform, one.account, one.native_id))
    return None


async def _opened(turn: Turn, because: str, thread: tuple[Line, ...]) -> Ticket:
    event = turn.event
    assert isinstance(event, IncomingMessage)
    said = tuple(Said(line.handle, mask(line.text).text, line.sent_at) for line in thread)
    quoted = Quoted(event.key.native_id, event.conversation, event.author, turn.text, thread=said, link=event.link)
    place = await direct_place(turn, turn.known)
    answer = await open_ticket(turn, because, matter_of(turn), quoted=quoted, asked_at=place)
    assert answer.kind is AnswerKind.TICKET and answer.ticket is not None
    return answer.ticket


def _as_its_author(turn: Turn, post: PublicPost, author: Known, conversation: Conversation, message: Message) -> Turn:
    """As if its author had asked for it now."""
    event = IncomingMessage(
        key=MessageKey(post.platform, post.account, "message", post.native_id),
        conversation=conversation.ref,
        author=Identity(post.platform, post.account, author.identity.native_id, author.identity.name),
        text=post.text,
        sent_at=post.sent_at,
        link=post.link,
    )
    return Turn(
        uow=turn.uow,
        services=turn.services,
        now=turn.now,
        key=f"{turn.key}:{post.native_id}",
        actor_id=turn.known.person.id,
        event=event,
        numbers=turn.numbers,
        known=author,
        conversation=conversation,
        message=message,
        understanding=turn.services.understander.understand(post.text, language=post.language, post=True),
        is_stored=True,
    )
