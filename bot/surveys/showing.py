"""What was said of a ticket, for those who may know."""

from bot.engine.turn import Turn
from bot.model.documents import Block, Fields, plain
from bot.model.tickets import Ticket
from bot.model.values import Role


async def ratings(turn: Turn, ticket: Ticket) -> list[Block]:
    """The scores and comments of a ticket, for its assignee and for those who lead; nothing for anybody else."""
    who = turn.technician
    if who is None or not (who.id == ticket.assignee_id or who.role in (Role.LEAD, Role.ADMIN)):
        return []
    given = [survey for survey in await turn.uow.tickets.surveys(ticket.id) if survey.score is not None]
    items = tuple(
        (
            turn.say(f"survey.kind.{survey.kind}"),
            f"{survey.score}{f' · « {plain(survey.comment)} »' if survey.comment else ''}",
        )
        for survey in given
    )
    return [Fields(items, title=turn.say("survey.given"))] if items else []
