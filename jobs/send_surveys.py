"""Ask how it went where nobody has asked yet: of tickets that closed without a word, and, if wished for, whether one
would recommend the desk."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from bot.engine.services import Services
from bot.engine.working import working
from bot.errors import StaleWrite
from bot.model.tickets import Survey, Ticket
from bot.surveys.asking import ask_later
from bot.tickets.places import askers_places

LOOKED_BACK = timedelta(days=7)  # what closed longer ago is not asked about any more
APART = timedelta(days=1)  # between two surveys of one person, at least

About = TypeVar("About", Ticket, Survey)


async def send_surveys(services: Services) -> int:
    """Send those that are due; returns how many. Never a second one of a ticket, never two kinds at once."""
    if not services.policy.surveys:
        return 0
    now = services.clock()
    async with services.storage.unit_of_work() as uow:
        due = await uow.tickets.unsurveyed(now - LOOKED_BACK, now - services.policy.survey_delay)
    sent = 0
    for ticket in due:
        sent += await _once(_ask_about, services, ticket)
    if services.policy.nps_days:
        async with services.storage.unit_of_work() as uow:
            rated = await uow.tickets.surveys_sent("csat", now - LOOKED_BACK, now - APART)
        for survey in {survey.person_id: survey for survey in rated}.values():
            sent += await _once(_ask_whether_recommended, services, survey)
    return sent


async def _once(ask: Callable[[Services, About], Awaitable[bool]], services: Services, about: About) -> bool:
    try:
        return await ask(services, about)
    except StaleWrite:  # somebody wrote there just now, or another run was first
        return False


async def _ask_about(services: Services, ticket: Ticket) -> bool:
    async with working(services, f"survey:{ticket.id}") as work:
        places = [place for place in await askers_places(work, ticket) if place.person_id == ticket.asker_id]
        return bool(places) and await ask_later(work, places[0], "csat", ticket)


async def _ask_whether_recommended(services: Services, rated: Survey) -> bool:
    """At most once in so many days, and no sooner than a day after any other survey."""
    id = nps_id(rated.person_id, services)
    async with working(services, f"survey:{id}") as work:
        days = timedelta(days=services.policy.nps_days)
        asked = await work.uow.tickets.surveys_of(rated.person_id)
        if any(work.now - one.sent_at < (days if one.kind == "nps" else APART) for one in asked):
            return False
        place = await work.place_by_id(rated.conversation_id) if rated.conversation_id else None
        return place is not None and await ask_later(work, place, "nps", None, id)


def nps_id(person_id: UUID, services: Services) -> UUID:
    """The same for one person and one span of days, so that it cannot be asked twice."""
    span = int(services.clock().timestamp() // (services.policy.nps_days * 86_400))
    return uuid5(NAMESPACE_OID, f"nps:{person_id}:{span}")
