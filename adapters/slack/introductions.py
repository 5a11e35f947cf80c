"""What Slack knows of an event's author, of who reads the room, and of the message that it is about."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from adapters.slack.files import file_of
from adapters.slack.ids import At, is_person
from adapters.slack.payloads import SentFile
from adapters.slack.plain import unknown_people, with_names
from adapters.slack.quoting import quoted_in_full
from adapters.slack.team import Team
from adapters.slack.translate import is_direct_message
from adapters.slack.unanswered import or_unknown
from bot.errors import DeliveryRefused, PlatformUnavailable
from bot.model.messages import (
    ConversationRef,
    Identity,
    Incoming,
    IncomingClick,
    IncomingDeletion,
    IncomingFile,
    IncomingForm,
    IncomingMessage,
    IncomingReaction,
)
from bot.model.values import Audience

AT_ONCE = 20  # messages whose authors and rooms are asked about before it is their turn
MOST_NAMES = 10  # looked up for one text

E = TypeVar("E", IncomingMessage, IncomingClick, IncomingForm, IncomingReaction)


class Introductions:
    """For every workspace that is connected: `teams`, by account."""

    def __init__(self, teams: Mapping[str, Team]) -> None:
        self._teams = teams
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def prepare(self, event: IncomingMessage) -> None:
        """Have Slack asked already what `introduce` will want to know: the desk has fewer hands than there are people
        who speak at once, and each hand would wait for Slack's answers."""
        if (team := self._teams.get(event.author.account)) is None:
            return
        async with self._turns:
            with suppress(PlatformUnavailable):  # asked again when it is wanted
                await asyncio.gather(team.people.get(event.author.native_id), _readers(team, event))

    async def introduce(self, event: Incoming) -> Incoming | None:
        """None for what a bot did. Raises PlatformUnavailable."""
        if isinstance(event, IncomingDeletion) or event.introduced:
            return event
        team = self._teams.get(event.author.account)
        if team is None:
            raise PlatformUnavailable(f"the app is not connected to workspace {event.author.account}")
        author = await team.people.get(event.author.native_id)
        if author.bot:
            return None
        identity = author.identity(team.workspace.account)
        if author.member:
            identity = replace(identity, at_desk=await team.is_at_desk(author.id))
        audience = await audience_of(team, identity, event)
        match event:
            case IncomingMessage():
                return await _message(team, _known(event, identity, audience))
            case IncomingReaction():
                return await _reaction(team, _known(event, identity, audience))
            case IncomingForm():
                quoted = (await quoted_in_full(team, event.quoted))[0] if event.quoted else None
                return replace(_known(event, identity, audience), quoted=quoted)
            case IncomingClick():
                return _known(event, identity, audience)


def _known(event: E, author: Identity, audience: Audience) -> E:
    return replace(event, author=author, audience=audience, introduced=True)


async def audience_of(team: Team, author: Identity, event: Incoming) -> Audience:
    """Of the least privileged who reads the answer: the author alone, or everybody in the channel."""
    if author.guest:
        return Audience.PUBLIC
    alone = is_person(event.conversation.room) or (isinstance(event, IncomingMessage) and event.quiet)
    return Audience.INTERNAL if alone else await team.channels.audience(event.conversation.room)


async def _readers(team: Team, event: IncomingMessage) -> None:
    if not is_person(event.conversation.room):
        await team.channels.audience(event.conversation.room)


async def _message(team: Team, event: IncomingMessage) -> IncomingMessage:
    if event.asked_in and await _is_closed(team, event.asked_in):
        event = replace(event, asked_in=None)
    if event.asked_in:
        event = replace(event, asked_among=await _among(team, event.asked_in))
    if unknown := unknown_people(event.text)[:MOST_NAMES]:
        event = replace(event, text=with_names(event.text, await names_of(team, unknown)))
    if any(not one.url and one.problem is None for one in event.files):
        event = replace(event, files=tuple([await _found(team, one) for one in event.files]))
    if event.link is None and ":" in event.key.native_id and not event.quiet:
        event = replace(event, link=_link(team, event.key.native_id, event.conversation))
    return event


async def _is_closed(team: Team, room: ConversationRef) -> bool:
    """Whether nothing can be shown to the room."""
    return not is_direct_message(room.room) and (await team.channels.get(room.room)).closed


async def _among(team: Team, room: ConversationRef) -> Audience:
    return Audience.PUBLIC if is_person(room.room) else await team.channels.audience(room.room)


def _link(team: Team, native_id: str, conversation: ConversationRef) -> str | None:
    try:
        at = At.of(native_id)
        root = At.of(conversation.thread).ts if conversation.thread else None
    except ValueError:  # of a question that no message stands for
        return None
    return team.permalink(at, root)


async def names_of(team: Team, people: Iterable[str]) -> dict[str, str]:
    """Names by user id, of those that Slack tells of."""
    return {one: (await team.people.get(one)).name for one in people}


async def _found(team: Team, file: IncomingFile) -> IncomingFile:
    """A file of another organisation comes with its id alone."""
    if file.url or file.problem:
        return file
    try:
        answer = await or_unknown(team.workspace.api, "files.info", file=file.native_id)
    except DeliveryRefused:
        return replace(file, problem="gone")
    about = (answer or {}).get("file")
    return file_of(SentFile.model_validate(about)) if isinstance(about, dict) else file


async def _reaction(team: Team, event: IncomingReaction) -> IncomingReaction | None:
    """With the message that it was put on; None for a ticket on what nobody wrote."""
    quoted, root = await quoted_in_full(team, event.quoted)
    if event.cue == "ticket" and quoted.author is None:
        return None
    at = At.of(event.quoted.native_id)
    if is_direct_message(at.channel):
        return replace(event, quoted=quoted, conversation=quoted.conversation)
    return replace(event, quoted=quoted, conversation=replace(event.conversation, thread=str(At(at.channel, root))))
