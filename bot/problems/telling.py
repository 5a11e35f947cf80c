"""Tell the news of a problem: in portions, each person once, however often a run is broken off and begun again."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.errors import IllegalTransition, StaleWrite
from bot.model.conversations import AwaitsConfirmation, Matter
from bot.model.tickets import Problem, ProblemSubscription, Ticket
from bot.problems import wording
from bot.problems.recipients import Recipient, to_tell
from bot.public.ends import end_of
from bot.public.pausing import is_paused
from bot.tickets import lifecycle

log = logging.getLogger(__name__)

PORTION = 20  # people told in one transaction


async def tell_problem(services: Services, problem: Problem) -> int:
    """Tell everybody who is still to be told; return how many that were.

    What another writer changed meanwhile is left to the next run.
    """
    async with working(services, "") as work:
        waiting = await to_tell(work, problem)
    told = 0
    try:
        ending = [one for one in waiting if one.ticket and problem.ended_at]
        for ticket in dict.fromkeys(one.ticket for one in ending if one.ticket):
            told += await _end_ticket(services, problem, ticket, [one for one in ending if one.ticket == ticket])
        for portion in _portions([one for one in waiting if one not in ending]):
            told += await _tell(services, problem, portion)
        await _finish(services, problem)
    except StaleWrite:
        log.info("%s changed while it was told of; the next run goes on", problem.reference)
    return told


def _portions(waiting: Sequence[Recipient]) -> list[Sequence[Recipient]]:
    return [waiting[start : start + PORTION] for start in range(0, len(waiting), PORTION)]


async def _tell(services: Services, problem: Problem, portion: Sequence[Recipient]) -> int:
    async with working(services, _key(problem)) as work:
        if await _has_moved_on(work, problem):
            return 0
        paused = await is_paused(work.uow)
        told = [one for one in portion if one.post is None or not paused]
        for one in told:
            key = f"{one.place.id}:{one.person_id}"
            if one.post is not None:
                reply = await end_of(work, problem, one.post)
                work.post_public(one.place, reply, answers=one.post.message_id, key=key)
            elif not one.untold:
                work.post(one.place, one.document, language=one.language, key=key)
            _note_told(work, problem, one)
    return len(told)


async def _end_ticket(services: Services, problem: Problem, ticket: Ticket, places: Sequence[Recipient]) -> int:
    """Resolve a ticket with its problem and ask its askers to confirm."""
    async with working(services, f"{_key(problem)}:{ticket.id}", problem.author_id) as work:
        author = await work.uow.people.technician_of(problem.author_id) if problem.author_id else None
        current = await work.current(ticket.id)
        if current is None or current.problem_id != problem.id or await _has_moved_on(work, problem):
            return 0
        try:
            if author is not None and problem.author_id is not None:
                said = wording.resolution(services, problem, current)
                work.save(lifecycle.resolved(current, author.id, problem.author_id, work.now, said, "fixed"))
        except IllegalTransition:
            return 0  # somebody was faster
        for one in places:
            if not one.untold:
                waits = Matter(pending=AwaitsConfirmation(ticket.reference))
                work.keep(replace(one.place, silenced=False, matter=waits))
                work.post(one.place, one.document, language=one.language, key=f"{one.place.id}:{one.person_id}")
            _note_told(work, problem, one)
    return len(places)


def _note_told(work: Work, problem: Problem, one: Recipient) -> None:
    known = one.subscription
    told_at = work.now if problem.ended_at else None
    if known is None:
        subscription = ProblemSubscription(
            problem.id, one.place.id, one.person_id, work.now, True, told_at, one.audience, one.language, problem.news
        )
        work.keep_subscription(subscription, new=True)
        return
    changed = replace(known, told_at=told_at, audience=one.audience, language=one.language, news=problem.news)
    work.keep_subscription(replace(changed, wants_end=known.wants_end or one.ticket is not None))


async def _finish(services: Services, problem: Problem) -> None:
    """Note that everybody has been told, unless somebody is to be told again."""
    async with working(services, _key(problem)) as work:
        current = await work.uow.problems.get(problem.id)
        if current is None or current.tell_from is None or current.tell_from > work.now:
            return
        if not await to_tell(work, current):
            work.uow.problems.save(replace(current, tell_from=None))


async def _has_moved_on(work: Work, problem: Problem) -> bool:
    """Whether what is being told is no longer what is to be told. If it still is, nobody takes it back at the same
    time: of who tells and who takes back, the second to write reads again."""
    current = await work.uow.problems.get(problem.id)
    if current is None or current.tell_from is None or _state(current) != _state(problem):
        return True
    work.uow.problems.save(current)
    return False


def _state(problem: Problem) -> tuple[object, ...]:
    return problem.news, problem.announced_at, problem.updated_at, problem.ended_at


def _key(problem: Problem) -> str:
    return f"problem:{problem.id}:{problem.news}"
