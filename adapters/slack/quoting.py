"""A message that somebody pointed at, with what was said in its thread."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from adapters.slack.channels import pages
from adapters.slack.files import files_of
from adapters.slack.ids import At, channel_room, person_room
from adapters.slack.payloads import Message
from adapters.slack.plain import unknown_people, with_names
from adapters.slack.team import Team
from adapters.slack.translate import is_direct_message, is_spoken, moment
from adapters.slack.unanswered import or_unknown
from bot.errors import DeliveryRefused
from bot.model.messages import ConversationRef, Identity, Quoted, Said
from bot.model.values import Audience

MOST_SAID = 200  # lines of a thread
MOST_SPEAKERS = 30  # whose names are looked up
PAGE = 200


async def quoted_in_full(team: Team, quoted: Quoted) -> tuple[Quoted, str]:
    """The message with author, text, files, thread and address, and the `ts` of its thread's root.

    Where the desk cannot read it stays as it came, and its author is answered in their direct messages. Raises
    PlatformUnavailable.
    """
    at = At.of(quoted.native_id)
    supposed = At.of(quoted.conversation.thread).ts if quoted.conversation.thread else at.ts
    message = await _read(team, at, supposed)
    root = (message.thread_ts if message else None) or supposed
    link = await _link(team, at, root)
    author = quoted.author
    if message:
        quoted = replace(quoted, text=team.here.plain(message.text), files=files_of(message.files))
        author = team.here.identity(message.user) if is_spoken(message, team.here) else None
    thread = await _thread(team, At(at.channel, root), besides=at.ts) if message and _hangs(message) else []
    known = await _known(team, author)
    said, speakers = await _said(team, thread), {}
    for one in unknown_people(quoted.text)[:MOST_SPEAKERS]:
        speakers[one] = (await team.people.get(one)).name
    quoted = replace(
        quoted,
        author=known,
        text=with_names(quoted.text, speakers),
        sent_at=moment(at.ts),
        link=link,
        thread=said,
        conversation=await _answered_in(team, At(at.channel, root), known) if known else quoted.conversation,
        audience=await _audience(team, at.channel, known),
    )
    return quoted, root


def _hangs(message: Message) -> bool:
    return bool(message.root or message.reply_count)


async def _read(team: Team, at: At, root: str) -> Message | None:
    """The message itself; None where it cannot be read."""
    for thread in dict.fromkeys((at.ts, root)):  # asked by itself, a reply may or may not be told of
        try:
            answer = await or_unknown(
                team.workspace.api,
                "conversations.replies",
                channel=at.channel,
                ts=thread,
                oldest=at.ts,
                latest=at.ts,
                inclusive=True,
                limit=2,
            )
        except DeliveryRefused:
            continue
        if found := next((one for one in _messages(answer) if one.ts == at.ts), None):
            return found
    return None


async def _thread(team: Team, root: At, besides: str) -> list[Message]:
    """What was said in the thread, in order, one message left out."""
    found: dict[str, Message] = {}
    try:
        async for page in pages(
            team.workspace.api, "conversations.replies", "messages", PAGE, channel=root.channel, ts=root.ts
        ):
            found |= {one.ts: one for one in _messages({"messages": page})}
            if len(found) > MOST_SAID:
                break
    except DeliveryRefused:
        return []
    spoken = sorted((one for one in found.values() if one.ts != besides and one.text), key=lambda one: float(one.ts))
    return spoken[:MOST_SAID]


def _messages(answer: dict[str, Any] | None) -> list[Message]:
    """Those that are as documented."""
    found = []
    for one in (answer or {}).get("messages") or ():
        try:
            found.append(Message.model_validate(one))
        except ValidationError:
            continue
    return found


async def _said(team: Team, thread: Sequence[Message]) -> tuple[Said, ...]:
    names: dict[str, str] = {}
    for user in dict.fromkeys(one.user for one in thread if one.user):
        if len(names) < MOST_SPEAKERS:
            names[user] = (await team.people.get(user)).name
    return tuple(
        Said(
            names.get(one.user) or one.username or one.user or one.bot_id,
            with_names(team.here.plain(one.text), names),
            moment(one.ts),
        )
        for one in thread
    )


async def _known(team: Team, author: Identity | None) -> Identity | None:
    """Their author; nobody, if a bot wrote it."""
    if author is None:
        return None
    profile = await team.people.get(author.native_id)
    return None if profile.bot else profile.identity(team.workspace.account)


async def _answered_in(team: Team, root: At, author: Identity) -> ConversationRef:
    account = team.workspace.account
    if is_direct_message(root.channel):
        return person_room(account, author.native_id, root)
    channel = await team.channels.get(root.channel)
    if channel.member and not channel.archived:
        return channel_room(account, root.channel, root.ts)
    return person_room(account, author.native_id)


async def _audience(team: Team, channel: str, author: Identity | None) -> Audience:
    if author is None or author.guest:
        return Audience.PUBLIC
    return Audience.INTERNAL if is_direct_message(channel) else await team.channels.audience(channel)


async def _link(team: Team, at: At, root: str) -> str | None:
    try:
        answer = await or_unknown(team.workspace.api, "chat.getPermalink", channel=at.channel, message_ts=at.ts)
    except DeliveryRefused:
        answer = None
    link = (answer or {}).get("permalink")
    return link if isinstance(link, str) and link else team.permalink(at, root)
