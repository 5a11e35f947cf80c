"""Commands: the same on every platform that has them, typed after `/ticket` or, in threads, after `!`.

One table serves parsing, help, rights and completion. One command, one file; a handler changes what its turn's unit of
work holds and returns the document to show. It raises InvalidInput, with a sentence from the catalogue, when the
person should do something else.
"""

from bot.commands import (
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
from bot.commands.table import Command, CommandTable

COMMANDS: tuple[Command, ...] = (
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
)

__all__ = ["COMMANDS", "Command", "CommandTable"]
