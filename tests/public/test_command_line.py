"""`guichet ticket show` tells of the posts that a ticket came of, and what was said in private after them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import open_desk
from bot.cli.ticket import shown
from bot.model.conversations import Conversation, Message
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.tickets import Ticket, TicketPlace
from bot.model.values import Language, Urgency
from bot.settings import Settings
from tests.engine.desk import START
from tests.public.posts import a_post


async def test_a_ticket_of_a_post_is_shown_with_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.model_validate({"home": tmp_path / "home", "samples": False})
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        ada = Person("Ada")
        public = Conversation(ConversationRef("mastodon", "m", "public", "1"), ada.id)
        private = Conversation(ConversationRef("mastodon", "m", "42"), ada.id)
        said = Message(public.id, "person", "My parcel is late!", START, "1", ada.id)
        after = Message(private.id, "person", "It is order 4711.", START + timedelta(minutes=1), "2", ada.id)
        ticket = Ticket(1, "parcel", "", "uncategorised", Urgency.HIGH, ada.id, public.id, "urgent", START, Language.EN)
        post = a_post(platform="mastodon", account="m", person_id=ada.id, conversation_id=public.id, message_id=said.id)
        uow.people.add(ada)
        for place in (public, private):
            uow.conversations.add(place)
        for message in (said, after):
            uow.conversations.add(message)
        uow.tickets.add(ticket)
        uow.tickets.add(TicketPlace(ticket.id, private.id, "asker"))
        uow.public.add(replace(post, ticket_id=ticket.id, state="answered", link="https://m/@ada/1"))
        await uow.commit()
    found = await shown(settings, 1)
    assert [one["text"] for one in found["history"]] == ["My parcel is late!", "It is order 4711."]
    (told,) = found["posts"]
    assert (told["link"], told["reach"], told["state"]) == ("https://m/@ada/1", "public", "answered")
