"""Tickets that have a problem as their cause."""

from dataclasses import replace
from uuid import UUID

from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.model.conversations import Matter
from bot.model.tickets import Problem, Ticket
from bot.problems import steps
from bot.tickets import lifecycle


async def problem_of(turn: Turn, matter: Matter) -> UUID | None:
    """The problem that a ticket on this matter joins from the start: what they were told it is, if it goes on."""
    problem = await turn.uow.problems.get(matter.problem) if matter.problem else None
    return problem.id if problem and problem.is_announced else None


async def join(work: Work, problem: Problem, tickets: list[Ticket]) -> Problem:
    """Note the problem as the cause of tickets. If it is announced, their askers hear of it once that cannot be taken
    back any more. Raises IllegalTransition for a ticket that is over."""
    changes = [
        lifecycle.joined(ticket, problem.id, work.actor_id, work.now)
        for ticket in tickets
        if ticket.problem_id != problem.id
    ]
    for change in changes:
        work.save(change)
    if changes and problem.is_announced:
        problem = steps.soon(problem, work.now)
        work.keep_problem(problem)
    return problem


async def unjoin(work: Work, ticket: Ticket) -> None:
    """The ticket is about something else: it stays open when the problem ends, and its asker is told nothing more."""
    problem_id = ticket.problem_id
    work.stale_problems |= {problem_id} if problem_id else set()
    work.save(lifecycle.unjoined(ticket, work.actor_id, work.now))
    if problem_id is None:
        return
    for shown in await work.uow.tickets.places(ticket.id):
        for known in await work.uow.problems.subscriptions_in(shown.conversation_id):
            if known.problem_id == problem_id and known.told_at is None and shown.side == "asker":
                work.keep_subscription(replace(known, wants_end=False, told_at=work.now))
