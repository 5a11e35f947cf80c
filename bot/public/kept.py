"""What is known of posts that were kept, beside their rows."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.ledger import Cursor
from bot.model.public import FoundBy, PublicPost
from bot.model.understanding import Understanding
from bot.ports.storage import UnitOfWork
from bot.public.reading import Reading, read
from bot.public.scanning import scan

# What nobody wants everybody to know of them. A name, a handle or an address of the web is how one writes in public.
PERSONAL = frozenset("password token key card phone email number serial birth street".split())

LOOKED_BACK = timedelta(days=30)  # for what somebody was answered today: what was posted long ago may be heard today
_SPOKEN = ("approved", "answered")
_UNASKED = "public:unasked:"


def read_post(work: Work, said: Understanding, text: str, found_by: FoundBy, declared: str | None = None) -> Reading:
    """What a post wants of the desk. `said`: what was understood of it; `text`: as it was written."""
    findings = scan(text, country=work.services.policy.public.country)
    return read(said, found_by, declared, personal=not PERSONAL.isdisjoint(findings.kinds))


def reading_of(work: Work, post: PublicPost) -> Reading:
    """The same of a post that was kept."""
    said = work.services.understander.understand(post.text, language=post.language, post=True)
    return read_post(work, said, post.text, post.found_by)


async def is_spent(work: Work, platform: str, account: str) -> bool:
    """Whether as many unasked replies as a day may have are on their way, in the desk's zone."""
    count = await work.uow.public.replied_since(platform, account, midnight(work))
    return count >= work.services.policy.public.daily_replies


async def count_after(work: Work, platform: str, account: str) -> None:
    """Of two replies that are put on their way at once, the second is counted after the first: it is decided about
    anew."""
    name = f"{_UNASKED}{platform}:{account}"
    found = await work.uow.cursors.get(name)
    value = work.now.isoformat()
    work.uow.cursors.save(replace(found, value=value) if found else Cursor(name, value))


async def is_thread_answered(work: Work, post: PublicPost) -> bool:
    """Whether the desk has answered another post of its thread, or is about to."""
    thread = await work.uow.public.of_thread(post.platform, post.account, post.root)
    return any(one.state in _SPOKEN for one in thread if one.id != post.id)


async def is_written_to_today(work: Work, post: PublicPost) -> bool:
    """Whether its author got a reply to another post today, or is about to, without having asked for one."""
    since = midnight(work)
    theirs = await work.uow.public.of_person(post.person_id, work.now - LOOKED_BACK)
    unasked = [one for one in theirs if one.id != post.id and one.found_by == "hashtag" and one.state in _SPOKEN]
    return any(one.replied_at is not None and one.replied_at >= since for one in unasked)


async def said_today(work: Work) -> int:
    """How many unasked replies were put on their way today, on all accounts."""
    count = 0
    for cursor in await work.uow.cursors.starting_with(_UNASKED):
        platform, _, account = cursor.name.removeprefix(_UNASKED).partition(":")
        count += await work.uow.public.replied_since(platform, account, midnight(work))
    return count


def decide_by(services: Services, post: PublicPost) -> datetime | None:
    """By when a decision about a held post is wanted, in the desk's business hours; None: at any time."""
    wait, calendar = services.policy.public.held, services.sla.calendar
    if post.state != "held" or post.held_at is None or not wait:
        return None
    return calendar.add(post.held_at, wait.total_seconds()) if calendar else post.held_at + wait


def midnight(work: Work) -> datetime:
    """When the day began where the desk is."""
    here = work.now.astimezone(ZoneInfo(work.services.policy.timezone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


async def post_named(uow: UnitOfWork, value: str) -> PublicPost | None:
    """The post of a button, or of a reference such as P3."""
    value = value.strip().removeprefix("#")
    if value[:1] in ("p", "P") and value[1:].isdecimal() and len(value) <= 10:
        return await uow.public.by_number(int(value[1:]))
    try:
        return await uow.public.get(UUID(value))
    except ValueError:
        return None
