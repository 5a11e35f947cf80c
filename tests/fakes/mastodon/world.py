"""What happens on the server, whoever does it: each change is made in the state, and those concerned are told."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.mastodon import writing
from tests.fakes.mastodon.faults import Faults
from tests.fakes.mastodon.ids import new_id
from tests.fakes.mastodon.notifying import Notifier
from tests.fakes.mastodon.quirks import Quirks
from tests.fakes.mastodon.shapes import Shapes
from tests.fakes.mastodon.state import Account, Edit, Media, Poll, State, Status, Visibility
from tests.fakes.mastodon.streams import Streams

NARROWER = ("public", "unlisted", "private", "direct")


class Refused(Exception):
    """What the API answers in place of doing it."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(f"{status} {error}")
        self.status, self.error = status, error


@dataclass
class Draft:
    """What somebody is about to post."""

    text: str
    visibility: Visibility = "public"
    spoiler: str = ""
    sensitive: bool = False
    language: str | None = None
    reply_to: str | None = None
    media: Sequence[str] = ()
    poll: Sequence[str] = ()
    poll_seconds: float = 86_400
    poll_multiple: bool = False
    application: str | None = None
    key: str | None = None
    html: str | None = None  # in place of what would be made of the text
    ago: float = 0.0  # seconds since it was written, on another server


