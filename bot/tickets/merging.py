"""What a merged ticket is part of, and taking it out again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

from bot.engine.work import Work
from bot.model.conversations import AwaitsConfirmation, Conversation
from bot.model.tickets import Ticket
from bot.tickets.places import tell_askers


async def wholes(work: Work, ticket: Ticket) -> list[Ticket]:
    """What a ticket has become part of, the nearest first; the last is the one that is worked on."""
    found: list[Ticket] = []
    while ticket.merged_into_id and (into := await work.current(ticket.merged_into_id)) and into not in found:
        found.append(into)
        ticket = into
    return found


async def parts_of(work: Work, ticket: Ticket) -> list[Ticket]:
    """What has become part of a ticket, however deep."""
    found: dict[UUID, Ticket] = {}
    rest = [ticket.id]
    while rest:
        whole = rest.pop()
        links = await work.uow.tickets.links(whole)
        new = {one.ticket_id for one in links if one.kind == "merged" and one.other_id == whole}
        new -= {ticket.id, *found}
        found |= await work.uow.tickets.by_ids(new)
        rest += new
    return list(found.values())


async def part(work: Work, ticket: Ticket, into: Ticket) -> None:
    """The other ticket, and what that is part of, is no longer answered where whoever asked this one is, unless they
    asked that too, or another that is still part of it."""
    work.rely_on(into)
    mine = await _asked_at(work, [ticket])
    for link in await work.uow.tickets.links(ticket.id):
        if link.kind == "merged" and link.ticket_id == ticket.id:
            work.uow.tickets.remove(link)
    left: set[UUID] = set()
    for below, whole in pairwise([ticket, into, *await wholes(work, into)]):
        left |= await _leave(work, ticket, mine, whole, below, left)
    work.note_event(into, "parted", other=str(ticket.id))
    await tell_askers(work, ticket, "ticket.unmerge.tell_asker")


async def _leave(
    work: Work, ticket: Ticket, mine: Mapping[UUID, Conversation], whole: Ticket, below: Ticket, left: Collection[UUID]
) -> set[UUID]:
    """The conversations in which `whole` is answered no longer. `below` is what became part of it, of which these have
    `left` already."""
    links = await work.uow.tickets.links(whole.id)
    merged = {one.ticket_id for one in links if one.kind == "merged"} - {whole.id, ticket.id}
    parts = await work.uow.tickets.by_ids(merged)
    theirs = await _asked_at(work, [one for one in parts.values() if one.id != below.id])
    if below.id in parts:
        asked = await _asked_at(work, [below])
        theirs |= {id: place for id, place in asked.items() if id not in left}
    kept, others = {whole.conversation_id, *theirs}, _people([whole, *parts.values()], theirs.values())
    gone = _people([ticket], mine.values()) - others
    shown_at = [one for one in await work.uow.tickets.places(whole.id) if one.side == "asker"]
    places = await work.uow.conversations.by_ids([one.conversation_id for one in shown_at])
    leaving: set[UUID] = set()
    for shown in shown_at:
        place = places[shown.conversation_id]
        if place.id not in kept and (place.id in mine or place.person_id in gone):
            work.uow.tickets.remove(shown)
            await _forget(work, place, whole)
            leaving.add(place.id)
    return leaving


async def _asked_at(work: Work, tickets: Collection[Ticket]) -> dict[UUID, Conversation]:
    """Where these are answered, on their askers' side."""
    ids = {ticket.conversation_id for ticket in tickets}
    for ticket in tickets:
        ids |= {one.conversation_id for one in await work.uow.tickets.places(ticket.id) if one.side == "asker"}
    return await work.uow.conversations.by_ids(ids)


def _people(tickets: Iterable[Ticket], places: Iterable[Conversation]) -> set[UUID]:
    return {*(ticket.asker_id for ticket in tickets), *(place.person_id for place in places if place.person_id)}


async def _forget(work: Work, place: Conversation, into: Ticket) -> None:
    """A yes or a no there no longer means the other ticket."""
    if place.matter.pending == AwaitsConfirmation(into.reference) and (now := await work.place_by_id(place.id)):
        work.keep(replace(now, matter=replace(now.matter, pending=None)))
