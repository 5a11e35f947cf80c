"""Fetch the files that came with messages from where their platforms keep them."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.attachments.showing import refusals
from bot.engine.following import show_anew
from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.errors import FileRefused, PlatformUnavailable, RateLimited, StaleWrite, StorageUnavailable
from bot.model.conversations import Conversation, Message
from bot.model.documents import Document, Files
from bot.model.messages import IncomingFile
from bot.model.tickets import Attachment
from bot.ports.adapters import ChatAdapter, TransfersFiles
from bot.public.left_alone import wants_no_word
from bot.public.showing import post_of_message

PORTION = 20
AT_ONCE = 4
PATIENCE = 240.0  # seconds for one file
TAKEN = timedelta(minutes=5)  # for which it is in one process's hands
PAUSES = (10, 60, 300, 1800)  # seconds before each further attempt

log = logging.getLogger(__name__)


async def fetch_attachments(services: Services, adapters: Iterable[ChatAdapter]) -> int:
    """Fetch what is due of these platforms; return how many files were had.

    Nothing is fetched inside a transaction. Of several processes one takes up a file; one that dies leaves it to be
    taken up again. Raises StorageUnavailable.
    """
    sources = {one.platform: one for one in adapters if isinstance(one, TransfersFiles)}
    if not sources:
        return 0
    async with services.storage.unit_of_work() as uow:
        due = await uow.attachments.due(list(sources), services.clock(), PORTION)
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(attachment: Attachment) -> bool:
        async with turns:
            return await _fetch(services, sources, attachment)

    return sum(await asyncio.gather(*(one(attachment) for attachment in due)))


async def _fetch(services: Services, sources: Mapping[str, ChatAdapter], seen: Attachment) -> bool:
    async with services.storage.unit_of_work() as uow:
        message = await uow.conversations.message(seen.message_id)
        place = await uow.conversations.get(message.conversation_id) if message else None
        source = sources.get(place.ref.platform) if place else None
        if not isinstance(source, TransfersFiles):
            return False
        taken = replace(seen, attempt=seen.attempt + 1, next_at=services.clock() + TAKEN)
        uow.attachments.save(taken)
        try:
            await uow.commit()
        except StaleWrite:  # another process has it
            return False
    taken = replace(taken, version=taken.version + 1)
    file = IncomingFile(taken.native_id, taken.name, taken.media_type, taken.size, taken.url)
    try:
        async with asyncio.timeout(PATIENCE):
            had = await services.files.take(taken.name, source.fetch(file))
    except FileRefused as error:
        await _give_up(services, taken, error.reason)
        return False
    except StorageUnavailable:
        raise
    except (PlatformUnavailable, TimeoutError, RateLimited) as error:
        await _later(services, taken, error)
        return False
    except Exception as error:  # the job's boundary: an adapter's mistake must not hold up other files
        log.exception("attachment %s could not be fetched", taken.id)
        await _later(services, taken, error)
        return False
    key = had.stored.key
    stored = replace(taken, stored_as=key, media_type=had.media_type, size=had.stored.size, next_at=None)
    if not await _saved(services, stored):  # taken back or erased meanwhile
        await services.files.store.delete(key)
        return False
    return True


async def _later(services: Services, taken: Attachment, error: Exception) -> None:
    log.info("attachment %s, attempt %d: %s", taken.id, taken.attempt, error)
    if taken.attempt > len(PAUSES):
        await _give_up(services, taken, "unreachable")
        return
    pause = error.retry_after if isinstance(error, RateLimited) else PAUSES[taken.attempt - 1]
    await _saved(services, replace(taken, next_at=services.clock() + timedelta(seconds=pause)))


async def _saved(services: Services, attachment: Attachment) -> bool:
    async with services.storage.unit_of_work() as uow:
        uow.attachments.save(attachment)
        try:
            await uow.commit()
        except StaleWrite:
            return False
    return True


async def _give_up(services: Services, taken: Attachment, reason: str) -> None:
    """It will not be had: who sent it is told why, and where it was relayed, or shown, it says so."""
    lost = replace(taken, problem=reason, next_at=None)
    try:
        async with working(services, f"file:{taken.id}") as work:
            work.uow.attachments.save(lost)
            message = await work.uow.conversations.message(lost.message_id)
            place = await work.place_by_id(message.conversation_id) if message else None
            if message is None or place is None or message.deleted:
                return
            if place.ref.is_public:
                await _show_on_cards(work, place, message, lost)
            elif not await wants_no_word(work, place):
                _tell_sender(work, place, message, lost)
            for copy in await work.uow.conversations.copies(message.id):
                if copy.document and not copy.deleted:
                    await show_anew(work, replace(copy, document=marked(copy.document, lost)))
    except StaleWrite:
        log.info("attachment %s or what shows it has changed: it is looked at again later", taken.id)


def _tell_sender(work: Work, place: Conversation, message: Message, lost: Attachment) -> None:
    language = message.language or work.services.policy.desk_language
    said = refusals([lost], work.services.texts, language, work.services.files.most_bytes)
    work.post(place, Document(tuple(said)), language=language, key="sender")


async def _show_on_cards(work: Work, place: Conversation, message: Message, lost: Attachment) -> None:
    """Who published it did not send it to the desk, and is not written to about it; the desk sees it on the ticket."""
    post = await post_of_message(work.uow, place.id, message.native_id)
    ticket = await work.current(post.ticket_id) if post and post.ticket_id else None
    if ticket is not None:
        files = await work.uow.attachments.of([message.id])
        work.files[message.id] = tuple(lost if one.id == lost.id else one for one in files)
        work.show_cards_of(ticket)


def marked(document: Document, lost: Attachment) -> Document:
    """The document with the file's problem on it."""
    return replace(
        document,
        blocks=tuple(
            replace(block, items=tuple(replace(i, problem=lost.problem) if i.id == lost.id else i for i in block.items))
            if isinstance(block, Files)
            else block
            for block in document.blocks
        ),
    )
