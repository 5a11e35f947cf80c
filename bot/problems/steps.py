"""The life of a problem: drafted, announced, updated, ended; each step confirmed by its author, and taken back within
UNDO_WINDOW. Nothing here reads or writes."""

from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.errors import IllegalTransition
from bot.model.tickets import Problem, ProblemDraft, ProblemText
from bot.tickets.lifecycle import UNDO_WINDOW

Step = Literal["announce", "update", "end"]


def drafted(problem: Problem, step: Step, texts: tuple[ProblemText, ...], author_id: UUID, at: datetime) -> Problem:
    """With something to be said next, which is not said yet. Raises IllegalTransition out of turn."""
    if step == "announce" and problem.announced_at is not None and problem.ended_at is None:
        raise IllegalTransition(f"{problem.reference} is announced already")
    if step != "announce" and not problem.is_announced:
        raise IllegalTransition(f"{problem.reference} is not announced")
    return replace(problem, draft=ProblemDraft(step, texts, author_id, at))


def sent(problem: Problem, draft: ProblemDraft, at: datetime) -> Problem:
    """The draft said: who asks is told from now on; everybody else once it cannot be taken back any more."""
    number = problem.news + 1
    texts = tuple(replace(text, news=number) for text in draft.texts)
    after = replace(problem, draft=None, news=number, tell_from=at + UNDO_WINDOW, author_id=draft.author_id)
    match draft.step:
        case "announce":
            return replace(after, texts=texts, announced_at=at, updated_at=at, ended_at=None, end_texts=(), before=())
        case "update":
            return replace(after, texts=updated(problem.texts, texts), updated_at=at, before=problem.texts)
        case _:
            return replace(after, end_texts=texts, ended_at=at)


def updated(texts: tuple[ProblemText, ...], new: tuple[ProblemText, ...]) -> tuple[ProblemText, ...]:
    """New texts in the place of all that their audiences were told before, in whatever language."""
    audiences = {text.audience for text in new}
    return (*new, *(text for text in texts if text.audience not in audiences))


def last_step(problem: Problem) -> tuple[Step, datetime] | None:
    if problem.announced_at is None:
        return None
    if problem.ended_at is not None:
        return "end", problem.ended_at
    if problem.updated_at is not None and problem.updated_at != problem.announced_at:
        return "update", problem.updated_at
    return "announce", problem.announced_at


def undoable(problem: Problem, at: datetime) -> Step | None:
    """The step that can still be taken back."""
    last = last_step(problem)
    return last[0] if last and at - last[1] < UNDO_WINDOW else None


def undone(problem: Problem, by: UUID, at: datetime) -> Problem:
    """As before the last step, which is a draft again. Raises IllegalTransition if it is too late."""
    step = undoable(problem, at)
    if step is None:
        raise IllegalTransition(f"there is nothing to undo on {problem.reference}")
    said = problem.end_texts if step == "end" else tuple(text for text in problem.texts if text.news == problem.news)
    back = replace(problem, draft=ProblemDraft(step, said, by, at), tell_from=at)
    match step:
        case "end":
            return replace(back, ended_at=None, end_texts=())
        case "update":
            return replace(back, texts=problem.before, updated_at=problem.announced_at, before=())
        case _:
            return replace(back, announced_at=None, updated_at=None, tell_from=None)


def soon(problem: Problem, at: datetime) -> Problem:
    """Somebody more is to be told, once that cannot be taken back any more."""
    until = at + UNDO_WINDOW
    return replace(problem, tell_from=max(until, problem.tell_from or until))
