"""Browsers that have a chat on the contact page, and links that let one in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import StaleWrite
from bot.model.contact import ContactGuest, ContactVisit, UsedLink
from bot.model.conversations import Conversation, Message
from bot.model.ids import new_id
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE, Everything, room


async def added(storage: Storage, *records: ContactVisit | ContactGuest | UsedLink | Conversation | Message) -> None:
    async with storage.unit_of_work() as work:
        for record in records:
            if isinstance(record, Conversation | Message):
                work.conversations.add(record)
            else:
                work.contact.add(record)
        await work.commit()


async def test_a_visit_comes_back_as_it_was_however_it_is_found(storage: Storage, everything: Everything) -> None:
    visit, contact = everything.visit, storage.unit_of_work().contact
    assert visit.post_id and visit.about_id
    assert await contact.visit(visit.id) == visit
    assert await contact.of_post("b1", visit.post_id) == visit
    assert await contact.of_link("b1", visit.about_id) == visit
    assert await contact.in_conversation(visit.conversation_id) == visit
    assert await contact.verified(visit.person_id) == [visit]
    assert await contact.of_browser("b1") == [visit] and await contact.of_browser("b2") == []
    assert await contact.of_post("b2", visit.post_id) is None
    assert await contact.of_link("b2", visit.about_id) is None
    assert await contact.visit(new_id()) is None
    assert await contact.used("l1") == everything.used_link
    assert await contact.used("l2") is None


async def test_a_visit_is_saved_and_a_stale_one_is_not(storage: Storage, everything: Everything) -> None:
    visit = replace(everything.visit, told_at=AT + 9 * MINUTE)
    for stale in (False, True):
        async with storage.unit_of_work() as work:
            work.contact.save(visit)
            if not stale:
                await work.commit()
                continue
            with pytest.raises(StaleWrite):
                await work.commit()


@pytest.mark.parametrize("same", ["post_id", "about_id", "conversation_id"])
async def test_a_browser_has_one_chat_about_one_thing(storage: Storage, everything: Everything, same: str) -> None:
    other = Conversation(room("elsewhere"))
    fresh: dict[str, Any] = {"id": new_id(), "post_id": None, "about_id": None, "conversation_id": other.id}
    second = replace(everything.visit, **fresh)
    with pytest.raises(StaleWrite):
        await added(storage, other, replace(second, **{same: getattr(everything.visit, same)}))
    await added(storage, other, second)


async def test_a_browser_that_goes_on_with_a_chat_is_found_until_it_has_it_no_more(
    storage: Storage, everything: Everything
) -> None:
    visit, guest = everything.visit, everything.guest
    later = ContactGuest(visit.id, "b7", AT + MINUTE)
    await added(storage, later)
    contact = storage.unit_of_work().contact
    assert await contact.guests(visit.id) == [guest, later]
    assert await contact.guest_in("b9") == [guest] and await contact.guest_in("b1") == []
    with pytest.raises(StaleWrite):
        await added(storage, replace(guest, id=new_id()))
    async with storage.unit_of_work() as work:
        work.contact.save(replace(guest, ended_at=AT))
        await work.commit()
    assert await contact.guests(visit.id) == [later] and await contact.guest_in("b9") == []


async def test_a_link_is_used_once(storage: Storage, everything: Everything) -> None:
    with pytest.raises(StaleWrite):
        await added(storage, replace(everything.used_link, visit_id=new_id()))


Change = Callable[[ContactVisit, Message], tuple[ContactVisit, Message]]


@pytest.mark.parametrize(
    ("waits", "change"),
    [
        (True, lambda visit, said: (visit, said)),
        (True, lambda visit, said: (replace(visit, told_at=AT - 20 * MINUTE), said)),
        (True, lambda visit, said: (replace(visit, verified_at=None), said)),
        (True, lambda visit, said: (replace(visit, verified_at=None, way="mastodon"), said)),
        (False, lambda visit, said: (replace(visit, verified_at=None, way="phone"), said)),
        (False, lambda visit, said: (replace(visit, verified_at=None, way=None), said)),
        (False, lambda visit, said: (replace(visit, seen_at=AT + 3 * MINUTE), said)),
        (False, lambda visit, said: (replace(visit, told_at=AT + 3 * MINUTE), said)),
        (False, lambda visit, said: (visit, replace(said, sent_at=AT + 9 * MINUTE))),
        (False, lambda visit, said: (visit, replace(said, author="bot"))),
        (False, lambda visit, said: (visit, replace(said, native_id=None))),
        (False, lambda visit, said: (visit, replace(said, deleted=True))),
    ],
)
async def test_who_is_away_while_a_technician_answers_is_found(
    storage: Storage, everything: Everything, waits: bool, change: Change
) -> None:
    place = Conversation(room("chat"))
    fresh: dict[str, Any] = {"id": new_id(), "post_id": None, "about_id": None, "conversation_id": place.id}
    visit = replace(everything.visit, told_at=None, seen_at=AT, way="email", **fresh)
    visit, said = change(visit, Message(place.id, "technician", "Done.", AT + 2 * MINUTE, "7"))
    await added(storage, place, said, visit)
    found = await storage.unit_of_work().contact.unread(AT + 5 * MINUTE, AT + 6 * MINUTE, AT + MINUTE)
    assert (visit.id in {one.id for one in found}) is waits
    here = await storage.unit_of_work().contact.unread(AT - MINUTE, AT + 6 * MINUTE, AT + MINUTE)
    assert visit.id not in {one.id for one in here}, "its page was open later than that"
