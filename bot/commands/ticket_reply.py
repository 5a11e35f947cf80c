"""`/ticket reply T12 TEXT`: write to the asker, where they are. Replying claims a ticket that nobody has in hand.

`/ticket reply T12 public TEXT` answers where everybody reads, if the ticket came of a public post.
"""

from bot.commands.common import nothing_said, ticket_and_rest
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.public.replying import meant_for_public, prepare
from bot.tickets.relay import reply


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.reply")
    if not text and not turn.brings_files:
        raise await nothing_said(turn, ticket, "command.ticket.reply")
    if (words := meant_for_public(text)) is not None:
        return await prepare(turn, ticket, words, text)
    return await reply(turn, ticket, text)


COMMAND = Command("ticket", "reply", run, aliases=("repondre", "répondre", "reponse", "réponse"))
