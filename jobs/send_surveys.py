"""Ask how it went where nobody has asked yet: of tickets that closed without a word, and, if wished for, whether one
would recommend the desk."""

from datetime import timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from bot.engine.services import Services
from bot.engine.working import working
from bot.model.tickets import Survey, Ticket
from bot.surveys.asking import ask_later
from bot.tickets.places import askers_places
from jobs.each import each

LOOKED_BACK = timedelta(days=7)  # what closed longer ago is not asked about any more
PORTION = 100
APART = timedelta(days=1)  # between two surveys of one person, at least


async def send_surveys(services: Services) -> int:
    """Send those that are due; returns how many. Never a second one of a ticket, never two kinds at once."""
    policy, now = services.policy, services.clock()
    if not policy.surveys:
        return 0
    sent = await _ask_about_closed(services)
    async with services.storage.unit_of_work() as uow:
        rated = await uow.tickets.surveys_sent("csat", now - LOOKED_BACK, now - APART) if policy.nps_days else []
    last_rated = {survey.person_id: survey for survey in rated}.values()
    return sent + await each(last_rated, lambda survey: _ask_whether_recommended(services, survey))


async def _ask_about_closed(services: Services) -> int:
    """Those who cannot be asked now are passed over: they keep nobody else waiting."""
    policy, now = services.policy, services.clock()
    sent = passed_over = 0
    while True:
        async with services.storage.unit_of_work() as uow:
            due = await uow.tickets.unsurveyed(now - LOOKED_BACK, now - policy.survey_delay, PORTION, passed_over)
        sent += (done := await each(due, lambda ticket: _ask_about(services, ticket)))
        passed_over += len(due) - done
        if len(due) < PORTION:
            return sent


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
