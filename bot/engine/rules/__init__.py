"""Decide: the rules that say what a message is, in the order in which they are asked.

A rule gives an Answer, or None when the message is none of its business. The last one always answers.
"""

from collections.abc import Awaitable, Callable

from bot.engine import numbered
from bot.engine.rules import after_ticket, commands, files, pending, problems, questions, ratings, small_talk, tickets
from bot.engine.turn import Answer, Turn
from bot.public import after_stop, continued, opting_out

Rule = Callable[[Turn], Awaitable[Answer | None]]

RULES: tuple[tuple[str, Rule], ...] = (
    ("opting_out", opting_out.said),
    ("after_stop", after_stop.heard),
    ("too_long", small_talk.too_long),
    ("request", tickets.requested),
    ("command", commands.command),
    ("desk_thread", commands.desk_thread),
    ("desk_room", commands.desk_room),
    ("named_ticket", tickets.named),
    ("number_unsure", numbered.unsure),
    ("ticket_choice", pending.ticket_choice),
    ("relay", tickets.relay),
    ("files_alone", files.alone),
    ("rating", ratings.rating),
    ("told_of_problem", problems.told),
    ("feedback", pending.feedback),
    ("choice", pending.choice),
    ("number", numbered.nothing),
    ("settled", tickets.settled),
    ("status", tickets.status),
    ("after_post", continued.after_post),
    ("urgent_problem", problems.urgent_problem),
    ("ticket_at_once", tickets.at_once),
    ("acknowledged", small_talk.acknowledged),
    ("thanks", small_talk.thanks),
    ("greeting", small_talk.greeting),
    ("wordless", small_talk.wordless),
    ("after_ticket", after_ticket.after_ticket),
    ("comes_back", after_ticket.comes_back),
    ("nothing_to_confirm", small_talk.nothing_to_confirm),
    ("known_problem", problems.known_problem),
    ("clarified", questions.clarified),
    ("vague", questions.vague),
    ("details", tickets.details),
    ("follow_up", questions.follow_up),
    ("question", questions.question),
)


async def decide(turn: Turn) -> tuple[str, Answer]:
    """The first rule that answers, and its name."""
    for name, rule in RULES:
        answer = await rule(turn)
        if answer is not None:
            return name, answer
    raise AssertionError("the last rule answers every message")
