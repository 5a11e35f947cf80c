"""Slack as a chat platform."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import files
from adapters.slack.api import is_of_channel
from adapters.slack.bolt import bolt_app
from adapters.slack.carrying import Carrying
from adapters.slack.catch_up import CatchUp, Gap
from adapters.slack.cue import WorkingCue
from adapters.slack.forms import Forms
from adapters.slack.funnel import Earlier, Funnel
from adapters.slack.home import Homes
from adapters.slack.http import listen
from adapters.slack.ids import PLATFORM, Asked, At, is_person, person_room
from adapters.slack.installed import InstalledWorkspaces
from adapters.slack.intake import Deliveries, Intake
from adapters.slack.introductions import Introductions
from adapters.slack.listening import Listening
from adapters.slack.lookup import made_at
from adapters.slack.oauth import oauth_routes
from adapters.slack.rooms import KEPT_AS, SlackDesk
from adapters.slack.sending import Sender
from adapters.slack.signing_in import SigningIn, no_tokens
from adapters.slack.team import Team
from adapters.slack.threads import AskedThreads
from adapters.slack.troubles import slack_troubles
from adapters.slack.vigil import Vigil
from bot.errors import DeliveryRefused, PlatformUnavailable, StorageError
from bot.listening import listened_on
from bot.model.documents import Document
from bot.model.forms import Form
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, Incoming, IncomingFile, IncomingMessage, MessageKey
from bot.ports.adapters import Clock, ExternalId, Inbox, Memory, Reception, SharedFiles
from bot.settings import Settings
from bot.texts import Texts

log = logging.getLogger(__name__)

AWAITED = timedelta(days=4)  # for which the desk's channel may be closed: over a long weekend
MOST_CUED = 2_000  # messages of which it is remembered that their answer is watched for


class SlackAdapter:
    """The workspace of GUICHET_SLACK_BOT_TOKEN, whose channels are the desk's, and any others that the app is in."""

    platform = PLATFORM

    def __init__(
        self,
        settings: Settings,
        reception: Reception,
        memory: Memory,
        deliveries: Deliveries,
        texts: Texts,
        desk: SlackDesk,
        clock: Clock,
        *,
        is_over: Callable[[MessageKey], Awaitable[bool]] | None = None,
        installed: InstalledWorkspaces | None = None,
        page: str = "",
        ticks: Callable[[], float] = time.monotonic,
        shared: SharedFiles | None = None,
    ) -> None:
        """In http mode it listens at once, so that whoever starts knows whether it can. Raises SettingsError if not.

        `desk` has its channels as they were written; their ids are filled in when Slack has told them. `deliveries`
        tells where a delivery went. `is_over` tells whether a message is handled and answered, for the sign that it is
        being worked on; without it there is no sign. `installed`: the workspaces that installed
        the app; None where that cannot be done. `page`: the address of the web page, if there is one. `ticks`: seconds,
        by which posts are paced. `shared`: the files that documents name; without it they are only named.
        """
        self._settings = settings
        self._reception = reception
        self._memory = memory
        self._deliveries = deliveries
        self._texts = texts
        self._desk = desk
        self._clock = clock
        self.troubles = slack_troubles(clock)
        self._installed = installed
        tokens = installed.tokens if installed else no_tokens
        self._signed_in = SigningIn(settings, desk, self.troubles, tokens, self._keep_desk)
        self._threads = AskedThreads(memory)
        self._sender = Sender(self._signed_in.workspaces, self._threads, say=texts, page=page, clock=ticks)
        self._introductions = Introductions(self._signed_in.teams)
        self._homes = Homes(reception, texts, page)
        self._forms = Forms(texts)
        self._cue = WorkingCue(self._sender, is_over, memory, clock) if is_over else None
        self._carrying: Carrying | None = None
        if shared:
            self._carrying = Carrying(shared, memory, self._signed_in.teams.get, self._root_of, clock)
        self._cued: OrderedDict[MessageKey, None] = OrderedDict()
        self._asides: set[asyncio.Task[None]] = set()
        self._listening: Listening | None = None
        is_called = settings.slack_mode == "http" or installed is not None
        self._socket = listen(settings.slack_http_bind) if is_called else None

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset(self._signed_in.teams)

    @property
    def address(self) -> str | None:
        """Where http mode listens, and where the app can be installed."""
        if self._socket is None or self._socket.fileno() < 0:
            return None
        return listened_on(self._socket)

    @property
    def is_listening(self) -> bool:
        """Whether Slack reaches this process at present."""
        return self._listening is not None and self._listening.heard_until is not None

    def close(self) -> None:
        """Stop listening, for whoever does not come to `run`, which does it by itself."""
        if self._socket:
            self._socket.close()

    async def run(self, inbox: Inbox) -> None:
        """Hear Slack until cancelled. While it cannot be reached, or refuses, it is tried again."""
        try:
            await self._signed_in.all()
            if self._cue:
                self._beside(self._cue.sweep(lambda: self.accounts))
            if self._carrying:
                self._beside(self._carrying.sweep(lambda: self.accounts))
            funnel = Funnel(inbox, self._threads.placed, lambda account: listening.missed(account))
            intake = Intake(
                self._signed_in.teams,
                funnel,
                self._reception,
                self._threads,
                self._deliveries,
                self._homes,
                self._forms,
                self._texts,
                self._settings.desk_language,
                self._clock,
                self._stored,
                lambda account: listening.missed(account),
                self._gone if self._installed else None,
            )
            secret = self._settings.slack_signing_secret
            app = bolt_app(
                intake.take,
                self._signed_in.teams,
                AsyncWebClient(base_url=self._settings.slack_api_url),
                secret.get_secret_value() if secret else "",
            )
            self._listening = listening = Listening(
                self._settings,
                app,
                self._signed_in,
                funnel,
                self.troubles,
                self._clock,
                lambda team: self._vigil(team, funnel, listening),
                self._socket,
                self._pages(),
            )
            await listening.run()
        finally:
            await self._end()

    async def _keep_desk(self, kept: str) -> None:
        try:
            await self._memory.keep(KEPT_AS, kept)
        except StorageError as error:
            log.info("where the desk is cannot be kept now: %s", error)

    def _vigil(self, team: Team, funnel: Funnel, listening: Listening) -> Vigil:
        return Vigil(
            team.workspace.account,
            CatchUp(team, self._reception, self._threads, self._memory, lambda: funnel.held),
            Earlier(funnel),
            self.troubles,
            self._clock,
            lambda: listening.heard_until,
            funnel.let_go,
        )

    async def join(self, token: str) -> str:
        """Connect another workspace that installed the app; return its account. Raises a DeliveryError."""
        team = await self._signed_in.join(token)
        if self._listening:
            self._listening.watch_over(team)
        return team.workspace.account

    def _pages(self) -> Sequence[web.RouteDef]:
        if self._installed is None:
            return ()
        return oauth_routes(self._settings, self._installed, self._texts, self._clock, self.join)

    async def _gone(self, account: str, at: datetime) -> None:
        """A workspace threw the app out at that time. Raises StorageUnavailable."""
        if self._installed and await self._installed.forget(account, at) and not self._signed_in.is_own(account):
            await self._signed_in.leave(account)
            if self._listening:
                self._listening.leave(account)

    async def _end(self) -> None:
        self._listening = None
        self.close()
        await self._homes.close()
        if self._cue:
            await self._cue.close()
        if self._carrying:
            await self._carrying.close()
        for task in self._asides:
            task.cancel()
        await asyncio.gather(*self._asides, return_exceptions=True)
        await self._signed_in.close()

    async def catch_up(self, inbox: Inbox, since: datetime) -> int:
        """Of all workspaces. Raises PlatformUnavailable, StorageUnavailable."""
        earlier = Earlier(Funnel(inbox, self._threads.placed))
        gap = Gap(since, asyncio.get_running_loop().time())
        readings = [
            CatchUp(team, self._reception, self._threads, self._memory) for team in self._signed_in.teams.values()
        ]
        return sum([await one.read(earlier, gap, self._clock()) for one in readings])

    # --- what was stored -------------------------------------------------------------------------------------------

    def _stored(self, message: IncomingMessage) -> None:
        """Ask who speaks already, and show that it is being worked on, should that take long."""
        if message.private or message.mentioned:
            self._beside(self._introductions.prepare(message))
        if self._cue is None or message.quiet or message.key in self._cued or not _stands(message.key.native_id):
            return
        self._cued[message.key] = None
        if len(self._cued) > MOST_CUED:
            self._cued.popitem(last=False)
        if message.private or message.mentioned:
            self._cue.watch(message)
        elif not self._desk.contains(message.conversation):
            self._beside(self._watch_if_known(message, self._cue))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _watch_if_known(self, message: IncomingMessage, cue: WorkingCue) -> None:
        """In threads of people among themselves the bot gives no sign."""
        try:
            if await self._reception.knows(message.conversation):
                cue.watch(message)
        except StorageError as error:
            log.info("whether a thread is the desk's cannot be told: %s", error)

    # --- what is asked and sent ------------------------------------------------------------------------------------

    async def introduce(self, event: Incoming) -> Incoming | None:
        """Raises PlatformUnavailable."""
        found = await self._introductions.introduce(event)
        return await self._threads.placed(found) if found else None

    async def is_at_desk(self, person: Identity) -> bool | None:
        """Raises PlatformUnavailable."""
        team = self._signed_in.teams.get(person.account)
        if team is None:
            return None
        profile = await team.people.get(person.native_id)
        if not profile.name:
            return None  # Slack does not tell who that is
        return await team.is_at_desk(person.native_id) if profile.member else False

    async def send(self, delivery: Delivery) -> ExternalId:
        with self._awaited(delivery):
            sent = await self._sender.send(delivery)
        await self._posted(delivery, sent)
        return sent

    async def find_posted(self, delivery: Delivery) -> ExternalId | None:
        with self._awaited(delivery):
            found = await self._sender.find_posted(delivery)
        if found:
            await self._posted(delivery, found)
        return found

    @contextmanager
    def _awaited(self, delivery: Delivery) -> Iterator[None]:
        """What the desk is told waits for a channel that was archived, or that the bot was thrown out of: nobody else
        hears of it."""
        try:
            yield
        except DeliveryRefused as error:
            age = self._clock() - made_at(delivery.id)
            if is_of_channel(error) and self._desk.contains(delivery.conversation) and age < AWAITED:
                raise PlatformUnavailable(str(error)) from error
            raise

    async def _posted(self, delivery: Delivery, message: ExternalId) -> None:
        """What follows from what stands in Slack now."""
        team = self._signed_in.teams.get(delivery.conversation.account)
        if self._cue:
            self._cue.posted(delivery.conversation)
        if team and not self._desk.contains(delivery.conversation):
            self._homes.news(team, delivery.conversation)
        if self._carrying:
            await self._carrying.posted(delivery, message)

    async def edit(self, conversation: ConversationRef, message: ExternalId, document: Document) -> None:
        await self._sender.edit(conversation, message, document)

    async def delete(self, conversation: ConversationRef, message: ExternalId) -> None:
        await self._sender.delete(conversation, message)

    async def react(self, conversation: ConversationRef, message: ExternalId, cue: str) -> None:
        await self._sender.react(conversation, message, cue)

    async def unreact(self, conversation: ConversationRef, message: ExternalId, cue: str) -> None:
        await self._sender.unreact(conversation, message, cue)

    async def open_form(self, trigger: str, form: Form) -> None:
        """`trigger` is one that Slack gave this process with a press."""
        await self._forms.open(trigger, form)

    async def private_room(self, person: Identity) -> ConversationRef:
        return person_room(person.account, person.native_id)

    def fetch(self, file: IncomingFile) -> AsyncIterator[bytes]:
        return files.fetch(file, self._signed_in.workspaces, self._settings.slack_api_url)

    async def upload(self, conversation: ConversationRef, name: str, content: bytes) -> ExternalId:
        workspace = self._signed_in.workspaces.get(conversation.account)
        if workspace is None:
            raise PlatformUnavailable(f"the app is not connected to workspace {conversation.account}")
        channel = await workspace.channel_of(conversation.room, is_person=is_person(conversation.room))
        root = await self._root_of(conversation)
        return await files.upload(workspace, channel, root.ts if root else None, name, content)

    async def _root_of(self, conversation: ConversationRef) -> At | None:
        """The message that the conversation's thread hangs from; None outside of threads."""
        root = await self._threads.root_of(conversation)
        if root is None and conversation.thread and Asked.of(conversation.thread) is None:
            root = At.of(conversation.thread)
        return root


def _stands(native_id: str) -> bool:
    """Whether something stands in Slack under that id."""
    try:
        return bool(At.of(native_id))
    except ValueError:
        return False
