"""Who asked the desk to leave them alone."""

from uuid import UUID

from bot.engine.work import Work
from bot.model.conversations import Conversation
from bot.model.public import OptOut

RECENT = 50  # messages looked at for whether they wrote since


async def opt_out_of(work: Work, person_id: UUID, platform: str, account: str) -> OptOut | None:
    """What somebody said with "stop" on a platform; None where they did not, or took it back."""
    for one in await work.uow.people.identities(person_id):
        if (one.platform, one.account) == (platform, account):
            found = await work.uow.public.opt_out(platform, account, one.native_id)
            if found is not None:
                return found
    return None


async def wants_no_word(work: Work, place: Conversation) -> bool:
    """Whether who is there said stop and has not written there since: who writes is answered."""
    ref, platforms = place.ref, work.services.policy.public.platforms
    if ref.platform not in platforms or place.person_id is None or ref.is_public or work.is_origin(place):
        return False
    found = await work.uow.public.opt_out(ref.platform, ref.account, ref.room)
    if found is None:
        return False
    said = await work.uow.conversations.messages(place.id, RECENT)
    return not any(one.author == "person" and one.sent_at > found.since for one in said)
