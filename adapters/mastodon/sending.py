"""Posting: to whom, how openly, in which thread, in how many parts; and how what was posted is found again when the
answer was lost."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from adapters.mastodon.api import PATIENCE
from adapters.mastodon.errors import GONE, is_gone, status_of, words_of
from adapters.mastodon.files import attached
from adapters.mastodon.handles import Handles, mentionable
from adapters.mastodon.ids import is_handle
from adapters.mastodon.keeping import taken_by
from adapters.mastodon.limits import Instance
from adapters.mastodon.posted import OwnPosts, Sought
from adapters.mastodon.render import Say, rendered
from adapters.mastodon.rooms import Rooms, Sent
from adapters.mastodon.server import Server, id_of
from adapters.mastodon.words import clean, defused, one_line
from bot.errors import DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited, TargetGone, Unfinished
from bot.model.documents import Document
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.public import Reach, narrowest
from bot.model.values import Language
from bot.ports.adapters import ExternalId
from bot.public.splitting import parted, shortened
from bot.settings import Settings

log = logging.getLogger(__name__)

MOST_REMEMBERED = 2_000  # posts: what is looked for is seldom older than some seconds
LENGTH = ("character", "limit", "too long", "length")  # in words about a post that the server finds too long
WAITED = 0.3  # of the lease of a delivery, in which the rest of it waits for its server
NO_EDITS = frozenset({404, 405, 501})  # as servers answer that cannot change a post


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a post is for, how openly, and what it answers. `room`: whose direct messages; None in public. `is_given`:
    somebody said that the handle is theirs, and the desk knows no more of them."""

    handle: str
    reach: Reach
    parent: str | None
    warning: str = ""
    room: str | None = None
    is_given: bool = False


