"""Takes events from the inbox, has them handled, and commits what came of each, once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from bot.engine.appointing import appoint_by_settings
from bot.engine.identify import conversation_at, identify
from bot.engine.introducing import Introductions
from bot.engine.pipeline import handle
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.engine.turnstile import Turnstile
from bot.engine.unbroken import unbroken
from bot.engine.work import Work
from bot.errors import LeaseLost, StorageUnavailable
from bot.forms.sent import kept, main_words
from bot.forms.showing import again, written
from bot.model.conversations import Conversation, Message
from bot.model.documents import Block, Document, Paragraph
from bot.model.ledger import Delivery, InboxRow
from bot.model.messages import IncomingDeletion, IncomingForm, IncomingReaction
from bot.model.values import Language, Visibility
from bot.ports.adapters import Introduces
from bot.public.cards import tell_of_unheard
from bot.tickets.numbers import TicketNumbers

log = logging.getLogger(__name__)

FAILURES = 3  # the third failure answers with a reference id
CRASHES = 3  # attempts that ended with the process, after which a message is handled with no other beside it
CRASHES_ALONE = 6  # of those, too, after which it is given up
LOOK = 0.5  # seconds between two looks where nothing tells of news


class Dispatcher:
    """Handles inbox rows, `workers` conversations at a time; of one conversation one message at a time, in order."""

    def __init__(
        self,
        services: Services,
        owner: str,
        *,
        workers: int = 4,
        lease: timedelta,
        introducers: Mapping[str, Introduces] | None = None,
    ) -> None:
        """`introducers`: by platform, who can be asked about events that came without their author's name."""
        self._introductions = Introductions(services, introducers or {})
        self._services = services
        self._inbox = services.storage.inbox
        self._owner = owner
        self._workers = workers
        self._lease = lease
        self._in_hand: set[asyncio.Task[None]] = set()
        self._turnstile = Turnstile()

    async def run(self) -> None:
        """Handle what comes until cancelled; what is in hand then is finished first."""
        try:
            while True:
                free = self._workers - len(self._in_hand)
                if not free:
                    await asyncio.wait(self._in_hand, return_when=asyncio.FIRST_COMPLETED)
                    continue
                try:
                    taken = await unbroken(self._take(free))
                except StorageUnavailable as error:
                    log.warning("the database cannot be reached: %s", error)
                    await asyncio.sleep(1)
                    continue
                if taken < free:  # nothing more was due: what comes, and what a finished message lets go, is told
                    await self._services.storage.changed("inbox", LOOK)
        finally:
            if self._in_hand:
                await asyncio.wait(self._in_hand, timeout=self._lease.total_seconds())

    async def drain(self) -> int:
        """Handle everything that is due now; return how many events that were."""
        handled = 0
        while taken := await self._take(self._workers):
            handled += taken
            await asyncio.gather(*self._in_hand)
        return handled

    async def _take(self, most: int) -> int:
        rows = await self._inbox.claim(self._owner, self._lease, most)
        for row in rows:
            task = asyncio.create_task(self.process(row))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
        return len(rows)

    async def process(self, row: InboxRow) -> None:
        """Handle one row and finish it, or give it back, or give it up. Raises nothing."""
        lost = row.attempt - 1 - row.failures  # a process died with it in hand, or lost the database
        try:
            async with self._renewing(row):
                known = await self._introductions.of(row)
                if known is None:
                    return
                row = known
                async with self._turnstile.entered(alone=lost >= CRASHES):
                    if lost >= CRASHES:
                        row = await self._suspected(row)
                    await self._handle(row)
        except LeaseLost:
            log.info("message %s is in other hands", row.id)
        except StorageUnavailable as error:
            log.warning("message %s waits: the database cannot be reached: %s", row.id, error)
        except Exception as error:  # noqa: BLE001  # the engine's boundary: nothing a message causes stops the others
            await self._failed(row, error)

    async def _suspected(self, row: InboxRow) -> InboxRow:
        """Count a failure before it happens: alone as the message is, a process that dies now dies of it.

        Raises RuntimeError when that has happened too often.
        """
        if row.failures >= CRASHES_ALONE:
            raise RuntimeError(f"taken up {row.attempt} times without an end")
        if not await self._inbox.suspect(row):
            raise LeaseLost(f"inbox row {row.sequence} is in other hands")
        return replace(row, failures=row.failures + 1)

    async def _handle(self, row: InboxRow) -> None:
        numbers = TicketNumbers()
        await appoint_by_settings(self._services, row.event, row.id)

        async def once() -> None:
            numbers.start_over()
            async with self._services.storage.unit_of_work() as uow:
                await handle(self._services, row, uow, numbers)
                await uow.commit()

        await rerun_when_stale(once, f"message {row.id}")

    async def _failed(self, row: InboxRow, error: Exception) -> None:
        reference = reference_of(row)
        log.error("message %s failed, reference %s", row.id, reference, exc_info=error)
        name = f"{reference} {type(error).__name__}"
        try:
            if row.failures + 1 < FAILURES:
                pause = timedelta(seconds=0.5 * 4**row.failures)
                await self._inbox.retry(row, self._services.clock() + pause, name)
            else:
                await self._give_up(row, reference, name)
        except (StorageUnavailable, LeaseLost) as second:
            log.warning("message %s could not be given back: %s", row.id, second)

    async def _give_up(self, row: InboxRow, reference: str, error: str) -> None:
        """Lay the row among the dead, with an answer if one can be made: the messages after it must not wait."""
        try:
            await rerun_when_stale(lambda: self._apologise(row, reference, error), f"message {row.id}")
        except (StorageUnavailable, LeaseLost):
            raise
        except Exception as second:  # the engine's boundary: what failed three times may fail here as well
            log.error("message %s gets no answer, reference %s", row.id, reference, exc_info=second)
            async with self._services.storage.unit_of_work() as uow:
                uow.inbox.dead(row, error)
                await uow.commit()

    async def _apologise(self, row: InboxRow, reference: str, error: str) -> None:
        """Answer with the reference id and lay the row among the dead, in one transaction."""
        services, event = self._services, row.event
        async with services.storage.unit_of_work() as uow:
            uow.inbox.dead(row, error)
            if event.conversation.is_public:
                # Nobody is told of our troubles where anybody reads: those who can answer by hand are.
                work = Work(uow=uow, services=services, now=services.clock(), key=f"{row.id}:error")
                await tell_of_unheard(work, event, reference)
            elif not isinstance(event, IncomingDeletion):
                now = services.clock()
                known, _ = await identify(uow, event.author)
                found = await conversation_at(uow, event.conversation, now, services.policy.idle)
                place = found or Conversation(event.conversation, person_id=known.person.id)
                language = place.language or Language.of(event.author.locale) or services.policy.desk_language
                blocks: list[Block] = [Paragraph(services.texts("error.gave_up", language, reference=reference))]
                (uow.conversations.save if found else uow.conversations.add)(replace(place, last_message_at=now))
                if isinstance(event, IncomingForm):
                    said = Message(place.id, "person", main_words(event), event.sent_at, person_id=known.person.id,
                                   document=kept(event), id=row.id)  # fmt: skip
                    uow.conversations.add(said)
                    blocks += [*written(event, services.texts, language), again(row.id, services.texts, language)]
                document = Document(tuple(blocks))
                message = Message(place.id, "bot", document.text, now, language=language, document=document)
                uow.conversations.add(message)
                # What nobody else saw being asked is answered for who asked it.
                alone = isinstance(event, IncomingForm | IncomingReaction) or getattr(event, "quiet", False)
                uow.outbox.add(
                    Delivery(
                        conversation=place.ref,
                        document=document,
                        key=f"{row.id}:error",
                        language=language,
                        visibility=Visibility.ONLY_ASKER if alone else Visibility.ROOM,
                        recipient=event.author.native_id if alone else None,
                        message_id=message.id,
                    )
                )
            await uow.commit()

    @asynccontextmanager
    async def _renewing(self, row: InboxRow) -> AsyncIterator[None]:
        """Keep the row in hand while a slow step (a language model) runs."""
        pause = self._lease.total_seconds() / 3

        async def renew() -> None:
            while True:
                await asyncio.sleep(pause)
                with suppress(StorageUnavailable):
                    await self._inbox.renew(row, self._lease)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def reference_of(row: InboxRow) -> str:
    """What a person can quote and an operator can find in the log."""
    return f"E-{row.id.hex[-8:].upper()}"
