"""Posting a digest: once for each time that one is due, whoever runs the job and however often."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.digest import DETAILS, KEY
from bot.digest.chart import MEDIA_TYPE, chart_of, drawn
from bot.digest.gathering import Days, Digest, Kind, gather
from bot.digest.writing import Writer
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import DeskRooms, Services
from bot.engine.working import working
from bot.errors import InvalidInput
from bot.model.documents import FileItem
from bot.model.ids import new_id
from bot.model.ledger import Cursor
from bot.model.messages import ConversationRef
from bot.model.tickets import Attachment
from bot.model.values import Language
from bot.ports.files import StoredFile
from bot.ports.storage import UnitOfWork
from bot.reports.wording import Wording

ELSEWHERE = "uncategorised"  # the category of tickets that have no room of their own


def places_of(setting: str, desk: DeskRooms) -> tuple[ConversationRef, ...]:
    """GUICHET_DIGEST_PLACE as rooms. Raises InvalidInput for one of a platform where the desk has no room."""
    rooms = desk.rooms_for(ELSEWHERE)
    if not setting:
        return rooms
    platform, _, room = setting.partition(":")
    there = [one for one in (*rooms, *desk.rooms) if one.platform == platform]
    if not there:
        raise InvalidInput(f"GUICHET_DIGEST_PLACE: {setting}: the desk has no room there, or is not connected yet")
    return (replace(there[0], room=room, thread=None),) if room else (there[0],)


def wording(services: Services, zone: ZoneInfo, language: Language | None = None) -> Wording:
    language = language or services.policy.desk_language
    return Wording(services.texts.plain, services.categories.name, language, zone)


async def posted(uow: UnitOfWork, kind: Kind) -> datetime | None:
    """The due time of the last digest of that kind that was posted or passed over."""
    cursor = await uow.cursors.get(_cursor(kind))
    return datetime.fromisoformat(cursor.value) if cursor else None


async def pass_over(services: Services, kind: Kind, due: datetime) -> None:
    """Whatever was due until then is not to be posted any more."""

    async def once() -> None:
        async with services.storage.unit_of_work() as uow:
            await _keep(uow, kind, due)
            await uow.commit()

    await rerun_when_stale(once, f"the {kind} digest")


async def post(
    services: Services,
    kind: Kind,
    days: Days,
    due: datetime,
    places: Sequence[ConversationRef],
    instead_of: Mapping[Kind, datetime] = MappingProxyType({}),
) -> bool:
    """Say it in each place, and at length in a thread below; False if that was done before. `instead_of`: until when
    the others need not be posted then."""

    async def gathered() -> Digest:
        async with services.storage.unit_of_work() as uow:
            digest = await gather(uow, services, kind, days, services.clock())
            await uow.commit()  # questions that were given to a group
            return digest

    digest = await rerun_when_stale(gathered, f"what the {kind} digest tells")
    picture = await _stored(services, digest) if kind == "weekly" and not digest.is_quiet else None

    async def once() -> bool:
        async with working(services, f"{KEY}:{kind}:{due.isoformat()}") as work:
            last = await posted(work.uow, kind)
            if last is not None and last >= due:
                return False
            for each, until in {**instead_of, kind: due}.items():
                await _keep(work.uow, each, until)
            say = wording(services, days.zone)
            writer = Writer(services.texts, say)
            for ref in places:
                thread = services.desk.new_thread(ref, f"digest-{kind}-{due:%Y%m%dT%H%M}")
                place, id = await work.place(thread), new_id()
                work.post(place, writer.message(digest), language=say.language, key=f"message:{ref.key}")
                item = _item(picture, digest, writer, say, id) if picture else None
                if details := writer.details(digest, item[0] if item else None):
                    work.post(place, details, language=say.language, key=f"{DETAILS}:{ref.key}", id=id)
                if item:
                    work.uow.attachments.add(item[1])
            return True

    return await rerun_when_stale(once, f"the {kind} digest")


async def _stored(services: Services, digest: Digest) -> StoredFile:
    content = await drawn(chart_of(digest, wording(services, digest.days.zone)))

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    return await services.files.store.put(chunks())


def _item(
    picture: StoredFile, digest: Digest, writer: Writer, say: Wording, message_id: UUID
) -> tuple[FileItem, Attachment]:
    """The picture as the document names it, and as it is kept."""
    name = f"{say('digest.chart.file')}-{digest.days.last.isoformat()}.png"
    kept = Attachment(message_id, name, MEDIA_TYPE, picture.size, stored_as=picture.key)
    shown = FileItem(kept.id, name, MEDIA_TYPE, picture.size, alternative=writer.alternative(digest))
    return shown, kept


async def _keep(uow: UnitOfWork, kind: Kind, due: datetime) -> None:
    known = await uow.cursors.get(_cursor(kind)) or Cursor(_cursor(kind), "")
    uow.cursors.save(replace(known, value=due.isoformat()))


def _cursor(kind: Kind) -> str:
    return f"digest/{kind}"
