"""What Slack delivers, however it comes: translated, stored, and only then acknowledged.

Slack gives three seconds. Nothing is asked of anybody before the acknowledgement, except for opening a form, which can
only be done within those, and saying what is wrong with one. What cannot be stored is not acknowledged, so that Slack
delivers it again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack import interactions
from adapters.slack.forms import Forms
from adapters.slack.funnel import Funnel, Held
from adapters.slack.home import Homes
from adapters.slack.ids import is_person
from adapters.slack.payloads import BlockActions, HomeOpened, Pressed, Revoked
from adapters.slack.permissions import SHORTCUT
from adapters.slack.team import Team
from adapters.slack.threads import AskedThreads
from adapters.slack.translate import is_direct_message, message_event, reaction_event
from adapters.slack.views import ASK_BUTTON, SUBMITTED, asked, refusal, written
from bot.errors import StorageError
from bot.model.ledger import Delivery
from bot.model.messages import (
    ConversationRef,
    Identity,
    IncomingClick,
    IncomingDeletion,
    IncomingMessage,
)
from bot.model.values import Language
from bot.ports.adapters import Clock, Reception
from bot.texts import Texts

log = logging.getLogger(__name__)

IN_TIME = 2.2  # seconds after which who waits is told so, before Slack says something worse
HOME_AFTER = 2.0  # seconds after a press in the App Home, in which what it changes is done
NEW_TICKET = ("/ticket new", "/ticket nouveau", "/ticket ouvrir", "/ticket open")


class Deliveries(Protocol):
    async def state(self, id: UUID) -> Delivery | None: ...


class Intake:
    """A global middleware of bolt's. `stored` is told of each message once it is stored, `missed` of a workspace one of
    whose events could not be, `gone` of one that threw the app out, and
    when; None where no workspace but one can have it."""

    def __init__(
        self,
        teams: Mapping[str, Team],
        funnel: Funnel,
        reception: Reception,
        threads: AskedThreads,
        deliveries: Deliveries,
        homes: Homes,
        forms: Forms,
        texts: Texts,
        language: Language,
        clock: Clock,
        stored: Callable[[IncomingMessage], None] = lambda message: None,
        missed: Callable[[str], None] = lambda account: None,
        gone: Callable[[str, datetime], Awaitable[None]] | None = None,
    ) -> None:
        self._teams = teams
        self._funnel = funnel
        self._reception = reception
        self._threads = threads
        self._deliveries = deliveries
        self._homes = homes
        self._forms = forms
        self._texts = texts
        self._language = language
        self._clock = clock
        self._stored = stored
        self._missed = missed
        self._gone = gone

    async def take(self, req: AsyncBoltRequest) -> BoltResponse:
        """What to answer Slack with: bolt has seen to it that it was Slack who spoke."""
        body: Mapping[str, Any] = req.body
        kind = interactions.kind_of(body)
        account = interactions.account_of(body, self._teams, alone=self._gone is None)
        if account is None:
            log.warning("an event of a workspace that the app is not connected to was passed over")
            return taken()
        team = self._teams[account]
        try:
            match kind:
                case "event":
                    return await self._event(team, body)
                case "command":
                    async with asyncio.timeout(IN_TIME):
                        return await self._command(team, body)
                case "press":
                    return await self._pressed(team, body)
                case "submission":
                    async with asyncio.timeout(IN_TIME):
                        return await self._submitted(team, body)
                case "shortcut":
                    return await self._shortcut(team, body)
                case _:
                    return taken()
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False))
            log.warning("a payload of kind %s is not as Slack documents it, and was passed over: %s", kind, wrong)
            return taken()
        except Held:
            return self._not_now(team, kind, body)
        except (StorageError, TimeoutError) as error:
            log.warning("a payload of kind %s could not be stored: %s", kind, str(error) or "no answer in time")
            if kind == "event":
                self._missed(account)
            return self._not_now(team, kind, body)

    # --- events ----------------------------------------------------------------------------------------------------

    async def _event(self, team: Team, body: Mapping[str, Any]) -> BoltResponse:
        event = body.get("event")
        if not isinstance(event, dict):
            return taken()
        match event.get("type"):
            case "message" | "app_mention":
                if heard := message_event(event, team.here):
                    await self._heard(team, heard, str(event.get("channel")))
            case "reaction_added":
                if reaction := reaction_event(event, team.here):
                    await self._funnel.receive(reaction)
            case "app_home_opened":
                opened = HomeOpened.model_validate(event)
                if opened.tab == "home":
                    self._homes.show(team, opened.user)
            case "tokens_revoked" | "app_uninstalled" as gone:
                await self._thrown_out(team, body, gone)
        return taken()

    async def _thrown_out(self, team: Team, body: Mapping[str, Any], event: str) -> None:
        """Somebody there removed the app, or its token."""
        if event == "tokens_revoked" and not (Revoked.model_validate(body["event"]).tokens or {}).get("bot"):
            return  # a person's own
        team.workspace.api.thrown_out(event)
        if self._gone:
            at, said = self._clock(), body.get("event_time")
            if isinstance(said, int):
                at = datetime.fromtimestamp(said + 1, at.tzinfo)  # it says whole seconds
            await self._gone(team.workspace.account, at)

    async def _heard(self, team: Team, event: IncomingMessage | IncomingDeletion, channel: str) -> None:
        if is_direct_message(channel):
            team.workspace.met(event.author.native_id, channel)
        await self._funnel.receive(event)
        if isinstance(event, IncomingMessage):
            self._stored(event)

    # --- commands --------------------------------------------------------------------------------------------------

    async def _command(self, team: Team, body: Mapping[str, Any]) -> BoltResponse:
        message = interactions.command(body, team.here, self._clock())
        if message.text.lower() in NEW_TICKET:
            form = await self._reception.new_ticket_form(self._known(team, message.author))
            trigger = str(body.get("trigger_id"))
            self._forms.may_open(trigger, team, message.conversation)
            if await self._forms.opened(trigger, form):
                return taken()
        await self._funnel.receive(message)
        self._stored(message)
        return taken()

    # --- buttons ---------------------------------------------------------------------------------------------------

    async def _pressed(self, team: Team, body: Mapping[str, Any]) -> BoltResponse:
        pressed = BlockActions.model_validate(body)
        for action in pressed.actions:
            if action.action_id == ASK_BUTTON:
                await self._asked_at_home(team, pressed, body)
            else:
                await self._clicked(team, pressed, action)
        return taken()

    async def _asked_at_home(self, team: Team, pressed: BlockActions, body: Mapping[str, Any]) -> None:
        if text := asked(body.get("view") or {}):
            message = interactions.home_question(text, pressed, team.here, self._clock())
            await self._funnel.receive(message)
            self._stored(message)
            self._homes.asked(team, pressed.user.id)

    async def _clicked(self, team: Team, pressed: BlockActions, action: Pressed) -> None:
        click = interactions.click(action, pressed, team.here, self._clock())
        click = replace(click, conversation=await self._place_of(click, pressed))
        form = await self._reception.form_of(replace(click, author=self._known(team, click.author)))
        self._forms.may_open(pressed.trigger_id, team, click.conversation)
        if form and await self._forms.opened(pressed.trigger_id, form):
            return
        await self._funnel.receive(click)
        if pressed.view:
            self._homes.show(team, pressed.user.id, after=HOME_AFTER)

    async def _place_of(self, click: IncomingClick, pressed: BlockActions) -> ConversationRef:
        """The conversation that the button was sent to."""
        if interactions.is_shown_to_one(pressed) and click.delivery:
            shown = await self._deliveries.state(click.delivery)
            if shown and shown.conversation.account == click.conversation.account:
                return shown.conversation
        root = interactions.root_of_button(pressed)
        if root and is_person(click.conversation.room):
            asked_there = await self._threads.asked_at(click.conversation.account, root)
            if asked_there:
                return replace(click.conversation, thread=str(asked_there))
        return click.conversation

    # --- forms -----------------------------------------------------------------------------------------------------

    async def _shortcut(self, team: Team, body: Mapping[str, Any]) -> BoltResponse:
        if body.get("callback_id") != SHORTCUT:
            return taken()
        used, quoted, conversation = interactions.shortcut(body, team.here)
        form = await self._reception.new_ticket_form(self._known(team, team.here.identity(used.user.id)), quoted)
        self._forms.may_open(used.trigger_id, team, conversation)
        await self._forms.opened(used.trigger_id, form, quoted)
        return taken()

    async def _submitted(self, team: Team, body: Mapping[str, Any]) -> BoltResponse:
        view = body.get("view")
        if not isinstance(view, dict) or view.get("callback_id") != SUBMITTED:
            return taken()
        form = interactions.form(body, written(view), team.here, self._clock())
        author = self._known(team, form.author)
        if problems := await self._reception.problems_in(form.form, form.values, author):
            return BoltResponse(status=200, body=refusal(problems, view))
        await self._funnel.receive(form)
        return taken()

    # --- in between ------------------------------------------------------------------------------------------------

    def _known(self, team: Team, author: Identity) -> Identity:
        return team.people.known(author.native_id)

    def _not_now(self, team: Team, kind: interactions.Kind, body: Mapping[str, Any]) -> BoltResponse:
        """Slack repeats events; people are told, and lose nothing of what they wrote."""
        user = str(body.get("user_id") or (body.get("user") or {}).get("id") or "")
        language = Language.of(team.people.known(user).locale) or self._language
        sentence = self._texts.plain("slack.not_now", language)
        match kind:
            case "command":
                return BoltResponse(status=200, body={"response_type": "ephemeral", "text": sentence})
            case "submission":
                return BoltResponse(status=200, body=refusal({"": sentence}, body.get("view") or {}))
            case _:
                return BoltResponse(status=503, body="")


def taken() -> BoltResponse:
    return BoltResponse(status=200, body="")
