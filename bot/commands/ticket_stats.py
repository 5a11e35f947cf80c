"""`/ticket stats [PERIOD] [work|pipeline|queue]`: the desk's figures. How each technician does is shown to leads, and
only where nobody else reads."""

from zoneinfo import ZoneInfo

from bot.commands.table import Command, may
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.messages import IncomingMessage
from bot.reports.asking import VIEWS, UnknownWord, tables, wanted
from bot.reports.documents import document
from bot.reports.wording import Wording

MOST_ROWS = 14  # of a table, in a chat


async def run(turn: Turn, argument: str) -> Document:
    services = turn.services
    zone = ZoneInfo(services.policy.timezone)
    try:
        asked = wanted(argument.split(), turn.now, zone)
    except UnknownWord as error:
        raise InvalidInput(turn.say("stats.unknown", word=str(error)[:60])) from error
    say = Wording(services.texts.plain, services.categories.name, turn.language, zone)
    alone = isinstance(turn.event, IncomingMessage) and turn.event.private
    may_compare = may(turn.role, "lead")
    shown = await tables(turn.uow, asked, turn.now, say, technicians=alone and may_compare)
    notes = shown.notes
    if asked.view == "overview" and may_compare and not alone:
        notes = [*notes, say("stats.technicians_elsewhere")]
    return document(shown.title, shown.sheets, notes, MOST_ROWS)


COMMAND = Command("ticket", "stats", run, aliases=("statistiques", "statistics", "chiffres"), then=VIEWS)
