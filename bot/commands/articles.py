"""What commands about articles need: finding the article or the write-up that was meant."""

from bot.articles import named
from bot.commands.common import how_to_use
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.interventions.numbers import reference_in
from bot.model.knowledge import Article
from bot.model.tickets import Intervention, Ticket


async def article_meant(turn: Turn, wanted: str) -> Article:
    """The article with that id, or whose id ends so, if who speaks may read it. Raises InvalidInput."""
    article = await named(turn.uow.knowledge, wanted)
    if article is None or not turn.audience.may_read(article.audience):
        raise InvalidInput(turn.say("kb.article.unknown", article=wanted[:80]))
    return article


async def write_up_meant(turn: Turn, argument: str, usage: str) -> tuple[Intervention, str] | None:
    """The write-up whose reference the argument begins with, and what follows; None if it begins otherwise.

    Raises InvalidInput for a reference that there is none of, and for no argument at all.
    """
    if not argument:
        raise how_to_use(turn, usage)
    reference = reference_in(argument)
    if reference is None:
        return None
    found = await turn.uow.tickets.intervention(reference)
    if found is None:
        raise InvalidInput(turn.say("write_up.unknown", reference=reference))
    return found, argument.strip()[len(reference) :].strip()


def not_in_state(turn: Turn, one: Intervention) -> InvalidInput:
    """The sentence for what cannot be done with a write-up in its state."""
    state = turn.say(f"write_up.state.{one.state}")
    return InvalidInput(turn.say("write_up.not_possible", reference=one.reference, state=state))


async def ticket_of(turn: Turn, one: Intervention) -> Ticket:
    ticket = await turn.uow.tickets.get(one.ticket_id)
    if ticket is None:
        raise IllegalTransition(f"the ticket of {one.reference} is gone")
    return ticket
