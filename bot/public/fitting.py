"""A reply within one post, as far as that can be done: what may be left out is, the rest is said more briefly, and an
article has the room that is left. That a post holds personal details is worth a second one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.engine.work import Work
from bot.model.public import PublicPost
from bot.public.limits import limits_of
from bot.public.policy import LONGEST_POST
from bot.public.reply import CATALOGUE, Announcement, Part, Passage, PublicReply, Sentence, composed, target_of

SHORT = f"{CATALOGUE}short."  # how the keys begin of what is said more briefly
BRIEF = (
    "greeting", "not_found", "serious", "problem", "personal", "private_link", "private_direct",
    "person", "person_by", "person_there", "person_there_by",
    "complaint.low", "complaint.medium", "complaint.high", "complaint.urgent", "complaint.angry",
)  # fmt: skip
# What is left out of a reply that is too long for a post, the first first: before anything is said more briefly, after.
LEFT_OUT = ("public.say.late", "public.say.ticket")
LEFT_OUT_LAST = ("public.say.assistant",)
BETWEEN = len("\n\n")

Change = Callable[[Sequence[Part]], list[Part]]


async def fitted(work: Work, post: PublicPost, parts: Sequence[Part]) -> PublicReply:
    """Raises NotPublic as `composed`."""
    target = target_of(post, work.services.policy.public)
    limits = (await limits_of(work.uow, work.services.policy.public, post)).at_most(LONGEST_POST)
    room = limits.room(target.handle, target.warning)

    async def made(parts: Sequence[Part]) -> PublicReply:
        return await composed(work.services, work.uow, work.now, target, post.language, parts)

    parts = [replace(part, longest=0) if isinstance(part, Passage | Announcement) else part for part in parts]
    reply = await made(parts)
    for change in (*map(_without, LEFT_OUT), *map(_briefly, _keys(parts)), *map(_without, LEFT_OUT_LAST)):
        if limits.size(reply.document) > room:
            parts = change(parts)
            reply = await made(parts)
    left = room - limits.size(reply.document) - BETWEEN
    if left > 0 and any(isinstance(part, Passage | Announcement) for part in parts):
        parts = [replace(part, longest=left) if isinstance(part, Passage | Announcement) else part for part in parts]
        reply = await made(parts)
    return reply


def _keys(parts: Sequence[Part]) -> list[str]:
    return [one.key for one in parts if isinstance(one, Sentence)]


def _without(key: str) -> Change:
    return lambda parts: [one for one in parts if not isinstance(one, Sentence) or one.key != key]


def _briefly(key: str) -> Change:
    name = key.removeprefix(CATALOGUE)
    brief = SHORT + name if name in BRIEF else key
    return lambda parts: [
        replace(one, key=brief) if isinstance(one, Sentence) and one.key == key else one for one in parts
    ]
