"""A visitor shows that a post is theirs: a code goes to its author by direct message, and to nobody else."""

from dataclasses import replace
from functools import partial

from bot.contact.going_on import left_alone, visit_about
from bot.contact.visits import author_of, begin_as
from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.model.contact import ContactVisit
from bot.model.conversations import Conversation
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity
from bot.model.people import Person
from bot.model.public import PublicPost
from bot.model.tickets import Ticket
from bot.model.values import Visibility
from bot.public.file_news import show_to_desk
from bot.public.rooms import direct_room
from bot.tickets.cards import tell_desk
from bot.tickets.places import show_at


async def send_code(services: Services, post: PublicPost, code: str, key: str, minutes: int) -> bool:
    """Put a code on its way to the author; False where they may not, or cannot, be written to.

    It is not kept as a message: nobody reads it in a history.
    """
    async with services.storage.unit_of_work() as uow:
        author = await author_of(uow, post)
        if author is None or await uow.public.opt_out(author.platform, author.account, author.native_id):
            return False
        say = services.texts
        words = (
            Paragraph(say("contact.code", post.language, code=code, minutes=minutes)),
            Paragraph(say("contact.code.alone", post.language)),
        )
        uow.outbox.add(
            Delivery(
                conversation=direct_room(author),
                document=Document(words),
                key=f"contact:{key}",
                language=post.language,
                visibility=Visibility.DIRECT,
                recipient=author.native_id,
            )
        )
        await uow.commit()
    return True


async def become_author(
    services: Services, visit: ContactVisit, identity: Identity, chat: ConversationRef
) -> ContactVisit | None:
    """The visitor is the post's author from now on, and what they said before was theirs; None if nobody is known to
    have written it. `visit` is what is to be noted where this browser has none. Raises StaleWrite."""
    async with working(services, f"contact:verified:{visit.browser}:{visit.post_id}") as work:
        now, browser = work.now, visit.browser
        post = await work.uow.public.get(visit.post_id) if visit.post_id else None
        author = await work.uow.people.person(post.person_id) if post else None
        if post is None or author is None or author.erased_at:
            return None
        found = await visit_about(work.uow, visit.browser, post.id)
        if found is None:
            named = replace(identity, name=author.name)
            visit = await begin_as(work, replace(visit, verified_at=now), named, chat, author.id)
        else:
            visit = replace(found, person_id=author.id, verified_at=found.verified_at or now, seen_at=now)
            visit = await left_alone(work.uow, visit, browser)
            work.uow.contact.save(visit)
            if found.person_id != author.id:
                post = await _join(work, found, author, identity, post)
        post = replace(post, opened_at=post.opened_at or now, verified_at=post.verified_at or now)
        work.uow.public.save(post)
        place = await work.place(chat)
        if post.ticket_id and (ticket := await work.current(post.ticket_id)):
            await attach(work, ticket, place, author)
    return visit


async def attach(work: Work, ticket: Ticket, place: Conversation, person: Person) -> None:
    """From now on a ticket of theirs is answered in their chat, too, and the desk knows that they are there."""
    shown = await work.uow.tickets.places(ticket.id)
    if not ticket.is_active or ticket.asker_id != person.id or any(one.conversation_id == place.id for one in shown):
        return
    await show_at(work, ticket, place)
    if ticket.first_reply_at and not place.silenced:
        work.keep(replace(place, silenced=True))
    await tell_desk(work, ticket, "desk.on_the_page", name=person.name)


async def _join(work: Work, visit: ContactVisit, author: Person, identity: Identity, post: PublicPost) -> PublicPost:
    """Who was unverified becomes the author, with the tickets of their chat. A person who is more than this visitor
    stays who they are, without the chat."""
    people = work.uow.people
    gone = visit.person_id
    known = await people.identities(gone)
    alone = all(one.native_id == identity.native_id for one in known) and await people.technician_of(gone) is None
    place = await work.place_by_id(visit.conversation_id)
    if place:
        work.keep(replace(place, person_id=author.id))
    for ticket in await work.uow.tickets.active_of(gone):
        if alone or ticket.conversation_id == visit.conversation_id:
            ticket = work.keep_ticket(replace(ticket, asker_id=author.id))
            tell = tell_desk if post.ticket_id else partial(show_to_desk, post=post)
            await tell(work, ticket, "desk.verified", name=author.name, handle=post.handle)
            post = post if post.ticket_id else replace(post, ticket_id=ticket.id)
    for one in known:
        if one.native_id == identity.native_id:
            people.save(replace(one, person_id=author.id, name=author.name))
    if alone:
        people.merge(author.id, gone)
    return post
