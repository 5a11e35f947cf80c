"""What became of a problem."""

from bot.model.tickets import Problem


def state(problem: Problem) -> str:
    """The key of the words for it."""
    if problem.ended_at is not None:
        return "problem.state.ended"
    return "problem.state.announced" if problem.announced_at is not None else "problem.state.internal"
