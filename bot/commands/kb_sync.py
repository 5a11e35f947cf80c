"""`/kb sync`: bring the articles to the state of the desk's folder of documents, at once."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput, LoadError
from bot.model.documents import Document


async def run(turn: Turn, argument: str) -> Document:
    folder = turn.services.folder
    if folder is None:
        raise InvalidInput(turn.say("kb.sync.no_folder"))
    try:
        changed = await folder.sync()
    except LoadError as error:
        raise InvalidInput(turn.say("kb.sync.failed", error=str(error)[:300])) from error
    return turn.document("kb.sync.done", count=changed)


COMMAND = Command("kb", "sync", run, aliases=("synchroniser", "synchro"), right="curator")
