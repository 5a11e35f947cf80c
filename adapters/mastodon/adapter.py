"""Mastodon, and servers that speak as it does, as a chat platform."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

from pydantic import ValidationError

from adapters.mastodon import files
from adapters.mastodon.api import Api
from adapters.mastodon.carrying import Carrying
from adapters.mastodon.handles import Handles
from adapters.mastodon.ids import PLATFORM, direct_room
from adapters.mastodon.keeping import KeptLimits
from adapters.mastodon.leading import Leading, Seat
from adapters.mastodon.listening import Listening
from adapters.mastodon.marks import Entry
from adapters.mastodon.payloads import Status
from adapters.mastodon.rooms import NotingLast, Rooms
from adapters.mastodon.sending import Sender
from adapters.mastodon.server import Me, Server
from adapters.mastodon.translate import Here, link_of
from adapters.mastodon.troubles import mastodon_troubles
from bot.errors import DeliveryError, DeliveryRefused, RateLimited
from bot.model.documents import Document
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingFile, MessageKey
from bot.ports.adapters import Clock, ExternalId, Memory, ReadInbox, SharedFiles
from bot.settings import Settings
from bot.texts import Texts

log = logging.getLogger(__name__)

LEAST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds before signing in is tried again


class MastodonAdapter:
    """The account of GUICHET_MASTODON_TOKEN on the server of GUICHET_MASTODON_URL."""

    platform = PLATFORM

    def __init__(
        self,
        settings: Settings,
        memory: Memory,
        clock: Clock,
        *,
        seat: Seat | None = None,
        knows: Callable[[MessageKey], Awaitable[bool]] | None = None,
        held: Callable[[], Awaitable[Sequence[Entry]]] | None = None,
        left_alone: Callable[[str], Awaitable[bool]] | None = None,
        texts: Texts | None = None,
        page: str = "",
        shared: SharedFiles | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seat`: whose lease it takes to listen; None where nobody else can. `knows` tells whether the inbox has a
        message, `held` which posts' replies wait for somebody, `left_alone` of an account's id whether they said stop.
        `texts`: the catalogue, unless the shipped one is meant. `page`: the address of the web page, if there is one.
        `shared`: the files that documents name; without it they are only named. `ticks`: seconds, by which calls are
        paced."""
        self._settings = settings
        self._memory = memory
        self._clock = clock
        self.troubles = mastodon_troubles(clock)
        self.server = Server(Api(settings, self.troubles, ticks), settings, ticks)
        self._rooms = rooms = Rooms(memory, self.server.account)
        handles = Handles(self.server, ticks, left_alone)
        self._sender = Sender(self.server, rooms, handles, settings, say=texts, page=page)
        self._limits = KeptLimits(memory, self.server)
        self._carrying: Carrying | None = None
        if shared:
            self._carrying = Carrying(shared, memory, self.server.account, self._sender.bring, clock)
        self._seat = seat
        self._knows = knows
        self._held = held
        self._ticks = ticks
        self._began = ticks()
        self._listening: Listening | None = None
        self._polling: Listening | None = None  # asked before it listens

    @property
    def accounts(self) -> frozenset[str]:
        is_here = self.server.me is not None and not self.server.api.is_closed
        return frozenset({self.server.account}) if is_here else frozenset()

    @property
    def is_listening(self) -> bool:
        """Whether the account is signed in, and this process hears it or waits for its turn to."""
        return self._listening is not None

    # --- hearing ---------------------------------------------------------------------------------------------------

    async def run(self, inbox: ReadInbox) -> None:
        """Hear the server until cancelled. While it cannot be reached, or refuses, it is tried again."""
        beside = [asyncio.ensure_future(self._carrying.sweep())] if self._carrying else []
        try:
            inbox = NotingLast(inbox, self._rooms)
            listening = self._listening = self._listening_as(await self._signed_in())
            await self._limits.note()  # before anything is heard that is to be answered
            beside.append(asyncio.ensure_future(self._limits.run()))
            if self._seat is None:
                await listening.run(inbox)
            else:
                name = f"{PLATFORM}/{self.server.account}"
                await Leading(self._seat, name, self._ticks).run(lambda: listening.run(inbox))
        finally:
            self._listening = None
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self.close()

    async def poll(self, inbox: ReadInbox) -> int:
        """Raises PlatformUnavailable, RateLimited, DeliveryRefused, StorageUnavailable; so below."""
        return await (await self._ears()).notifications(NotingLast(inbox, self._rooms)) + await self.poll_hashtags(
            inbox
        )

    async def poll_hashtags(self, inbox: ReadInbox) -> int:
        return await (await self._ears()).hashtags(inbox, due_only=True)

    async def catch_up(self, inbox: ReadInbox, since: datetime) -> int:
        """From where the account was read last, whenever that was."""
        listening, inbox = await self._ears(), NotingLast(inbox, self._rooms)
        return await listening.notifications(inbox, late=True) + await listening.hashtags(inbox, late=True)

    async def _ears(self) -> Listening:
        """Raises PlatformUnavailable, RateLimited."""
        if self._listening is not None:
            return self._listening
        if self._polling is None:
            self._polling = self._listening_as(await self.server.sign_in())
        return self._polling

    async def _signed_in(self) -> Me:
        pause = LEAST_PAUSE
        while True:
            try:
                return await self.server.sign_in()
            except DeliveryError as error:
                log.info("mastodon: signing in is tried again: %s", error)
                await asyncio.sleep(max(pause, error.retry_after) if isinstance(error, RateLimited) else pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    def _listening_as(self, me: Me) -> Listening:
        return Listening(
            self.server.api,
            Here(self.server.account, me.id, me.username, me.domain, me.pages),
            self._settings.mastodon_hashtags,
            self._memory,
            self._clock,
            self.troubles,
            self._settings.mastodon_poll_seconds,
            knows=self._knows,
            held=self._held,
            ticks=self._ticks,
            began=self._began,
        )

    # --- what is sent ----------------------------------------------------------------------------------------------

    async def send(self, delivery: Delivery) -> ExternalId:
        try:
            sent = await self._sender.send(delivery)
        except DeliveryRefused:
            await self._limits.note()  # for one that was too long the server was asked anew
            raise
        await self._limits.note()
        await self._posted(delivery, sent)
        return sent

    async def find_posted(self, delivery: Delivery) -> ExternalId | None:
        """Raises RateLimited, too."""
        found = await self._sender.find_posted(delivery)
        if found:
            await self._posted(delivery, found)
        return found

    async def _posted(self, delivery: Delivery, message: ExternalId) -> None:
        if self._carrying:
            await self._carrying.posted(delivery, message)

    async def edit(self, conversation: ConversationRef, message: ExternalId, document: Document) -> None:
        await self._sender.edit(conversation, message, document)

    async def delete(self, conversation: ConversationRef, message: ExternalId) -> None:
        await self._sender.delete(conversation, message)

    async def link_to(self, message: ExternalId) -> str | None:
        try:
            return link_of(Status.model_validate(await self.server.api.read("status", message)))
        except (DeliveryError, ValidationError) as error:
            log.info("mastodon: the address of post %s is not told: %s", message, type(error).__name__)
            return None

    async def private_room(self, person: Identity) -> ConversationRef:
        return direct_room(person.account, person.native_id)

    def fetch(self, file: IncomingFile) -> AsyncIterator[bytes]:
        return files.fetch(file, self.server.api.url)

    async def upload(self, conversation: ConversationRef, name: str, content: bytes) -> ExternalId:
        """In a direct message. Raises DeliveryRefused in public, and for what the server does not take."""
        return await self._sender.bring(conversation, name, content, str(new_id()))

    async def close(self) -> None:
        """For whoever does not come to `run`, which does it by itself."""
        if self._carrying:
            await self._carrying.close()
        await self._sender.close()
        await asyncio.shield(self.server.api.close())
