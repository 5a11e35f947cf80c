"""Browsers on the contact page: each begins as somebody unverified, with a chat that nobody else reads."""

from dataclasses import replace
from uuid import UUID

from bot.engine.identify import identify
from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.contact import ContactVisit
from bot.model.conversations import Conversation
from bot.model.messages import ConversationRef, Identity
from bot.model.people import Account, PersonIdentity
from bot.model.public import PublicPost
from bot.model.values import Language
from bot.ports.storage import UnitOfWork
from bot.public.rooms import direct_room


def visitor_name(services: Services, post: PublicPost) -> str:
    """What technicians read of who is not known to have written the post."""
    language = services.policy.desk_language
    if post.reference:
        return services.texts.plain("contact.visitor", language, post=post.reference)
    return services.texts.plain("contact.visitor_of", language, handle=post.handle)


async def begin(
    services: Services, uow: UnitOfWork, visit: ContactVisit, identity: Identity, chat: ConversationRef
) -> ContactVisit:
    """Note a new visit, with the person and the chat that it has from now on; those of `visit` are not looked at."""
    known, _ = await identify(uow, identity)
    place = await uow.conversations.by_ref(chat)
    if place is None:
        place = Conversation(chat, person_id=known.person.id, language=visit.language)
        uow.conversations.add(place)
    visit = replace(visit, person_id=known.person.id, conversation_id=place.id)
    uow.contact.add(visit)
    return visit


async def begin_as(
    work: Work, visit: ContactVisit, identity: Identity, chat: ConversationRef, person_id: UUID
) -> ContactVisit:
    """The same for who is known from the start to be a person whom the desk has met."""
    uow = work.uow
    if await uow.people.account(identity.platform, identity.account) is None:
        uow.people.add(Account(identity.platform, identity.account))
    uow.people.add(PersonIdentity(person_id, identity.platform, identity.account, identity.native_id, identity.name))
    place = await work.place(chat)
    work.keep(replace(place, person_id=person_id, language=visit.language))
    visit = replace(visit, person_id=person_id, conversation_id=place.id)
    uow.contact.add(visit)
    return visit


async def author_of(uow: UnitOfWork, post: PublicPost) -> PersonIdentity | None:
    """As whom the post's author is known where they posted; None once they were erased."""
    there = [
        one
        for one in await uow.people.identities(post.person_id)
        if (one.platform, one.account) == (post.platform, post.account)
    ]
    return next((one for one in there if one.name == post.handle), there[0] if there else None)


async def reachable_at(uow: UnitOfWork, visit: ContactVisit) -> tuple[ConversationRef, str] | None:
    """The room in which who sits there is alone with the desk elsewhere, and their native id there; None for who is
    unverified, and where there is no such room."""
    if visit.verified_at is None:
        return None
    post = await uow.public.get(visit.post_id) if visit.post_id else None
    if post and (author := await author_of(uow, post)):
        return direct_room(author), author.native_id
    about = await uow.conversations.get(visit.about_id) if visit.about_id else None
    if about is None or about.ref.is_public:
        return None
    if earlier := await uow.contact.in_conversation(about.id):
        return None if earlier.id == visit.id else await reachable_at(uow, earlier)
    theirs = await uow.people.identities(visit.person_id)
    there = next((one for one in theirs if direct_room(one) == replace(about.ref, thread=None)), None)
    return (about.ref, there.native_id) if there else None


def chosen_language(visit: ContactVisit | None, post: PublicPost | None, default: Language) -> Language:
    return visit.language if visit else post.language if post else default
