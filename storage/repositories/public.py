"""Posts that were heard in public, and who wants no word."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import and_, bindparam, func, null, select

from bot.model.public import OptOut, PublicPost
from bot.model.values import OutboxState
from storage.models.base import among
from storage.models.ledger import OUTBOX_OVER, outbox
from storage.models.people import identities
from storage.models.public import opt_outs, public_posts
from storage.models.types import Utc
from storage.records import OPT_OUTS, PUBLIC_POSTS
from storage.repositories.base import Repository
from storage.upserts import upsert

_POSTS = PUBLIC_POSTS.select()
_IN_ORDER = (public_posts.c.sent_at, public_posts.c.id)
_OF_ACCOUNT = (public_posts.c.platform == bindparam("platform"), public_posts.c.account == bindparam("account"))
_BY_ID = _POSTS.where(public_posts.c.id == bindparam("id"))
_BY_NATIVE_ID = _POSTS.where(*_OF_ACCOUNT, public_posts.c.native_id == bindparam("native_id"))
_BY_NUMBER = _POSTS.where(public_posts.c.number == bindparam("number"))
_BY_TOKEN = _POSTS.where(public_posts.c.token == bindparam("token"))
_BY_REPLY = _POSTS.where(public_posts.c.reply_id == bindparam("id"))
_OF_THREAD = _POSTS.where(*_OF_ACCOUNT, public_posts.c.root == bindparam("root")).order_by(*_IN_ORDER)
_OF_PERSON = _POSTS.where(
    public_posts.c.person_id == bindparam("id"), public_posts.c.sent_at >= bindparam("since", type_=Utc)
).order_by(*_IN_ORDER)
_OF_TICKET = _POSTS.where(public_posts.c.ticket_id == bindparam("id")).order_by(*_IN_ORDER)
_HELD = _POSTS.where(among(public_posts.c.state, "held")).order_by(public_posts.c.number).limit(bindparam("most"))
_UNREMINDED = (
    _POSTS.where(
        among(public_posts.c.state, "held"),
        public_posts.c.reminded_at == null(),
        public_posts.c.held_at <= bindparam("since", type_=Utc),
    )
    .order_by(public_posts.c.held_at, public_posts.c.number)
    .limit(bindparam("most"))
)
# Few replies are on their way at any time, and few were ever refused: it is begun with those.
_ARRIVED = (
    _POSTS.add_columns(outbox.c.external_id)
    .join(outbox, outbox.c.message_id == public_posts.c.reply_id)
    .where(among(public_posts.c.state, "approved"), outbox.c.state == OutboxState.SENT)
    .limit(bindparam("most"))
)
_REFUSED = (
    _POSTS.join(outbox, outbox.c.message_id == public_posts.c.reply_id)
    .where(
        among(outbox.c.state, *OUTBOX_OVER),
        outbox.c.state == OutboxState.FAILED,
        public_posts.c.state.in_(("approved", "answered")),
    )
    .limit(bindparam("most"))
)
_REPLIED_SINCE = select(func.count()).where(
    *_OF_ACCOUNT,
    public_posts.c.found_by == "hashtag",
    public_posts.c.replied_at >= bindparam("since", type_=Utc),
)
_OPT_OUT = OPT_OUTS.select().where(
    opt_outs.c.platform == bindparam("platform"),
    opt_outs.c.account == bindparam("account"),
    opt_outs.c.native_id.in_([bindparam("native_id"), bindparam("hidden")]),
)
# Few say stop, and many post: it is begun with those.
_SAME_ACCOUNT = tuple(
    and_(one.platform == opt_outs.c.platform, one.account == opt_outs.c.account)
    for one in (identities.c, public_posts.c)
)
_LEFT_ALONE = (
    select(opt_outs.c.id)
    .join(identities, and_(_SAME_ACCOUNT[0], identities.c.native_id == opt_outs.c.native_id))
    .join(public_posts, and_(_SAME_ACCOUNT[1], public_posts.c.person_id == identities.c.person_id))
    .where(
        opt_outs.c.platform == bindparam("platform"),
        opt_outs.c.account == bindparam("account"),
        func.lower(public_posts.c.handle) == bindparam("handle"),
    )
    .limit(1)
)


class SqlPublic(Repository):
    __slots__ = ()

    def add(self, record: PublicPost | OptOut) -> None:
        self._changes.add(record)

    def save(self, record: PublicPost | OptOut) -> None:
        self._changes.save(record)

    def remove(self, record: OptOut) -> None:
        self._changes.remove(record)

    async def next_number(self) -> int:
        take = upsert(self._database.dialect).next_post
        return await self._database.write(lambda connection: int(connection.execute(take).scalar_one()))

    async def get(self, id: UUID) -> PublicPost | None:
        return await self._one(PUBLIC_POSTS, _BY_ID, id=id)

    async def by_native_id(self, platform: str, account: str, native_id: str) -> PublicPost | None:
        return await self._one(PUBLIC_POSTS, _BY_NATIVE_ID, platform=platform, account=account, native_id=native_id)

    async def by_number(self, number: int) -> PublicPost | None:
        if not 0 < number < 2**31:
            return None
        return await self._one(PUBLIC_POSTS, _BY_NUMBER, number=number)

    async def by_token(self, token: str) -> PublicPost | None:
        return await self._one(PUBLIC_POSTS, _BY_TOKEN, token=token)

    async def by_reply(self, message_id: UUID) -> PublicPost | None:
        return await self._one(PUBLIC_POSTS, _BY_REPLY, id=message_id)

    async def of_thread(self, platform: str, account: str, root: str) -> list[PublicPost]:
        return await self._few(PUBLIC_POSTS, _OF_THREAD, platform=platform, account=account, root=root)

    async def of_person(self, person_id: UUID, since: datetime) -> list[PublicPost]:
        return await self._few(PUBLIC_POSTS, _OF_PERSON, id=person_id, since=since)

    async def of_ticket(self, ticket_id: UUID) -> list[PublicPost]:
        return await self._few(PUBLIC_POSTS, _OF_TICKET, id=ticket_id)

    async def held(self, limit: int = 50) -> list[PublicPost]:
        return await self._all(PUBLIC_POSTS, _HELD, most=limit)

    async def unreminded(self, since: datetime, limit: int = 50) -> list[PublicPost]:
        return await self._all(PUBLIC_POSTS, _UNREMINDED, since=since, most=limit)

    async def delivered(self, limit: int = 50) -> list[tuple[PublicPost, str | None]]:
        rows = await self._database.read(
            lambda connection: connection.execute(_ARRIVED, {"most": limit}).all(), brief=True
        )
        ids = [row.external_id for row in rows]
        arrived = self._remembered(PUBLIC_POSTS, PUBLIC_POSTS.decode_all([row[:-1] for row in rows]))
        refused = await self._few(PUBLIC_POSTS, _REFUSED, most=limit)
        return [*zip(arrived, ids, strict=True), *((post, None) for post in refused)]

    async def replied_since(self, platform: str, account: str, since: datetime) -> int:
        wanted = {"platform": platform, "account": account, "since": since}
        return await self._database.read(
            lambda connection: int(connection.execute(_REPLIED_SINCE, wanted).scalar_one()), brief=True
        )

    async def opt_out(self, platform: str, account: str, native_id: str) -> OptOut | None:
        names = {"native_id": native_id, "hidden": hidden(platform, account, native_id)}
        return await self._one(OPT_OUTS, _OPT_OUT, platform=platform, account=account, **names)

    async def left_alone(self, platform: str, account: str, handle: str) -> bool:
        wanted = {"platform": platform, "account": account, "handle": handle.lower()}
        return await self._database.read(
            lambda connection: connection.execute(_LEFT_ALONE, wanted).first() is not None, brief=True
        )


def hidden(platform: str, account: str, native_id: str) -> str:
    """What stands for somebody who was forgotten and is to be left alone all the same."""
    return "sha256:" + sha256("\x1f".join((platform, account, native_id)).encode()).hexdigest()
