"""Every command of the desk, in the order in which help shows them."""

from bot.commands import (
    kb_approve,
    kb_gaps,
    kb_help,
    kb_reject,
    kb_review,
    kb_search,
    kb_show,
    ticket_claim,
    ticket_close,
    ticket_help,
    ticket_list,
    ticket_mine,
    ticket_new,
    ticket_note,
    ticket_release,
    ticket_reopen,
    ticket_reply,
    ticket_resolve,
    ticket_show,
)
from bot.commands.table import Command
from bot.engine.turn import Turn

COMMANDS: tuple[Command[Turn], ...] = (
    ticket_new.COMMAND,
    ticket_list.COMMAND,
    ticket_mine.COMMAND,
    ticket_show.COMMAND,
    ticket_claim.COMMAND,
    ticket_release.COMMAND,
    ticket_reply.COMMAND,
    ticket_note.COMMAND,
    ticket_resolve.COMMAND,
    ticket_close.COMMAND,
    ticket_reopen.COMMAND,
    ticket_help.COMMAND,
    kb_search.COMMAND,
    kb_show.COMMAND,
    kb_gaps.COMMAND,
    kb_review.COMMAND,
    kb_approve.COMMAND,
    kb_reject.COMMAND,
    kb_help.COMMAND,
)