class Sender:
    """For the account of one server."""

    def __init__(
        self,
        server: Server,
        rooms: Rooms,
        handles: Handles,
        settings: Settings,
        *,
        say: Say | None = None,
        page: str = "",
    ) -> None:
        """`say`: the catalogue, unless the shipped one is meant. `page`: the address of the web page, if any."""
        self._server = server
        self._limits = server.limits
        self._rooms = rooms
        self._handles = handles
        self._settings = settings
        self._say = say
        self._page = page
        self._own = OwnPosts(server, server.limits.ticks)
        self._posted: OrderedDict[str, Sent] = OrderedDict()
        # The part that surely is not out, and in which attempt it was refused. Ours is the next: nobody else has tried.
        self._refused: dict[UUID, tuple[int, int]] = {}

    async def send(self, delivery: Delivery) -> ExternalId:
        """Post, or edit when `delivery.replaces` is set; the id of the (first) post. Raises a DeliveryError."""
        target = await self._target(delivery)
        if delivery.replaces is not None:
            return await self._update(delivery, target, delivery.replaces)
        return await self._send(delivery, target, {})

    async def find_posted(self, delivery: Delivery) -> ExternalId | None:
        """The same for what may have been posted: what is missing of it is posted now. None if nothing of it is there,
        or sending again does no harm. Raises RateLimited or PlatformUnavailable when that cannot be told."""
        if delivery.replaces is not None:
            return None
        target = await self._target(delivery)
        texts = self._bodies(delivery, target, await self._limits.now())
        known = {**self._posted, **{one.status: one for one in await self._known_in(target)}}
        there = {one.number: one.status for one in known.values() if one.delivery == delivery.id}
        is_sure = self._refused.get(delivery.id) == (len(there), delivery.attempt - 1)
        if len(there) < len(texts) and not is_sure:
            others = {one.status for one in known.values() if one.delivery != delivery.id}
            found = await self._own.found(
                Sought(delivery.id, delivery.attempt, texts, target.handle, target.reach, target.parent, others)
            )
            if 0 in found and 0 not in there:
                await self._stays(id_of(found[0], "status"), found[0], target, target.parent)
            there = {number: str(one["id"]) for number, one in found.items()} | there
            if len(there) < len(texts) and (wait := self._own.unsettled(delivery.id)):
                raise RateLimited(wait)
        return await self._send(delivery, target, there) if there else None

    async def edit(self, conversation: ConversationRef, message: ExternalId, document: Document) -> None:
        """Raises DeliveryRefused in public, where only a reply says whom it is for."""
        delivery = Delivery(conversation, document, "", language=Language.EN)
        await self._update(delivery, await self._target(delivery), message)

    async def delete(self, conversation: ConversationRef, message: ExternalId) -> None:
        self._check_account(conversation)
        parts = [one for one in self._posted.values() if one.delivery == self._delivery_of(message)]
        for status in dict.fromkeys([message, *(one.status for one in parts)]):
            try:
                await self._server.api.call("status_delete", status)
            except DeliveryRefused as error:
                if not is_gone(error):
                    raise

    async def bring(self, conversation: ConversationRef, name: str, content: bytes, key: str) -> ExternalId:
        """A file, in a direct message of its own. `key` makes it stand there once. Raises a DeliveryError."""
        target = await self.target_of(conversation)
        media = await attached(self._server.api, await self._limits.now(), name, content)
        text = f"@{self._mention(target)} {defused(f'📎 {one_line(name)}')}"
        status = await self.post(text, target, target.parent, key, self._settings.desk_language, media=(media,))
        if target.room is not None and not target.is_given:
            await self._rooms.keep(target.room, Sent(new_id(), 0, status))
        return status

    async def close(self) -> None:
        await self._own.close()

    # --- whom it is for --------------------------------------------------------------------------------------------

    async def target_of(self, conversation: ConversationRef) -> Target:
        """Of direct messages. Raises DeliveryRefused for any other place."""
        if conversation.is_public:
            raise DeliveryRefused("nothing is said in public but a public reply")
        self._check_account(conversation)
        await self._server.sign_in()
        room = conversation.room
        if is_handle(room):  # each message begins a thread
            return Target(await self._handles.given(room), "direct", None, room=room, is_given=True)
        last = await self._rooms.last(room)
        return Target(await self._handles.of(room, said=last), "direct", last, room=room)

    async def _target(self, delivery: Delivery) -> Target:
        conversation, public = delivery.conversation, delivery.public
        if public is None:
            return await self.target_of(conversation)
        if not conversation.is_public:
            raise DeliveryRefused("a public reply is said in public and nowhere else")
        self._check_account(conversation)
        me = await self._server.sign_in()
        handle = mentionable(public.handle)
        if handle.lower() == me.handle.lower():
            raise DeliveryRefused("the account does not answer itself")
        reach = narrowest(public.reach, self._settings.mastodon_visibility)
        return Target(handle, reach, public.post, warning=defused(clean(public.warning)))

    def _check_account(self, conversation: ConversationRef) -> None:
        if conversation.account != self._server.account:
            raise PlatformUnavailable(f"there is no account of {conversation.account} here")

    # --- what is posted --------------------------------------------------------------------------------------------

    async def _send(self, delivery: Delivery, target: Target, there: Mapping[int, str]) -> ExternalId:
        """`there`: parts that stand already, by their number."""
        stand = dict(there)
        try:
            return await self._post_all(delivery, target, stand, await self._limits.now())
        except DeliveryRefused as error:
            before = await self._limits.now()
            if stand or not _is_of_length(error) or (now := await self._limits.now(anew=True)) == before:
                raise
            return await self._post_all(delivery, target, stand, now)

    async def _post_all(self, delivery: Delivery, target: Target, stand: dict[int, str], instance: Instance) -> str:
        last = target.parent
        until = asyncio.get_running_loop().time() + min(PATIENCE, self._settings.lease_seconds * WAITED)
        for number, body in enumerate(self._bodies(delivery, target, instance)):
            if number not in stand:
                self._refused.pop(delivery.id, None)
                try:
                    post = partial(
                        self.post,
                        f"@{self._mention(target)} {body}",
                        target,
                        last,
                        f"{delivery.id}/{number}",
                        delivery.language,
                        warning=self._warning(target, instance),
                    )
                    # Who reads the first parts waits for the rest.
                    stand[number] = await (patiently(post, until) if stand else post())
                except (RateLimited, PlatformUnavailable) as error:
                    if stand:  # the first parts are out: who comes next may have to look which
                        self._refused[delivery.id] = number, delivery.attempt
                        raise Unfinished(error) from error
                    raise
                await self._remember(target, Sent(delivery.id, number, stand[number]))
            last = stand[number]
        return stand[0]

    async def post(
        self,
        text: str,
        target: Target,
        parent: str | None,
        key: str,
        language: Language,
        *,
        warning: str = "",
        media: tuple[str, ...] = (),
    ) -> str:
        """The id of one status. What answers a direct message that is gone begins a thread; in public, where there is
        nothing to answer any more, nothing is said. Raises a DeliveryError."""
        params: dict[str, Any] = {"visibility": target.reach, "language": language.value, "idempotency_key": key}
        if warning:
            params["spoiler_text"] = warning
        if media:
            params["media_ids"] = list(media)
        try:
            answer = await self._server.api.call("status_post", text, in_reply_to_id=parent, **params)
        except DeliveryRefused as error:
            if parent is None or not await self._is_about(parent, error):
                raise
            if target.room is None:
                raise TargetGone(f"the post {parent}, which it answers, is gone") from error
            answer = await self._server.api.call("status_post", text, **params)
        status = id_of(answer, "status_post")
        try:
            await self._stays(status, answer, target, parent)
        except (RateLimited, PlatformUnavailable) as error:
            raise OutcomeUnknown(f"status_post: {status} is out, and whether it stays is not told") from error
        return status

    async def _stays(self, status: str, answer: Mapping[str, Any], target: Target, parent: str | None) -> None:
        """Take back what reaches nobody, or hangs from nothing. Raises DeliveryRefused then."""
        if target.room is None and parent and not answer.get("in_reply_to_id") and await self._is_missing(parent):
            await self._server.api.call("status_delete", status)  # some post it all the same, hanging from nothing
            raise TargetGone(f"the post {parent}, which it answers, is gone")
        if target.room is not None and not self._reaches(answer, target) and await self._is_renamed(target):
            await self._server.api.call("status_delete", status)
            if target.is_given:
                raise DeliveryRefused("nobody has the handle that was given")
            raise DeliveryRefused(f"account {target.room} has another handle by now")

    async def _is_about(self, parent: str, error: DeliveryRefused) -> bool:
        """Whether it was refused since what it answers is gone."""
        if status_of(error) in GONE:
            return True
        if status_of(error) not in (400, 422) or _is_of_length(error):
            return False
        try:
            await self._server.api.read("status", parent)
        except DeliveryRefused as gone:
            return is_gone(gone)
        return False

    async def _is_renamed(self, target: Target) -> bool:
        """Whether somebody is called otherwise than was thought, or is not there any more."""
        if target.is_given:
            return True
        try:
            return target.handle != await self._handles.of(target.room or "", anew=True)
        except DeliveryRefused:
            return True

    def _reaches(self, answer: Mapping[str, Any], target: Target) -> bool:
        """Who is not mentioned in a direct message does not get it. Not every server tells who is."""
        mentions = answer.get("mentions")
        if not isinstance(mentions, list):
            return True
        return any(
            str(one.get("id")) == target.room
            or self._server.full(str(one.get("acct") or "")).lower() == target.handle.lower()
            for one in mentions
            if isinstance(one, Mapping)
        )

    async def _update(self, delivery: Delivery, target: Target, message: ExternalId) -> ExternalId:
        """What stands there becomes this, in one piece. Where a post cannot be changed, another one follows it."""
        instance = await self._limits.now()
        body = shortened(self._text(delivery, target), self._room(target, instance), instance.counting)
        text = f"@{self._mention(target)} {defused(body, self._tags(target))}"
        try:
            warning = self._warning(target, instance)
            await self._server.api.call("status_update", message, text, spoiler_text=warning or None)
        except DeliveryRefused as error:
            if status_of(error) not in NO_EDITS or await self._is_missing(message):
                raise
            return await self._send(replace(delivery, replaces=None), replace(target, parent=message), {})
        return message

    async def _is_missing(self, status: str) -> bool:
        try:
            await self._server.api.read("status", status)
        except DeliveryRefused as error:
            return is_gone(error)
        return False

    # --- what it says ----------------------------------------------------------------------------------------------

    def _bodies(self, delivery: Delivery, target: Target, instance: Instance) -> list[str]:
        """Of each part, without the mention."""
        parts = parted(self._text(delivery, target), self._room(target, instance), instance.counting)
        return [defused(part, self._tags(target)) for part in parts]  # a part may begin inside of a word

    def _text(self, delivery: Delivery, target: Target) -> str:
        return rendered(
            delivery.document,
            delivery.language,
            say=self._say,
            page="" if target.room is None else self._page,
            public=target.room is None,
            signature=self._settings.mastodon_signature,
        )

    def _tags(self, target: Target) -> tuple[str, ...]:
        return self._settings.mastodon_signature if target.room is None else ()

    def _room(self, target: Target, instance: Instance) -> int:
        return taken_by(self._server, instance).room(target.handle, target.warning)

    def _warning(self, target: Target, instance: Instance) -> str:
        return taken_by(self._server, instance).warning(target.warning)

    def _mention(self, target: Target) -> str:
        """People of this server are called by their name alone."""
        name, _, domain = target.handle.partition("@")
        me = self._server.me
        return name if me and domain.lower() == me.domain.lower() else target.handle

    # --- what is known of it afterwards ----------------------------------------------------------------------------

    async def _remember(self, target: Target, sent: Sent) -> None:
        self._posted[sent.status] = sent
        if len(self._posted) > MOST_REMEMBERED:
            self._posted.popitem(last=False)
        if target.room is not None and not target.is_given:  # what nobody vouches for is kept nowhere
            await self._rooms.keep(target.room, sent)

    async def _known_in(self, target: Target) -> list[Sent]:
        return await self._rooms.sent(target.room) if target.room is not None and not target.is_given else []

    def _delivery_of(self, status: str) -> object:
        sent = self._posted.get(status)
        return sent.delivery if sent else None


async def patiently(post: Callable[[], Awaitable[str]], until: float) -> str:
    """As soon as the server takes more calls, if that is before `until` by the loop's clock. Raises as `post` does."""
    while True:
        try:
            return await post()
        except RateLimited as error:
            if asyncio.get_running_loop().time() + error.retry_after > until:
                raise
            await asyncio.sleep(error.retry_after)


def _is_of_length(error: DeliveryRefused) -> bool:
    said = words_of(error).lower()
    return status_of(error) in (400, 413, 422) and any(
        word in said for word in ("character", "limit", "too long", "length")
    )
