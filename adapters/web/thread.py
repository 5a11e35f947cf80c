"""What was said about a ticket, wherever its askers are, and whether what technicians wrote has arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from adapters.web.history import LONGEST, Item, Mark, OfMessages, files_of, item_of, items_of
from bot.model.conversations import Conversation, Message
from bot.model.tickets import Ticket
from bot.model.values import OutboxState
from bot.ports.storage import OutboxLedger, UnitOfWork

WORST_FIRST: tuple[Mark, ...] = ("undelivered", "waiting", "delivered")


async def thread_of(uow: UnitOfWork, outbox: OutboxLedger, ticket: Ticket) -> tuple[Item, ...]:
    """In order of time. What went to several places is there once, with the worst that became of it."""
    shown = [place.conversation_id for place in await uow.tickets.places(ticket.id) if place.side == "asker"]
    places = await uow.conversations.by_ids({ticket.conversation_id, *shown})
    said = {id: await uow.conversations.messages(id, LONGEST) for id in places}
    marks = {id: await marks_in(outbox, places[id], messages) for id, messages in said.items()}
    people = await uow.people.persons({place.person_id for place in places.values() if place.person_id})
    found: list[Item] = []
    relayed: dict[UUID, list[Mark]] = {}
    for id in sorted(places, key=lambda one: one != ticket.conversation_id):
        person = people.get(places[id].person_id or id)
        by = person.name if person and person.id != ticket.asker_id else ""
        first = [one for one in said[id] if one.relay_of not in relayed]
        shown_files = await files_of(uow, first)
        found += [named(item, by, id == ticket.conversation_id) for item in entries(first, marks[id], shown_files)]
        for message in said[id]:
            if message.relay_of and (mark := marks[id].get(message.id)):
                relayed.setdefault(message.relay_of, []).append(mark)
    worst = {
        item_id(message): min(relayed[message.relay_of], key=WORST_FIRST.index)
        for messages in said.values()
        for message in messages
        if message.relay_of in relayed
    }
    return tuple(sorted((replace(one, mark=worst.get(one.id, one.mark)) for one in found), key=lambda one: one.at))


async def marks_in(outbox: OutboxLedger, place: Conversation, messages: Sequence[Message]) -> dict[UUID, Mark]:
    """Of what technicians wrote there: what is without a platform's id has not been posted, or never will be."""
    written = [one for one in messages if one.author == "technician" and one.document and not one.deleted]
    marks: dict[UUID, Mark] = {one.id: "delivered" for one in written if one.native_id is not None}
    if len(marks) < len(written):
        states = {row.message_id: row.state for row in await outbox.of_conversation(place.ref) if row.message_id}
        for one in written:
            state = states.get(one.id)
            if one.id not in marks and state is not OutboxState.WITHDRAWN:
                marks[one.id] = "undelivered" if state in (OutboxState.FAILED, None) else "waiting"
    return marks


def entries(messages: Iterable[Message], marks: dict[UUID, Mark], files: OfMessages) -> list[Item]:
    """What was posted, and what technicians wrote and was not."""
    messages = list(messages)
    posted = {item_id(one): marks[one.id] for one in messages if one.id in marks and one.native_id is not None}
    items = [replace(one, mark=posted.get(one.id)) for one in items_of(messages, files)]
    missing = [one for one in messages if one.id in marks and one.native_id is None]
    return items + [replace(item_of(one, {}), id=item_id(one), mark=marks[one.id]) for one in missing]


def item_id(message: Message) -> str:
    return f"d-{message.native_id}" if message.native_id is not None else f"w-{message.id}"


def named(item: Item, by: str, at_home: bool) -> Item:
    """An item of another place than the ticket's own, where ids may be the same, says whose it is."""
    return item if at_home else replace(item, id=f"{item.id}-{item.at.timestamp():.0f}", by=by)
