"""What technicians are shown of a ticket that comes from the contact page."""

from bot.engine.work import Work
from bot.model.documents import plain
from bot.model.tickets import Ticket
from bot.model.values import Audience, Language

LONGEST = 200  # characters of a post


async def contact_items(work: Work, ticket: Ticket, language: Language) -> list[tuple[str, str]]:
    """Which post it is about, whether who asks is known to have written it, and how they are to be reached."""
    if ticket.audience is not Audience.PUBLIC:
        return []
    visit = await work.uow.contact.in_conversation(ticket.conversation_id)
    if visit is None:
        return []
    say = work.services.texts
    post = await work.uow.public.get(visit.post_id) if visit.post_id else None
    items = []
    # Whoever has shown this moment who they are is not in the row yet, but the ticket is theirs already.
    is_known = visit.verified_at is not None or visit.person_id != ticket.asker_id
    items.append((say("field.visitor", language), say("visitor.known" if is_known else "visitor.unknown", language)))
    if post:
        text = " ".join(post.text.split())
        text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
        parts = [part for part in (post.reference, f"@{post.handle}", f"« {text} »" if text else "") if part]
        items.append((say("field.post", language), plain(" · ".join(parts))))
        if post.ticket_id and post.ticket_id != ticket.id and (own := await work.current(post.ticket_id)):
            items.append((say("field.post.ticket", language), own.reference))
    if visit.way and visit.address:
        reached = ", ".join(part for part in (visit.address, visit.others) if part)
        items.append((say("field.reach", language), plain(reached)))
    return items
