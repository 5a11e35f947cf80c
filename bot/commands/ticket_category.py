"""`/ticket category T12 network`: what it is about, by slug, number, code or name."""

from bot.commands.common import stepped, ticket_and_rest, unknown_category, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets import lifecycle
from bot.tickets.words import category_named


async def run(turn: Turn, argument: str) -> Document:
    ticket, word = await ticket_and_rest(turn, argument, "command.ticket.category")
    categories = turn.services.categories
    category = category_named(categories, word)
    if category is None:
        raise unknown_category(turn, word)
    ticket = stepped(turn, ticket, lambda: lifecycle.categorised(ticket, category, turn.known.person.id, turn.now))
    return await with_fields(turn, ticket, "ticket.category.done", category=categories.name(category, turn.language))


COMMAND = Command("ticket", "category", run, aliases=("categorie", "catégorie"))
