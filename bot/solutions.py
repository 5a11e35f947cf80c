"""How articles have done as solutions: how often they worked, and how long their tickets took.

The share of successes alone says little of a solution that was tried twice. What orders solutions is the lower bound
of Wilson's interval for it, at 95 %: with n tries, the share p of successes and z = 1.96,

    (p + z²/2n − z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)

E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American
Statistical Association 22 (1927), pages 209 to 212.
"""

import math
from dataclasses import replace

from bot.model.knowledge import Solution
from bot.model.tickets import Proposal, Ticket
from bot.ports.storage import Knowledge, UnitOfWork

DAY = 24 * 3600.0  # seconds
FEWEST = 20  # cases from which on a share is told to people


def wilson_lower(hits: int, count: int, z: float = 1.96) -> float:
    """The lower bound of the proportion `hits` of `count`, as above. 0 of none."""
    if count == 0:
        return 0.0
    share = hits / count
    centre = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, (centre - spread) / (1 + z * z / count))


def tries(solution: Solution) -> int:
    return solution.successes + solution.failures


def experience(solution: Solution) -> float:
    """-1 to 1: how surely it works, less how surely it does not."""
    count = tries(solution)
    return wilson_lower(solution.successes, count) - wilson_lower(solution.failures, count)


def quickness(solution: Solution) -> float:
    """0 to 1: how much of a usual day is left when its tickets are resolved, as surely as it works at all.

    A solution that takes no time has all of it, one of DAY on average a half; one that was never timed has none.
    """
    if solution.resolution_seconds is None:
        return 0.0
    return max(0.0, experience(solution)) * DAY / (DAY + solution.resolution_seconds)


def rate(solution: Solution) -> float | None:
    """The share of successes; None while there are too few cases to tell."""
    count = tries(solution)
    return solution.successes / count if count >= FEWEST else None


async def judged(knowledge: Knowledge, article_id: str, before: bool | None, after: bool | None) -> Solution:
    """Count what is said of an article that was tried, in place of what was said of this try before."""
    known = (await knowledge.solutions([article_id])).get(article_id)
    solution = known or await _new(knowledge, article_id)
    counted = replace(
        solution,
        successes=max(0, solution.successes + (after is True) - (before is True)),
        failures=max(0, solution.failures + (after is False) - (before is False)),
    )
    (knowledge.save if known else knowledge.add)(counted)
    return counted


async def _new(knowledge: Knowledge, article_id: str) -> Solution:
    article = await knowledge.article(article_id)
    return Solution(article_id, article.title if article else article_id)


async def timed(uow: UnitOfWork, solution: Solution, ticket: Ticket, proposal: Proposal) -> Solution:
    """The solution with its mean time over the resolved tickets on which it helped, from opened to resolved.

    `proposal` is of this solution on `ticket`, both as they are in the unit of work, which may not be written yet.
    """
    spans = {id: until - since for id, since, until in await uow.tickets.resolved_with(solution.article_id)}
    spans.pop(proposal.id, None)
    if proposal.helped and ticket.resolved_at:
        spans[proposal.id] = ticket.resolved_at - ticket.created_at
    seconds = [span.total_seconds() for span in spans.values()]
    return replace(solution, resolution_seconds=sum(seconds) / len(seconds) if seconds else None)