@dataclass
class World:
    state: State
    quirks: Quirks
    faults: Faults
    shapes: Shapes
    streams: Streams
    streaming_host: str = ""  # where streaming is said to be
    max_characters: int = 500
    changes: int = 0  # of anything that people see
    notifier: Notifier = field(init=False)

    def __post_init__(self) -> None:
        self.notifier = Notifier(self.state, self.quirks, self.shapes, self.streams, self.now, self.new_id)

    def now(self, ago: float = 0.0) -> datetime:
        """The server's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.faults.skew - ago)

    def new_id(self, kind: str, at: datetime | None = None) -> str:
        """Mastodon counts some kinds and dates others."""
        number = self.state.number("all" if self.quirks.ids == "small" else kind)
        moment = at or self.now()
        if kind == "notification" and not self.quirks.notifications_in_order:
            number += 8
            moment, number = moment + timedelta(minutes=(number ^ 0b101) - number), number ^ 0b101  # a neighbour's
        counted = kind in ("notification", "conversation", "application", "report", "poll", "request")
        if counted and self.quirks.ids in ("snowflake", "flake"):
            return str(40_000 + number)
        return new_id(self.quirks.ids, moment, number)

    def find(self, username: str, domain: str | None = None) -> Account | None:
        local = domain is None or domain.lower() == self.shapes.domain
        return self.state.find(username, None if local else domain)

    def finder(self, author: Account) -> writing.Find:
        """Whom a text of theirs means: without a domain, somebody of their own server, or of this one."""

        def find(username: str, domain: str | None) -> Account | None:
            if domain is None and author.domain and (neighbour := self.state.find(username, author.domain)):
                return neighbour
            return self.find(username, domain)

        return find

    def html_of(self, text: str, author: Account) -> str:
        style = self.quirks.html if author.domain is None else "mastodon"
        return writing.html(text, self.finder(author), self.shapes.host(author), self.shapes.page, style)

    def tag(self, name: str) -> str:
        """A hashtag by the name it is found by."""
        return writing.name_of(name, folded=self.quirks.folded_tags)

    def tags(self, text: str) -> list[str]:
        return writing.tags(text, folded=self.quirks.folded_tags)

    # Posts

    def post(self, author: Account, draft: Draft) -> Status:
        """Refused: as Mastodon would, in its words. What people on other servers write knows no limits."""
        parent = self._parent(author, draft)
        find = self.finder(author)
        if author.domain is None:
            self._check(author, draft.text, draft.spoiler, draft.media, bool(draft.poll))
        created = self.now(draft.ago)
        status = Status(
            id=self.new_id("status", created),
            account=author.id,
            text=draft.text,
            html=draft.html if draft.html is not None else self.html_of(draft.text, author),
            visibility=draft.visibility,
            created=created,
            at=time.time(),
            spoiler=draft.spoiler,
            sensitive=draft.sensitive or bool(draft.spoiler and author.domain is None),
            language=draft.language,
            reply_to=parent.id if parent else None,
            reply_account=parent.account if parent else None,
            mentions=[one.id for one in writing.mentioned(draft.text, find)],
            tags=self.tags(draft.text),
            media=list(draft.media),
            application=draft.application,
            key=draft.key,
        )
        status.conversation = parent.conversation if parent else status.id
        if draft.poll:
            status.poll = self._new_poll(draft)
        for one in draft.media:
            self.state.media[one].status = status.id
        self.state.add(status)
        self.changes += 1
        self.fan_out(status, "update")
        for whom in status.mentions:
            self.notifier.notify(whom, "mention", author.id, status)
        if status.visibility == "direct":
            self.notifier.converse(status)
        return status

    def _parent(self, author: Account, draft: Draft) -> Status | None:
        if not draft.reply_to:
            return None
        parent = self.state.statuses.get(draft.reply_to)
        if not parent or not self.state.may_see(author.id, parent) or parent.boost_of:
            if self.quirks.lone_replies:
                return None
            raise Refused(404, "The post you are trying to reply to does not appear to exist.")
        return parent

    def _check(self, author: Account, text: str, spoiler: str, media: Iterable[str], poll: bool, own: str = "") -> None:
        attached = [self.state.media.get(one) for one in media]
        if any(one is None or one.account != author.id or one.status not in (None, own) for one in attached):
            raise Refused(422, "Validation failed: Media not found or already attached to another post")
        if len(attached) > 4:
            raise Refused(422, "Cannot attach more than 4 files")
        if any(one and time.time() < one.ready for one in attached):
            raise Refused(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        if not text.strip() and not attached and not poll:
            raise Refused(422, "Validation failed: Text can't be blank")
        if writing.length(text, spoiler) > self.max_characters:
            raise Refused(422, f"Validation failed: Text character limit of {self.max_characters} exceeded")

    def _new_poll(self, draft: Draft) -> str:
        if not 2 <= len(draft.poll) <= 4:
            few = len(draft.poll) < 2
            raise Refused(
                422, "Validation failed: Options " + ("must be more than one" if few else "can't be more than 4")
            )
        if any(len(one) > 50 for one in draft.poll):
            raise Refused(422, "Validation failed: Options can't be longer than 50 characters each")
        expires = datetime.now(UTC) + timedelta(seconds=draft.poll_seconds)
        made = Poll(self.new_id("poll"), list(draft.poll), expires, draft.poll_multiple)
        self.state.polls[made.id] = made
        return made.id

    def edit(
        self,
        status: Status,
        text: str,
        spoiler: str | None = None,
        *,
        sensitive: bool | None = None,
        media: Sequence[str] | None = None,
        html: str | None = None,
    ) -> None:
        """Who is mentioned now and was not before is told; so is who boosted it. Mastodon says nothing of it to others
        who do not follow the author."""
        author = self.state.author(status)
        spoiler = status.spoiler if spoiler is None else spoiler
        media = status.media if media is None else media
        if author.domain is None:
            self._check(author, text, spoiler, media, bool(status.poll), status.id)
        if not status.edits:
            status.edits.append(self.kept(status, status.created))
        before = set(status.mentions)
        find = self.finder(author)
        status.text, status.spoiler, status.media = text, spoiler, list(media)
        status.html = html if html is not None else self.html_of(text, author)
        status.sensitive = bool(spoiler) or (status.sensitive if sensitive is None else sensitive)
        status.mentions = [one.id for one in writing.mentioned(text, find)]
        status.tags = self.tags(text)
        status.edited = self.now()
        status.edits.append(self.kept(status, status.edited))
        self.changes += 1
        self.fan_out(status, "status.update")
        for whom in status.mentions:
            if whom not in before:
                self.notifier.notify(whom, "mention", author.id, status)
        for boost in self.state.boosts(status.id):
            self.notifier.notify(boost.account, "update", author.id, status)

    @staticmethod
    def kept(status: Status, at: datetime) -> Edit:
        return Edit(status.text, status.html, status.spoiler, status.sensitive, at, list(status.media))

    def delete(self, status: Status) -> None:
        """It is gone, and its boosts, and what was told of it; replies stay and hang from nothing."""
        for boost in self.state.boosts(status.id):
            self.delete(boost)
        followers = [who for who, whom in self.state.follows if whom == status.account]
        self.streams.tell([("user", one) for one in {*status.parties, *followers}], "delete", status.id)
        self.streams.tell(self._open_channels(status), "delete", status.id)
        self.state.remove(status)
        for one in list(self.state.notifications.values()):
            if one.status == status.id and not self.quirks.notifications_outlive:
                del self.state.notifications[one.id]
        for key in [key for key, (made, _) in self.state.keys.items() if made == status.id]:
            del self.state.keys[key]
        self.changes += 1

    def boost(self, author: Account, status: Status, visibility: Visibility = "public") -> Status:
        status = self.state.statuses[status.boost_of] if status.boost_of else status
        if status.visibility in ("direct", "private") and status.account != author.id:
            raise Refused(403, "This action is not allowed")
        for one in self.state.boosts(status.id):
            if one.account == author.id:
                return one
        created = self.now()
        made = Status(
            self.new_id("status", created),
            author.id,
            "",
            status.html,
            visibility,
            created,
            time.time(),
            boost_of=status.id,
        )
        made.conversation = made.id
        self.state.add(made)
        self.changes += 1
        self.fan_out(made, "update")
        self.notifier.notify(status.account, "reblog", author.id, status)
        return made

    def favourite(self, author: Account, status: Status) -> None:
        if author.id not in status.favourites:
            status.favourites.append(author.id)
            self.changes += 1
            self.notifier.notify(status.account, "favourite", author.id, status)

    def vote(self, author: Account, poll: Poll, choices: Sequence[int]) -> None:
        if poll.expires <= datetime.now(UTC):
            raise Refused(422, "Validation failed: The poll has already ended")
        if author.id in poll.votes:
            raise Refused(422, "Validation failed: You have already voted on this poll")
        if not choices or not all(0 <= one < len(poll.options) for one in choices):
            raise Refused(422, "Validation failed: The chosen vote option does not exist")
        poll.votes[author.id] = list(choices if poll.multiple else choices[:1])
        self.changes += 1

    # Who is told over the streams

    def fan_out(self, status: Status, event: str) -> None:
        """To the author, followers, who follows a hashtag of it; and in the open if it is public."""
        state = self.state
        reached = {status.account} if state.author(status).domain is None else set()
        followers = {who for who, whom in state.follows if whom == status.account}
        reached |= followers if status.visibility != "direct" else followers & set(status.mentions)
        if status.visibility == "public":
            reached |= {one.id for one in state.accounts.values() if one.followed_tags & set(status.tags)}
        for one in reached:
            if self.at_home(one, status):
                self.streams.tell([("user", one)], event, self.shapes.status(status, one))
        self.streams.tell(self._open_channels(status), event, self.shapes.status(status, None), status.account)

    def at_home(self, viewer: str, status: Status) -> bool:
        """Whether a post belongs in somebody's home timeline."""
        state = self.state
        if status.account == viewer:
            return True
        if (
            not state.may_see(viewer, status)
            or state.hides(viewer, status.account)
            or (viewer, status.account) in state.mutes
        ):
            return False
        follows = (viewer, status.account) in state.follows
        tagged = bool(state.accounts[viewer].followed_tags & set(status.tags)) and status.visibility == "public"
        if status.reply_to and status.reply_account not in (viewer, status.account):
            follows = follows and (viewer, status.reply_account or "") in state.follows
        if status.visibility == "direct":
            follows = follows and viewer in status.mentions
        return follows or tagged

    def _open_channels(self, status: Status) -> list[tuple[str, str]]:
        """None for what is not public, boosts, and nothing but the tags' for replies."""
        if status.visibility != "public" or status.boost_of or self.state.author(status).limited:
            return []
        local = self.state.author(status).domain is None
        found = [(f"hashtag{where}", tag) for tag in status.tags for where in ("", *([":local"] if local else []))]
        if not status.reply_to or status.reply_account == status.account:
            found += [("public", ""), ("public:local" if local else "public:remote", "")]
        return found

    # People

    def follow(self, who: str, whom: str) -> None:
        if (who, whom) in self.state.follows:
            return
        if self.state.hides(who, whom):
            raise Refused(403, "This action is not allowed")
        self.changes += 1
        if self.state.accounts[whom].locked:
            self.state.asked.add((who, whom))
            self.notifier.notify(whom, "follow_request", who)
        else:
            self.state.follows.add((who, whom))
            self.notifier.notify(whom, "follow", who)

    def unfollow(self, who: str, whom: str) -> None:
        self.state.follows.discard((who, whom))
        self.state.asked.discard((who, whom))
        self.changes += 1

    def block(self, who: str, whom: str) -> None:
        """Neither follows the other any more, and what one was told of the other is gone."""
        self.state.blocks.add((who, whom))
        self.state.follows -= {(who, whom), (whom, who)}
        for one in list(self.state.notifications.values()):
            if (one.account, one.sender) == (who, whom):
                del self.state.notifications[one.id]
        self.changes += 1

    def keep(self, author: Account, name: str, mimetype: str, content: bytes, description: str | None = None) -> Media:
        """A file that can be attached, once it is processed: pictures at once, films and sound a little later."""
        major = mimetype.split("/")[0]
        slow = self.faults.processing or (0.0 if major == "image" else 0.2)
        kind = "gifv" if mimetype == "image/gif" else major
        made = Media(self.new_id("media"), author.id, kind, mimetype, name, content, time.time() + slow, description)
        self.state.media[made.id] = made
        return made
