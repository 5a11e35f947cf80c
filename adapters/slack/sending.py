"""Posting to Slack: where a delivery goes, how fast, and how it is found again when the answer to a post was lost."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from adapters.slack.blocks import Rendered, rendered, rendered_in_one
from adapters.slack.ids import HOME, Asked, At, is_person
from adapters.slack.in_threads import in_thread
from adapters.slack.lookup import metadata, posted
from adapters.slack.pacing import Pacing
from adapters.slack.parts import Say
from adapters.slack.translate import is_direct_message
from adapters.slack.workspace import Workspace, ephemeral_id, is_ephemeral
from bot.errors import DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited, Unfinished
from bot.model.documents import Document, Image
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import Language, Visibility
from bot.ports.adapters import ExternalId

log = logging.getLogger(__name__)

NO_PICTURE = "invalid_blocks"
MOST_ANSWERED = 2_000  # posts that are remembered: what is looked for is seldom older than some seconds
SHORT_WAIT = 0.3  # seconds that a post waits for its turn in here; for longer it goes back to the outbox
EMOJI = {"working": "thinking_face", "delivered": "email", "undelivered": "warning"}


class Threads(Protocol):
    """Which message is the root of a thread that began as a question put with `/ask`."""

    async def root_of(self, conversation: ConversationRef) -> At | None: ...

    async def rooted(self, conversation: ConversationRef, root: At) -> None: ...


@dataclass(frozen=True, slots=True)
class Target:
    """A channel, the root of a thread in it, and who alone may see what is posted."""

    channel: str
    thread: str | None = None
    only: str | None = None


class Sender:
    """Sends for every workspace that is connected: `workspaces`, by their account."""

    def __init__(
        self,
        workspaces: Mapping[str, Workspace],
        threads: Threads,
        *,
        say: Say | None = None,
        page: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`say`: the catalogue, unless the shipped one is meant. `page`: the address of the web page, if any."""
        self._workspaces = workspaces
        self._threads = threads
        self._say = say
        self._page = page
        self._pacing = Pacing(clock)
        self._answered: OrderedDict[At, None] = OrderedDict()  # posts of which Slack told that they stand there

    async def send(self, delivery: Delivery) -> ExternalId:
        """Post, or edit when `delivery.replaces` is set; the id of the (first) message. Raises a DeliveryError."""
        try:
            return await self._send(delivery, [])
        except DeliveryRefused as error:
            if NO_PICTURE not in str(error) or not any(isinstance(block, Image) for block in delivery.document.blocks):
                raise
            # Slack refuses a whole message for a picture that it cannot fetch.
            return await self._send(delivery, [], pictures=False)

    async def find_posted(self, delivery: Delivery) -> ExternalId | None:
        """The same for what may have been posted: what is missing of it is posted now. None if nothing of it is there,
        or sending again does no harm. Raises PlatformUnavailable when that cannot be told."""
        if delivery.replaces is not None and not is_ephemeral(delivery.replaces):
            return None
        workspace = self._workspace(delivery.conversation)
        target = await self._target(workspace, delivery)
        if target.only:  # what it shows is nowhere to be read, but it may have gone to their direct messages instead
            target = await self._alone_with(workspace, delivery, target.only)
        texts = [piece.text for piece in self._pieces(delivery, target)]
        there = await posted(workspace, delivery.id, target.channel, target.thread, texts, self._answered)
        return await self._send(delivery, there) if there else None

    async def _send(self, delivery: Delivery, there: list[At], *, pictures: bool = True) -> ExternalId:
        workspace = self._workspace(delivery.conversation)
        if delivery.replaces is not None and not is_ephemeral(delivery.replaces):
            document = in_thread(delivery.document) if delivery.conversation.thread else delivery.document
            whole = rendered_in_one(document, delivery.id, pictures=pictures, **self._how(delivery))
            return await self._update(workspace, delivery.replaces, whole)
        target = await self._target(workspace, delivery)
        pieces = self._pieces(delivery, target, pictures=pictures)
        if target.only:
            try:
                if not there:
                    return await self._show(workspace, target, pieces)
            except DeliveryRefused as error:
                log.info("what is for %s alone goes to their direct messages: %s", target.only, error)
            target = await self._alone_with(workspace, delivery, target.only)
        for number, piece in enumerate(pieces):
            if number < len(there):
                continue
            try:
                there.append(await self._post(workspace, delivery, target, piece))
            except (RateLimited, PlatformUnavailable) as error:
                if there:  # of several pieces the first ones are out: which, is looked up when its turn comes again
                    raise Unfinished(error) from error
                raise
            if Asked.of(delivery.conversation.thread) and target.thread is None:
                await self._threads.rooted(delivery.conversation, there[0])
                target = Target(target.channel, there[0].ts)
        if Asked.of(delivery.conversation.thread) and await self._threads.root_of(delivery.conversation) is None:
            await self._threads.rooted(delivery.conversation, there[0])
        return str(there[0])

    def _pieces(self, delivery: Delivery, target: Target, *, pictures: bool = True) -> list[Rendered]:
        document = in_thread(delivery.document) if target.thread else delivery.document
        return rendered(document, delivery.id, pictures=pictures, **self._how(delivery))

    def _how(self, delivery: Delivery) -> dict[str, Any]:
        return {"language": delivery.language, "say": self._say, "page": self._page}

    async def edit(self, conversation: ConversationRef, message: ExternalId, document: Document) -> None:
        piece = rendered_in_one(document, new_id(), language=Language.EN, say=self._say, page=self._page)
        await self._update(self._workspace(conversation), message, piece)

    async def delete(self, conversation: ConversationRef, message: ExternalId) -> None:
        at = At.of(message)
        try:
            await self._workspace(conversation).api.write("chat.delete", channel=at.channel, ts=at.ts)
        except DeliveryRefused as error:
            if "message_not_found" not in str(error):
                raise

    async def react(self, conversation: ConversationRef, message: ExternalId, cue: str) -> None:
        await self._reaction("reactions.add", conversation, message, cue, "already_reacted")

    async def unreact(self, conversation: ConversationRef, message: ExternalId, cue: str) -> None:
        await self._reaction("reactions.remove", conversation, message, cue, "no_reaction", "message_not_found")

    async def _reaction(
        self, method: str, conversation: ConversationRef, message: ExternalId, cue: str, *harmless: str
    ) -> None:
        try:
            at = At.of(message)
        except ValueError as error:  # of a command or a press, of which nothing stands there
            raise DeliveryRefused(str(error)) from error
        api = self._workspace(conversation).api
        try:
            await api.write(method, channel=at.channel, timestamp=at.ts, name=EMOJI[cue])
        except DeliveryRefused as error:
            if not any(name in str(error) for name in harmless):
                raise

    # --- where it goes ---------------------------------------------------------------------------------------------

    def _workspace(self, conversation: ConversationRef) -> Workspace:
        found = self._workspaces.get(conversation.account)
        if found is None:
            raise PlatformUnavailable(f"the app is not connected to workspace {conversation.account}")
        return found

    async def _target(self, workspace: Workspace, delivery: Delivery) -> Target:
        conversation = delivery.conversation
        direct = is_person(conversation.room)
        asked = Asked.of(conversation.thread)
        alone = delivery.recipient if delivery.visibility is not Visibility.ROOM else None
        if asked and alone and not is_direct_message(asked.channel) and asked.channel != HOME:
            return Target(asked.channel, only=alone)
        if direct and conversation.thread and not asked:
            channel = At.of(conversation.thread).channel  # known without asking
        else:
            channel = await workspace.channel_of(conversation.room, is_person=direct)
        if asked:
            root = await self._threads.root_of(conversation)
            return Target(channel, root.ts if root else None)
        thread = At.of(conversation.thread).ts if conversation.thread else None
        return Target(channel, thread, None if direct else alone)

    async def _alone_with(self, workspace: Workspace, delivery: Delivery, person: str) -> Target:
        """The direct messages with somebody: of a question that they put with `/ask`, its thread there."""
        root = await self._threads.root_of(delivery.conversation)
        return Target(await workspace.channel_of(person, is_person=True), root.ts if root else None)

    # --- what is called --------------------------------------------------------------------------------------------

    async def _post(self, workspace: Workspace, delivery: Delivery, target: Target, piece: Rendered) -> At:
        params: dict[str, Any] = {"metadata": metadata(delivery.id), "unfurl_links": False, "unfurl_media": False}
        if target.thread:
            params["thread_ts"] = target.thread
        answer = await self._paced(workspace, "chat.postMessage", target.channel, piece, **params)
        at = _at(answer, target.channel)
        self._answered[at] = None
        if len(self._answered) > MOST_ANSWERED:
            self._answered.popitem(last=False)
        return at

    async def _show(self, workspace: Workspace, target: Target, pieces: list[Rendered]) -> str:
        """To one person, in a channel. Raises DeliveryRefused where that cannot be: the app is not in it, say."""
        shown: At | None = None
        for piece in pieces:
            params: dict[str, Any] = {"user": target.only}
            if target.thread:
                params["thread_ts"] = target.thread
            answer = await self._paced(workspace, "chat.postEphemeral", target.channel, piece, **params)
            shown = shown or At(target.channel, str(answer.get("message_ts", "0")))
        assert shown
        return ephemeral_id(shown)

    async def _update(self, workspace: Workspace, message: ExternalId, piece: Rendered) -> ExternalId:
        """What stands there becomes this."""
        at = At.of(message)
        await self._paced(workspace, "chat.update", at.channel, piece, ts=at.ts)
        return message

    async def _paced(
        self, workspace: Workspace, method: str, channel: str, piece: Rendered, **params: Any
    ) -> dict[str, Any]:
        while wait := self._pacing.take(channel):
            if wait > SHORT_WAIT:
                raise RateLimited(wait)
            await asyncio.sleep(wait)
        try:
            answer = await workspace.api.write(method, channel=channel, text=piece.text, blocks=piece.blocks, **params)
        except RateLimited as error:
            self._pacing.hold(channel, error.retry_after)
            raise
        workspace.api.troubles.ends("channel", channel)
        return answer


def _at(answer: Mapping[str, Any], channel: str) -> At:
    ts = answer.get("ts")
    if not isinstance(ts, str) or not ts:
        raise OutcomeUnknown("chat.postMessage: an answer without the message's ts")
    return At(str(answer.get("channel") or channel), ts)
