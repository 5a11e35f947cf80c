"""Attachments: those of messages, those that are to be fetched, and whose bytes are still somebody's."""

from dataclasses import replace

import pytest

from bot.errors import StaleWrite
from bot.model.conversations import Conversation, Message
from bot.model.ids import new_id
from bot.model.messages import ConversationRef
from bot.model.tickets import Attachment
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE


async def message_on(storage: Storage, platform: str) -> Message:
    place = Conversation(ConversationRef(platform, "A", new_id().hex))
    message = Message(place.id, "person", "look", AT)
    async with storage.unit_of_work() as work:
        work.conversations.add(place)
        work.conversations.add(message)
        await work.commit()
    return message


async def keep(storage: Storage, *attachments: Attachment) -> None:
    async with storage.unit_of_work() as work:
        for one in attachments:
            work.attachments.add(one)
        await work.commit()


async def test_those_of_messages_in_the_order_in_which_they_came(storage: Storage) -> None:
    one, other = await message_on(storage, "slack"), await message_on(storage, "slack")
    files = [Attachment(message.id, f"{n}.png", "image/png", n) for n, message in enumerate((one, other, one))]
    await keep(storage, *files)
    attachments = storage.unit_of_work().attachments
    assert await attachments.of([one.id]) == [files[0], files[2]]
    assert await attachments.of([one.id, other.id, new_id()]) == files
    assert await attachments.of([]) == []
    assert await attachments.get(files[1].id) == files[1]
    assert await attachments.get(new_id()) is None


async def test_what_is_due_on_a_platform_the_longest_first(storage: Storage) -> None:
    slack, discord = await message_on(storage, "slack"), await message_on(storage, "discord")
    late = Attachment(slack.id, "late", "", 1, next_at=AT - MINUTE)
    now = Attachment(slack.id, "now", "", 1, next_at=AT)
    soon = Attachment(slack.id, "soon", "", 1, next_at=AT + MINUTE)
    elsewhere = Attachment(discord.id, "elsewhere", "", 1, next_at=AT - MINUTE)
    await keep(storage, now, late, soon, elsewhere, Attachment(slack.id, "had", "", 1, stored_as="k"))
    attachments = storage.unit_of_work().attachments
    assert await attachments.due(["slack"], AT, 10) == [late, now]
    assert await attachments.due(["slack"], AT, 1) == [late]
    assert await attachments.due(["web"], AT, 10) == []
    assert await attachments.due([], AT, 10) == []


async def test_of_two_who_take_one_up_one_has_it(storage: Storage) -> None:
    message = await message_on(storage, "slack")
    file = Attachment(message.id, "a.png", "image/png", 1, next_at=AT)
    await keep(storage, file)
    async with storage.unit_of_work() as first, storage.unit_of_work() as second:
        for work in (first, second):
            work.attachments.save(replace(file, attempt=1, next_at=AT + MINUTE))
        await first.commit()
        with pytest.raises(StaleWrite):
            await second.commit()


async def test_which_files_are_somebodys(storage: Storage) -> None:
    message = await message_on(storage, "slack")
    await keep(storage, *(Attachment(message.id, "a", "", 1, stored_as=key) for key in ("k1", "k2", None)))
    attachments = storage.unit_of_work().attachments
    assert await attachments.stored_among(["k1", "k3"]) == {"k1"}
    assert await attachments.stored_among([f"x{number}" for number in range(2500)] + ["k2"]) == {"k2"}
    assert await attachments.stored_among([]) == set()
