"""What a server tells, in the desk's words. Pure functions."""

import mimetypes
import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from adapters.mastodon.html import calls, plain
from adapters.mastodon.ids import PLATFORM, direct_room, public_thread
from adapters.mastodon.payloads import Account, Media, Status
from adapters.mastodon.words import one_line
from bot.model.messages import ConversationRef, Identity, IncomingDeletion, IncomingFile, IncomingMessage, MessageKey
from bot.model.public import REACHES, Line, Post, Reach

NO_BOTS = re.compile(r"#no_?bots?\b", re.IGNORECASE)
# What servers have beyond Mastodon's; whatever else there is, few are meant to read.
OTHER_REACHES: dict[str, Reach] = {"local": "unlisted", "mutuals_only": "private", "list": "direct"}
KINDS = {"image": "image/jpeg", "gifv": "video/mp4", "video": "video/mp4", "audio": "audio/mpeg"}
LONGEST_NAME = 200  # characters of a file's or a person's
LONGEST_ALTERNATIVE = 1_500  # characters of what a picture shows: what Mastodon takes


@dataclass(frozen=True, slots=True)
class Here:
    """The desk's own account, as its server knows it."""

    account: str  # host of the server
    id: str
    username: str
    domain: str  # that the handles of this server end in
    pages: frozenset[str] = frozenset()  # addresses that a mention of it leads to

    def handle(self, account: Account) -> str:
        acct = account.acct or account.username
        return acct if "@" in acct else f"{acct}@{self.domain}"

    def key(self, kind: str, native_id: str, revision: str = "") -> MessageKey:
        return MessageKey(PLATFORM, self.account, kind, native_id, revision)

    def words(self, status: Status) -> str:
        return plain(status.content, me=self.pages, name=self.username)


@dataclass(frozen=True, slots=True)
class Around:
    """The thread that a post stands in. `root`: the post that it begins with; `lines`: what was said before."""

    root: str
    lines: tuple[Line, ...] = ()


def reach_of(status: Status) -> Reach:
    said = status.visibility.lower()
    return said if said in REACHES else OTHER_REACHES.get(said, "private")


def is_direct(status: Status) -> bool:
    return reach_of(status) == "direct"


def is_heard(status: Status, here: Here) -> bool:
    """Whether somebody else wrote it: no boost, and nothing of the desk's own. What a program writes in public may be
    known; two programs that write to each other alone would never end."""
    if is_direct(status) and status.account.bot:
        return False
    return status.reblog is None and status.account.id != here.id


def names(status: Status, here: Here) -> bool:
    """Whether a post mentions the desk's account. The ids of mentions are 0 on some servers."""
    me = f"{here.username}@{here.domain}".lower()
    if not status.tells_mentions:
        return calls(status.content, here.pages, me, by_name="@" not in status.account.acct)
    return any(
        one.id == here.id or one.url in here.pages or one.acct.lower() in (here.username.lower(), me)
        for one in status.mentions
    )


def message_of(
    status: Status, here: Here, around: Around, *, mentioned: bool = False, unwanted: bool = False, late: bool = False
) -> IncomingMessage:
    """`mentioned`: the server said so. `unwanted`: the account blocks or mutes its author, or they the account. `late`:
    it was read after a time in which nobody listened."""
    mentioned = mentioned or names(status, here)
    private = is_direct(status)
    return IncomingMessage(
        key=here.key("message", status.id, status.revision),
        conversation=place_of(status, here, around.root),
        author=identity_of(status, here),
        text=here.words(status),
        sent_at=status.edited_at or status.created_at,
        private=private,
        mentioned=mentioned or private,
        files=files_of(status),
        caught_up=late,
        link=link_of(status),
        numbered=private,
        answers=status.in_reply_to_id,
        post=None if private else post_of(status, here, around, mentioned=mentioned, unwanted=unwanted),
    )


def post_of(status: Status, here: Here, around: Around, *, mentioned: bool, unwanted: bool) -> Post:
    return Post(
        found_by="mention" if mentioned else "hashtag",
        reach=reach_of(status),
        root=around.root,
        handle=here.handle(status.account),
        in_reply_to=status.in_reply_to_id,
        tags=tuple(dict.fromkeys(one.name.lower() for one in status.tags if one.name)),
        warning=plain(status.spoiler_text),
        thread=around.lines,
        by_bot=status.account.bot,
        no_bots=asks_for_no_bots(status),
        unwanted=unwanted,
    )


def place_of(status: Status, here: Here, root: str) -> ConversationRef:
    if is_direct(status):
        return direct_room(here.account, status.account.id)
    return public_thread(here.account, root)


def identity_of(status: Status, here: Here) -> Identity:
    """What they say to write in stands for their language where the words do not tell."""
    account = status.account
    name = plain(account.display_name)[:LONGEST_NAME] or here.handle(account)
    locale = status.language if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", status.language) else None
    return Identity(PLATFORM, here.account, account.id, name, locale=locale)


def asks_for_no_bots(status: Status) -> bool:
    """In the profile or the post. Profiles and posts are HTML, where a hashtag may be a link with parts."""
    account = status.account
    said = (account.note, *(part for one in account.fields for part in (one.name, one.value)), status.content)
    tags = (f"#{one.name}" for one in status.tags)
    return any(NO_BOTS.search(plain(one)) for one in said) or any(NO_BOTS.fullmatch(one) for one in tags)


def line_of(status: Status, here: Here) -> Line:
    ours = status.account.id == here.id
    return Line(here.handle(status.account), here.words(status), status.created_at, ours=ours)


def link_of(status: Status) -> str | None:
    for address in (status.url, status.uri):
        if is_web(address):
            return address
    return None


def is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(address) <= 2_000


def files_of(status: Status) -> tuple[IncomingFile, ...]:
    """What is hidden in a post stays so in the desk; what somebody shows the desk alone is there to be looked at."""
    hidden = status.sensitive and not is_direct(status)
    return tuple(replace(file_of(one), sensitive=hidden) for one in status.media_attachments)


def file_of(media: Media) -> IncomingFile:
    """How many bytes it has servers do not say. Of what is still on its way to the server the other's copy is had."""
    address = next((one for one in (media.url, media.remote_url) if is_web(one)), "")
    name = unquote(urlsplit(address).path.rsplit("/", 1)[-1])[:LONGEST_NAME] or media.id
    kind = mimetypes.guess_type(name)[0] or KINDS.get(media.type, "application/octet-stream")
    shows = one_line(media.description)[:LONGEST_ALTERNATIVE]
    return IncomingFile(media.id, name, kind, 0, url=address, problem=None if address else "gone", alternative=shows)


def deletion_of(
    native_id: str, author: str, conversation: ConversationRef, here: Here, at: datetime
) -> IncomingDeletion:
    return IncomingDeletion(
        key=here.key("deletion", native_id),
        conversation=conversation,
        author=Identity(PLATFORM, here.account, author),
        message=native_id,
        sent_at=at,
    )
