"""Who asked the desk to leave them alone, and who never asked it for anything."""

from datetime import UTC, datetime
from uuid import UUID

from bot.engine.work import Work
from bot.model.conversations import Conversation
from bot.model.public import OptOut, PublicPost
from bot.model.tickets import Ticket

RECENT = 50  # messages looked at for what was said there
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


async def opt_out_of(work: Work, person_id: UUID, platform: str, account: str) -> OptOut | None:
    """What somebody said with "stop" on a platform; None where they did not, or took it back."""
    for one in await work.uow.people.identities(person_id):
        if (one.platform, one.account) == (platform, account):
            found = await work.uow.public.opt_out(platform, account, one.native_id)
            if found is not None:
                return found
    return None


async def may_be_told(work: Work, place: Conversation, ticket: Ticket | None = None) -> bool:
    """Whether the desk may speak up there by itself: about a ticket, or about anything else."""
    return await has_asked(work, place, ticket) and not await wants_no_word(work, place, ticket)


async def wants_no_word(work: Work, place: Conversation, ticket: Ticket | None = None) -> bool:
    """Whether who is there said stop. About a ticket to which they have added something there since, they hear."""
    if not _is_unasked(work, place):
        return False
    found = await work.uow.public.opt_out(place.ref.platform, place.ref.account, place.ref.room)
    if found is None or ticket is None:
        return found is not None
    said = await work.uow.conversations.messages(place.id, RECENT)
    since = [one.outcome for one in said if one.author == "person" and one.sent_at > found.since]
    for reference in {outcome.ticket for outcome in since if outcome and outcome.ticket}:
        about = await work.uow.tickets.by_number(int(reference[1:]))
        if about is not None and await _became(work, about.id, ticket):
            return False
    return True


async def has_asked(work: Work, place: Conversation, ticket: Ticket | None = None) -> bool:
    """Whether who is there, alone with the desk, wrote there or named the account, without #nobot, in the thread that
    the ticket came of (without one: that any ticket came of). To who only used a watched hashtag a technician may have
    written there: they know since then who speaks. A technician's words to who has #nobot let no program follow."""
    if not _is_unasked(work, place) or place.last_message_at is not None:
        return True
    posts = await _posts_behind(work, place, ticket)
    if not posts or any(post.found_by == "mention" and post.because != "no_bots" for post in posts):
        return True
    if any(post.because == "no_bots" for post in posts):
        return False
    said = await work.uow.conversations.messages(place.id, RECENT)
    return any(one.author == "technician" and not one.deleted for one in said)


def _is_unasked(work: Work, place: Conversation) -> bool:
    """Whether what the desk says there now is a direct message that nobody asks for at this moment."""
    is_direct = place.person_id is not None and not place.ref.is_public
    return is_direct and place.ref.platform in work.services.policy.public.platforms and not work.is_origin(place)


async def _posts_behind(work: Work, place: Conversation, ticket: Ticket | None) -> list[PublicPost]:
    """Posts of who is there in the threads that a ticket came of, or that what became part of it did."""
    assert place.person_id is not None
    posts = await work.uow.public.of_person(place.person_id, _EVER)
    there = [one for one in posts if (one.platform, one.account) == (place.ref.platform, place.ref.account)]
    roots: set[str] = set()
    for post in there:
        if post.ticket_id and (ticket is None or await _became(work, post.ticket_id, ticket)):
            roots.add(post.root)
    return [post for post in there if post.root in roots]


async def _became(work: Work, ticket_id: UUID, ticket: Ticket) -> bool:
    """Whether that is the ticket, or has become part of it, however deep."""
    seen: set[UUID] = set()
    next_id: UUID | None = ticket_id
    while next_id is not None and next_id not in seen:
        if next_id == ticket.id:
            return True
        seen.add(next_id)
        found = await work.current(next_id)
        next_id = found.merged_into_id if found else None
    return False
