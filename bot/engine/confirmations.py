"""Telling who wrote something whether it has reached the other side of a ticket."""

from contextlib import suppress
from dataclasses import replace

from bot.errors import StaleWrite, StorageUnavailable
from bot.model.conversations import Message
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import Visibility
from bot.ports.storage import Storage, UnitOfWork
from bot.texts import Texts

CUES = {True: "delivered", False: "undelivered"}


class Confirmations:
    def __init__(self, storage: Storage, texts: Texts) -> None:
        self._storage = storage
        self._texts = texts

    async def tell(self, delivery: Delivery, *, arrived: bool) -> None:
        """Mark the message that `delivery` relays, or say it in words where there are no marks.

        Once per delivery, however often it is called. A database that cannot be reached now keeps the mark from
        being set, and nothing else.
        """
        assert delivery.confirms is not None
        cue = CUES[arrived]
        with suppress(StorageUnavailable, StaleWrite):
            async with self._storage.unit_of_work() as uow:
                source = await uow.conversations.message(delivery.confirms)
                place = await uow.conversations.get(source.conversation_id) if source else None
                if source is None or place is None:
                    return
                there = await uow.conversations.by_ref(delivery.conversation)
                person = await uow.people.person(there.person_id) if there and there.person_id else None
                language = source.language or delivery.language
                other_side = "field.asker" if source.author == "technician" else "desk.name"
                name = person.name if person else self._texts.plain(other_side, language)
                text = self._texts(f"relay.{cue}", language, name=name)
                mark = Delivery(
                    conversation=place.ref,
                    document=Document((Paragraph(text),)),
                    key=f"{delivery.id}:{cue}",
                    language=language,
                    edits=source.id,
                    reaction=cue,
                )
                if source.native_id is None:  # written in a form: there is no message to mark
                    if arrived:
                        return  # they have been told that it was sent
                    alone = Visibility.ONLY_ASKER
                    writer = await self._native_id(uow, source, place.ref)
                    mark = replace(mark, edits=None, reaction=None, visibility=alone, recipient=writer)
                uow.outbox.add(mark)
                await uow.commit()

    async def _native_id(self, uow: UnitOfWork, message: Message, where: ConversationRef) -> str | None:
        """Who wrote a message, as its platform knows them."""
        known = await uow.people.identities(message.person_id) if message.person_id else []
        here = (where.platform, where.account)
        return next((one.native_id for one in known if (one.platform, one.account) == here), None)
