"""What was said, from every place where it was said, as one page shows it."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from adapters.web.contact.seats import Seat
from adapters.web.history import LONGEST, History, Item, files_of, items_of
from adapters.web.places import PLATFORM
from bot.model.conversations import Conversation, Message
from bot.ports.storage import UnitOfWork


async def history_at(uow: UnitOfWork, seat: Seat) -> History:
    """In order of time. Only buttons of the chat itself can be pressed."""
    items: list[Item] = []
    after = 0
    for place in seat.places:
        messages = await uow.conversations.messages(place.id, LONGEST)
        items += await items_in(uow, seat, place, messages)
        if place.ref.platform == PLATFORM:
            ids = [one.native_id for one in messages if one.document and one.native_id]
            numbers = [int(id) for id in ids if id.isdecimal()]
            after = max([after, *numbers])
    return History(tuple(sorted(items, key=lambda one: one.at)), after)


async def items_in(
    uow: UnitOfWork, seat: Seat, place: Conversation, messages: Collection[Message], of: Collection[UUID] | None = None
) -> list[Item]:
    """`of`: the messages that are meant, with what they answer; all of them without it."""
    shown = list(messages)
    if of is not None:
        fresh = {one.native_id for one in shown if one.id in of}
        answered = {one.in_reply_to for one in shown if one.id in of}
        shown = [one for one in shown if one.native_id in fresh or one.id in answered]
    items = items_of(shown, await files_of(uow, shown))
    return items if place.id == seat.places[0].id else [elsewhere(place, item) for item in items]


def elsewhere(place: Conversation, item: Item) -> Item:
    """An item of another place, where ids may be the same, and whose buttons are pressed there."""
    blocks = tuple(block for block in item.document.blocks if block.type != "actions")
    return replace(item, id=f"{item.id}-{place.id.hex[-6:]}", document=replace(item.document, blocks=blocks))
