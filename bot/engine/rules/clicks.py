"""Buttons: each click means what its words would. Only the asker's clicks on an answer count."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.engine.rules import commands, held, in_public, pending, problems, ratings, sharing
from bot.engine.rules.questions import look_up
from bot.engine.rules.tickets import declined, drop, resume, wish_for
from bot.engine.turn import Answer, Turn
from bot.model.conversations import (
    AwaitsChoice,
    AwaitsClarification,
    AwaitsConfirmation,
    AwaitsFeedback,
    AwaitsTicketChoice,
    AwaitsTicketConsent,
    Matter,
)
from bot.model.documents import Document
from bot.model.values import AnswerKind
from bot.public import deciding
from bot.tickets import proposals
from bot.tickets.opening import open_ticket

Click = Callable[[Turn, str], Awaitable[Answer]]
REFERENCE = re.compile(r"T[0-9]{1,9}")


async def clicked(turn: Turn, action: str, value: str) -> Answer:
    """What a click does. One of an earlier answer, or of somebody else, changes nothing and says so."""
    group, _, name = action.partition("_")
    if any((one.group, one.name) == (group, name) for one in turn.services.commands.commands):
        return await commands.run(turn, name, value, group)
    if action in ("send_held", "keep_held"):
        return await held.decide(turn, action, value)
    if action in in_public.ACTIONS:
        return await in_public.decide(turn, action, value)
    if action in deciding.ACTIONS:
        return await deciding.pressed(turn, action, value)
    if action == "decline_ticket":
        return await declined(turn, value)
    if turn.conversation.person_id not in (None, turn.known.person.id):
        return turn.not_theirs()
    handler = CLICKS.get(action)
    return await handler(turn, value) if handler else turn.chat("click.outdated")


async def worked(turn: Turn, value: str) -> Answer:
    if turn.matter.pending != AwaitsFeedback(value):
        return turn.chat("click.outdated")
    return await pending.worked(turn, value)


async def next_one(turn: Turn, value: str) -> Answer:
    if turn.matter.pending != AwaitsFeedback(value):
        return turn.chat("click.outdated")
    return await pending.did_not_work(turn)


async def human(turn: Turn, value: str) -> Answer:
    return await open_ticket(turn, "human") if turn.matter.question else turn.chat("click.outdated")


async def pick(turn: Turn, value: str) -> Answer:
    waiting = turn.matter.pending
    if not isinstance(waiting, AwaitsChoice) or value not in {choice.value for choice in waiting.choices}:
        return turn.chat("click.outdated")
    return await pending.pick(turn, value)


async def none(turn: Turn, value: str) -> Answer:
    if not isinstance(turn.matter.pending, AwaitsChoice):
        return turn.chat("click.outdated")
    return await pending.none_of_these(turn)


async def clarify(turn: Turn, value: str) -> Answer:
    waiting = turn.matter.pending
    if not isinstance(waiting, AwaitsClarification) or value not in {choice.value for choice in waiting.choices}:
        return turn.chat("click.outdated")
    return await look_up(turn, replace(turn.matter, category=value, pending=None))


async def open_one(turn: Turn, value: str) -> Answer:
    if not isinstance(turn.matter.pending, AwaitsTicketConsent):
        return turn.chat("click.outdated")
    return await open_ticket(turn, "asked")


async def open_none(turn: Turn, value: str) -> Answer:
    return pending.no_ticket(turn)


async def which_ticket(turn: Turn, value: str) -> Answer:
    waiting = turn.matter.pending
    ticket = next((ticket for ticket in turn.tickets if ticket.reference == value), None)
    if not isinstance(waiting, AwaitsTicketChoice) or ticket is None:
        return turn.chat("click.outdated")
    return await wish_for(turn, ticket, waiting.wish, waiting.text)


async def settled(turn: Turn, value: str) -> Answer:
    ticket = next((ticket for ticket in turn.tickets if ticket.reference == value), None)
    return await drop(turn, ticket) if ticket else turn.chat("click.outdated")


async def confirm(turn: Turn, value: str) -> Answer:
    if turn.matter.pending != AwaitsConfirmation(value):
        return turn.chat("click.outdated")
    return await pending.confirmed(turn, value)


async def reopen(turn: Turn, value: str) -> Answer:
    return await resume(turn, value) if REFERENCE.fullmatch(value) else turn.chat("click.outdated")


async def solution_worked(turn: Turn, value: str) -> Answer:
    return solution(turn, await proposals.pressed(turn, value, helped=True))


async def solution_failed(turn: Turn, value: str) -> Answer:
    return solution(turn, await proposals.pressed(turn, value, helped=False))


def solution(turn: Turn, document: Document | None) -> Answer:
    return Answer(AnswerKind.CHAT, document, turn.matter) if document else turn.chat("click.outdated")


async def new_question(turn: Turn, value: str) -> Answer:
    turn.conversation = replace(turn.conversation, silenced=False, matter=Matter())
    return turn.chat("chat.new_question")


CLICKS: dict[str, Click] = {
    "worked": worked,
    "next": next_one,
    "human": human,
    "pick": pick,
    "none": none,
    "clarify": clarify,
    "open_ticket": open_one,
    "no_ticket": open_none,
    "which_ticket": which_ticket,
    "settled": settled,
    "confirm": confirm,
    "reopen": reopen,
    "new_question": new_question,
    "share": sharing.share,
    "solution_worked": solution_worked,
    "solution_failed": solution_failed,
    "rate": ratings.rate,
    "problem_subscribe": problems.subscribe_click,
    "problem_other": problems.other_click,
}
