"""Who has closed the page hears elsewhere that an answer waits: never what it says."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Literal

from bot.contact.visits import reachable_at
from bot.engine.services import Policy, Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.model.contact import ContactVisit, Way
from bot.model.conversations import Conversation
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.people import SignInCode
from bot.model.values import Visibility
from bot.ports.storage import UnitOfWork
from bot.public.links import DIRECT, signed_link
from bot.public.rooms import room_by_handle
from bot.texts import Inline

Told = Literal["contact.news", "contact.link_again"]
MOST_AGAIN = 3  # links that one address of the form is sent for the asking, in so long:
AGAIN_WITHIN = timedelta(minutes=15)


def ways_to_write(policy: Policy) -> tuple[Way, ...]:
    """Of what can be given in the form, where the desk can write to by itself, with a link back."""
    if not policy.public.site or not policy.public.link_key:
        return ()
    usable: dict[Way, object] = {"email": policy.mail, "mastodon": policy.public.account}
    return tuple(way for way, through in usable.items() if through)


def room_of(policy: Policy, visit: ContactVisit | None) -> ConversationRef | None:
    """Where somebody can be written to as they said in the form, which nobody vouches for; None if they cannot."""
    if visit is None or not visit.address or visit.way not in ways_to_write(policy):
        return None
    if visit.way == "email" and policy.mail:
        return ConversationRef("email", policy.mail, visit.address)
    if visit.way == "mastodon" and policy.public.account:
        return room_by_handle(*policy.public.account, visit.address)
    return None


async def form_of(uow: UnitOfWork, visit: ContactVisit) -> ContactVisit | None:
    """The visit in which the form was filled in, whatever browser its chat goes on in since; None if none was."""
    if visit.way is not None:
        return visit
    begun = await uow.contact.in_conversation(visit.about_id) if visit.about_id else None
    return begun if begun and begun.way is not None else None


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
        key=f"{work.key}:{place.id}:{key}",
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
    to = room_of(policy, await form_of(work.uow, visit))
    if to is None or not await _may_be_written_to(work, to, key):
        return False
    work.uow.outbox.add(replace(delivery, conversation=to, recipient=to.room))
    return True


async def _may_be_written_to(work: Work, to: ConversationRef, key: Told) -> bool:
    """Anybody may give any address in the form, in any number of forms: whoever said stop is not written to whatever
    is written on the page, and nobody is sent many links that they did not ask for."""
    if await work.uow.public.left_alone(to.platform, to.account, to.room.removeprefix("@")):
        return False
    if key == "contact.news":
        return True
    codes = work.services.storage.sign_in_codes
    address = f"link:{sha256(to.key.lower().encode()).hexdigest()}"
    if await codes.recent(address, work.now - AGAIN_WITHIN) >= MOST_AGAIN:
        return False
    await codes.add(SignInCode(address, "", work.now, work.now + AGAIN_WITHIN, consumed_at=work.now))
    return True


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
        others = await work.uow.contact.verified(visit.person_id)
        others += [form] if (form := await form_of(work.uow, visit)) and form not in others else []
        seen_at, since = max((one.seen_at for one in others), default=visit.seen_at), now - public.tell_every
        if seen_at >= now - public.away:  # they read what was said until then in another browser
            work.uow.contact.save(replace(visit, seen_at=max(seen_at, visit.seen_at)))
            return False
        told = [one.told_at for one in others if one.told_at and one.id != visit.id]
        if told and max(told) > since:  # what was said after that waits for its turn
            work.uow.contact.save(replace(visit, told_at=max(told)))
            return False
        work.uow.contact.save(replace(visit, told_at=now))
        return await tell(work, place, "contact.news")
