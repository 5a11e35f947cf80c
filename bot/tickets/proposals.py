"""Solutions tried on a ticket: proposed by a technician, gone through by somebody, and what came of it."""

from dataclasses import replace
from uuid import UUID

from bot.engine.showing import article_blocks
from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.model.documents import Actions, Button, Document, Paragraph, plain
from bot.model.knowledge import Article
from bot.model.tickets import Proposal, Ticket
from bot.model.values import TicketStatus
from bot.solutions import judged, timed
from bot.tickets import lifecycle
from bot.tickets.cards import tell_desk
from bot.tickets.places import askers_places, silence

LONGEST_FEEDBACK = 500


async def propose(turn: Turn, ticket: Ticket, article: Article) -> Proposal:
    """Send a solution to whoever asked, with buttons that say whether it worked. The ticket is active.

    A human writes: that claims a ticket that nobody has, and the bot holds its tongue from then on.
    """
    technician, actor = turn.technician, turn.known.person
    assert technician is not None
    if ticket.status is TicketStatus.OPEN:
        ticket = turn.save(lifecycle.claimed(ticket, technician.id, actor.id, turn.now))
    ticket = turn.save(lifecycle.replied(ticket, actor.id, turn.now))
    proposal = await new_proposal(turn, ticket, article.id)
    document = proposed(turn, ticket, article, proposal)
    for number, place in enumerate(await askers_places(turn, ticket)):
        await silence(turn, place)
        shown = turn.post(place, document, author="technician", language=ticket.language, confirms=turn.message.id)
        if number == 0:
            proposal = replace(proposal, conversation_id=place.id, message_id=shown.id)
    turn.uow.tickets.add(proposal)
    turn.note_event(ticket, "proposed", article=article.id, proposal=str(proposal.id))
    return proposal


def proposed(turn: Turn, ticket: Ticket, article: Article, proposal: Proposal) -> Document:
    """What the asker reads: who proposes it, the article, and the question whether it worked."""
    say, language = turn.services.texts, ticket.language
    head = say("solution.proposed", language, name=turn.known.person.name, reference=ticket.reference)
    buttons = (
        Button("solution_worked", say("button.solution_worked", language), str(proposal.id), "primary"),
        Button("solution_failed", say("button.solution_failed", language), str(proposal.id)),
    )
    title = Paragraph(f"**{plain(article.title)}**")
    return Document((Paragraph(head), title, *article_blocks(article, None), Actions(buttons)))


async def new_proposal(turn: Turn, ticket: Ticket, article_id: str) -> Proposal:
    """The next one on the ticket, in the name of who speaks; not added yet."""
    known = await turn.uow.tickets.proposals_on(ticket.id)
    return Proposal(
        conversation_id=ticket.conversation_id,
        message_id=turn.message.id,
        article_id=article_id,
        position=max((one.position for one in known), default=0) + 1,
        at=turn.now,
        ticket_id=ticket.id,
        proposed_by=turn.known.person.id,
    )


async def record(work: Work, ticket: Ticket, proposal: Proposal, *, helped: bool, words: str = "") -> None:
    """Note what came of a proposal that is on the ticket, and count it; what was said of it before no longer counts."""
    after = replace(
        proposal,
        helped=helped,
        feedback_at=work.now,
        applied_at=proposal.applied_at or work.now,
        feedback=words.strip()[:LONGEST_FEEDBACK] or proposal.feedback,
    )
    work.uow.tickets.save(after)
    solution = await judged(work.uow.knowledge, proposal.article_id, proposal.helped, helped)
    work.uow.knowledge.save(await timed(work.uow, solution, ticket, after))
    kind = "solution_worked" if helped else "solution_failed"
    work.note_event(ticket, kind, article=proposal.article_id, proposal=str(proposal.id))


async def pressed(turn: Turn, value: str, *, helped: bool) -> Document | None:
    """The asker says with a button whether a proposal worked; None where there is no such proposal for them."""
    proposal = await _proposal(turn, value)
    ticket = await turn.current(proposal.ticket_id) if proposal and proposal.ticket_id else None
    if proposal is None or ticket is None or not await _is_theirs(turn, ticket):
        return None
    title = await title_of(turn, proposal.article_id)
    if proposal.helped is not helped:
        await record(turn, ticket, proposal, helped=helped)
        key = "desk.solution_worked" if helped else "desk.solution_failed"
        await tell_desk(turn, ticket, key, name=turn.known.person.name, title=title)
    name = await _proposer(turn, proposal)
    key = "solution.thanks_worked" if helped else "solution.thanks_failed"
    return turn.document(key, reference=ticket.reference, name=name)


async def hear(turn: Turn, ticket: Ticket) -> None:
    """The asker's words, which go to the technician, may say as well whether what was proposed last worked."""
    said = turn.understanding.feedback
    waiting = [one for one in await turn.uow.tickets.proposals_on(ticket.id) if one.proposed_by] if said else []
    if waiting and waiting[-1].helped is None:
        await record(turn, ticket, waiting[-1], helped=said == "yes", words=turn.text)


async def follow_resolutions(work: Work) -> None:
    """Tickets were resolved, or are so no more: the mean times of what helped on them follow."""
    for ticket in work.resolutions.values():
        for proposal in await work.uow.tickets.proposals_on(ticket.id):
            solution = (await work.uow.knowledge.solutions([proposal.article_id])).get(proposal.article_id)
            if proposal.helped and solution:
                work.uow.knowledge.save(await timed(work.uow, solution, ticket, proposal))
    work.resolutions.clear()


async def title_of(work: Work, article_id: str) -> str:
    article = await work.uow.knowledge.article(article_id)
    return article.title if article else article_id


async def _proposal(turn: Turn, value: str) -> Proposal | None:
    try:
        return await turn.uow.tickets.proposal(UUID(value))
    except ValueError:
        return None


async def _is_theirs(turn: Turn, ticket: Ticket) -> bool:
    places = await turn.uow.tickets.places(ticket.id)
    here = turn.conversation.id
    return ticket.conversation_id == here or any(one.conversation_id == here and one.side == "asker" for one in places)


async def _proposer(turn: Turn, proposal: Proposal) -> str:
    person = await turn.uow.people.person(proposal.proposed_by) if proposal.proposed_by else None
    return person.name if person else turn.say("desk.name")
