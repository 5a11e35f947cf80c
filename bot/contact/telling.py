"""Who has closed the page hears elsewhere that an answer waits: never what it says."""

from dataclasses import replace
from typing import Literal

from bot.contact.visits import reachable_at
from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.model.contact import ContactVisit
from bot.model.conversations import Conversation
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import Visibility
from bot.public.links import DIRECT, signed_link
from bot.texts import Inline

Told = Literal["contact.news", "contact.link_again"]


async def tell(work: Work, place: Conversation, key: Told) -> bool:
    """A sentence with a fresh link to go on with a conversation, where its person is alone with the desk elsewhere;
    False where nobody can be written to, or there is no page to link to."""
    policy, say = work.services.policy, work.services.texts
    link = signed_link(policy.public, DIRECT, place.id, work.now)
    language = place.language or policy.desk_language
    if link is None:
        return False
    values = {"link": Inline(link), "hours": int(DIRECT.good_for.total_seconds() // 3600)}
    document = Document((Paragraph(say(key, language, **values)),))
    delivery = Delivery(
        conversation=place.ref,
        document=document,
        key=f"{work.key}:{key}",
        language=language,
        visibility=Visibility.DIRECT,
    )
    visit = await work.uow.contact.in_conversation(place.id)
    if visit is None:  # the conversation is one of direct messages itself
        room = place.ref
        work.uow.outbox.add(replace(delivery, conversation=room, recipient=room.room))
        return True
    if there := await reachable_at(work.uow, visit):
        said_stop = await work.uow.public.opt_out(there[0].platform, there[0].account, there[1])
        written = place.last_message_at
        if key == "contact.news" and said_stop and (written is None or written <= said_stop.since):
            return False  # what they write on the page after that asks for an answer
        work.uow.outbox.add(replace(delivery, conversation=there[0], recipient=there[1]))
        return True
    if visit.way == "email" and visit.address and policy.mail:
        room = ConversationRef("email", policy.mail, visit.address)
        work.uow.outbox.add(replace(delivery, conversation=room, recipient=visit.address))
        return True
    return False


async def unread(services: Services, limit: int = 50) -> list[ContactVisit]:
    """For whom a technician's words wait while nobody sits at the page."""
    now, public = services.clock(), services.policy.public
    async with services.storage.unit_of_work() as uow:
        return await uow.contact.unread(now - public.away, now - public.away, now - public.tell_every, limit)


async def tell_absent(services: Services, seen: ContactVisit) -> bool:
    """Tell one of them, once in so long, whatever number of browsers they have. Raises StaleWrite."""
    now, public = services.clock(), services.policy.public
    async with working(services, f"contact:news:{seen.id}:{now.timestamp():.0f}") as work:
        visit = await work.uow.contact.visit(seen.id)
        place = await work.uow.conversations.get(seen.conversation_id)
        if visit is None or place is None or visit.version != seen.version:
            return False
        others = await work.uow.contact.verified(visit.person_id) if visit.verified_at else []
        work.uow.contact.save(replace(visit, told_at=now))
        if any(one.seen_at >= now - public.away for one in others):
            return False  # they read it in another browser
        since = now - public.tell_every
        if any(one.told_at and one.told_at > since for one in others if one.id != visit.id):
            return False
        return await tell(work, place, "contact.news")
