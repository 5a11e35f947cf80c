"""Post the digest of the week, or of the days since the last working one: one of the two, and none that is stale."""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.cron import CronExpression
from bot.digest.gathering import WEEK, Days, Kind
from bot.digest.posting import pass_over, places_of, post, posted
from bot.engine.services import Services
from bot.settings import Settings
from bot.sla.policies import SlaPolicies
from jobs.timing import AnyOf, Cron

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
LONGEST = 31  # days of a digest


def timing_of(settings: Settings) -> AnyOf | None:
    """When the job is due; None where no digest is wanted."""
    found = timings(settings)
    return AnyOf(tuple(found.values())) if found else None


def timings(settings: Settings) -> Mapping[Kind, Cron]:
    """Of each digest that is wanted, the one of the week first."""
    zone, works = zone_of(settings), working_days(settings)
    wanted: tuple[tuple[Kind, str], ...] = (("weekly", settings.digest_weekly), ("daily", settings.digest_daily))
    return {kind: Cron(CronExpression.of(text), zone, works, moves=kind == "weekly") for kind, text in wanted if text}


def zone_of(settings: Settings) -> ZoneInfo:
    return ZoneInfo(settings.digest_zone or settings.timezone)


def working_days(settings: Settings) -> Callable[[date], bool]:
    """Whether the desk works on a day. The policies are read when that is first asked."""

    @lru_cache(maxsize=1)
    def policies() -> SlaPolicies:
        return SlaPolicies.load(settings.sla, settings.timezone)

    def works(day: date) -> bool:
        calendar = policies().calendar
        return calendar is None or calendar.is_workday(day)

    return works


def days_of(kind: Kind, timing: Cron, due: datetime) -> Days:
    """Of a week, the seven days before the day that was meant, even if the digest had to wait for a working day; else
    from the day of the last digest on, up to yesterday."""
    today = due.astimezone(timing.zone).date()
    if kind == "weekly":
        while not timing.expression.is_on(today):
            today -= DAY
        return Days(today - WEEK * DAY, today - DAY, timing.zone)
    before = timing.latest(due - timedelta(microseconds=1)).astimezone(timing.zone).date()
    return Days(max(min(before, today - DAY), today - LONGEST * DAY), today - DAY, timing.zone)


async def post_digest(services: Services, settings: Settings) -> int:
    """Return how many: the one of the week takes the place of the day's."""
    found, now = timings(settings), services.clock()
    for kind, timing in found.items():
        due = timing.latest(now)
        async with services.storage.unit_of_work() as uow:
            last = await posted(uow, kind)
        if last is not None and last >= due:
            continue
        if _is_stale(kind, found, due, now, first=last is None):
            await pass_over(services, kind, due)
            continue
        places = places_of(settings.digest_place, services.desk)
        if not places:
            log.warning("the %s digest has no room to be posted in", kind)
            return 0
        days, end = days_of(kind, timing, due), _end(timing, now.astimezone(timing.zone).date())
        others = {other: theirs.latest(end) for other, theirs in found.items() if other != kind}
        return int(await post(services, kind, days, due, places, others if kind == "weekly" else {}))
    return 0


def _is_stale(kind: Kind, found: Mapping[Kind, Cron], due: datetime, now: datetime, *, first: bool) -> bool:
    """Whether a digest is not worth posting any more. The day's is none on another day, nor on the day of the week's;
    the week's may be days late, on a working day, if the next is not near. A desk begins with the first that is due."""
    timing = found[kind]
    today = now.astimezone(timing.zone).date()
    if due.astimezone(timing.zone).date() == today:
        return kind == "daily" and "weekly" in found and _is_on(found["weekly"], today)
    return kind == "daily" or first or not timing.works(today) or timing.after(now) - now < DAY


def _is_on(timing: Cron, day: date) -> bool:
    """Whether something is due on that day."""
    return timing.latest(_end(timing, day)).astimezone(timing.zone).date() == day


def _end(timing: Cron, day: date) -> datetime:
    return datetime.combine(day + DAY, datetime.min.time(), tzinfo=timing.zone) - timedelta(microseconds=1)
