"""People at their Mastodon, here or on another server: what they write, change, boost, whom they follow or block."""

import asyncio
import mimetypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.mastodon.ids import order
from tests.fakes.mastodon.rendering import Seen, seen
from tests.fakes.mastodon.state import Account, Notification, Report, Status, Visibility
from tests.fakes.mastodon.world import Draft

if TYPE_CHECKING:
    from tests.fakes.mastodon.server import FakeMastodon

Which = Status | Seen
File = tuple[str, bytes] | tuple[str, bytes, str]  # name, content, description


@dataclass(frozen=True)
class Person:
    """Somebody with an account. What they do happens at once; what the app makes of it is awaited with `until`."""

    mastodon: "FakeMastodon"
    account: Account

    @property
    def id(self) -> str:
        return self.account.id

    @property
    def acct(self) -> str:
        return self.account.acct

    async def says(
        self,
        text: str,
        *,
        to: Which | None = None,
        visibility: Visibility | None = None,
        cw: str | None = None,
        language: str | None = None,
        files: Iterable[File] = (),
        poll: Sequence[str] = (),
        poll_seconds: float = 86_400,
        multiple: bool = False,
        sensitive: bool = False,
        html: str | None = None,
        ago: float = 0.0,
    ) -> Status:
        """Write a post. `@guichet` is the account's bot, other handles whom there is; no handle is added for them. An
        answer is as open and has the same warning as what it answers (`to`), unless it is said otherwise. `html`: what
        their own server made of it. `ago`: it arrives late, with the time and the id of when it was written."""
        above = self._status(to) if to is not None else None
        attached = [self._upload(*one) for one in files]
        draft = Draft(
            text,
            visibility or (above.visibility if above else "public"),
            (above.spoiler if above else "") if cw is None else cw,
            sensitive,
            language or self.account.language,
            above.id if above else None,
            attached,
            poll,
            poll_seconds,
            multiple,
            html=html,
            ago=ago,
        )
        made = self.mastodon.world.post(self.account, draft)
        await asyncio.sleep(0)
        return made

    async def edits(self, which: Which, text: str, cw: str | None = None, html: str | None = None) -> None:
        self.mastodon.world.edit(self._own(which), text, cw, html=html)
        await asyncio.sleep(0)

    async def deletes(self, which: Which) -> None:
        self.mastodon.world.delete(self._own(which))
        await asyncio.sleep(0)

    async def boosts(self, which: Which) -> Status:
        made = self.mastodon.world.boost(self.account, self._status(which))
        await asyncio.sleep(0)
        return made

    async def favourites(self, which: Which) -> None:
        self.mastodon.world.favourite(self.account, self._status(which))
        await asyncio.sleep(0)

    async def votes(self, which: Which, *options: str) -> None:
        poll = self.mastodon.state.polls[self._status(which).poll or ""]
        self.mastodon.world.vote(self.account, poll, [poll.options.index(one) for one in options])
        await asyncio.sleep(0)

    def follows(self, whom: "Person | None" = None) -> None:
        """The bot, if nobody is named; so below."""
        self.mastodon.world.follow(self.id, self._whom(whom))

    def unfollows(self, whom: "Person | None" = None) -> None:
        self.mastodon.world.unfollow(self.id, self._whom(whom))

    def blocks(self, whom: "Person | None" = None) -> None:
        self.mastodon.world.block(self.id, self._whom(whom))

    def unblocks(self, whom: "Person | None" = None) -> None:
        self.mastodon.state.blocks.discard((self.id, self._whom(whom)))

    def mutes(self, whom: "Person | None" = None, *, notifications: bool = True) -> None:
        self.mastodon.state.mutes[self.id, self._whom(whom)] = notifications

    def reports(self, which: Which, comment: str = "", category: str = "spam") -> Report:
        """Tell the moderators of a post."""
        status = self._status(which)
        world = self.mastodon.world
        made = Report(
            world.new_id("report"), self.id, status.account, [status.id], comment, category, datetime.now(UTC)
        )
        self.mastodon.state.reports.append(made)
        return made

    def becomes(self, **fields: Any) -> None:
        """Fields of their account change: display_name, note, bot, locked, limited, suspended, …"""
        for name, value in fields.items():
            assert hasattr(self.account, name), name
            setattr(self.account, name, value)
        self.mastodon.world.changes += 1

    # What they see

    def sees(self, which: Which) -> bool:
        """Whether a post is there for them."""
        found = self.mastodon.state.statuses.get(which.id)
        return found is not None and self.mastodon.state.may_see(self.id, found)

    def home(self) -> list[Seen]:
        """Their home timeline, the newest first."""
        state = self.mastodon.state
        return [seen(state, one) for one in state.sorted() if self.mastodon.world.at_home(self.id, one)]

    def told(self, *kinds: str) -> list[Notification]:
        """What they are notified of, the oldest first; of all kinds, or of these. On this
        server, a direct message that they did not write first is kept back, unless they follow its author."""
        found = [one for one in self.mastodon.world.notifier.told(self.id) if not kinds or one.kind in kinds]
        return sorted((one for one in found if not one.filtered), key=lambda one: (one.created, order(one.id)))

    def held(self) -> list[Notification]:
        """What their server keeps back from them, the oldest first: see the policy."""
        return [one for one in self.mastodon.world.notifier.told(self.id)[::-1] if one.filtered]

    def dms(self) -> list[Seen]:
        """Direct messages between them and the bot, the oldest first."""
        state, both = self.mastodon.state, {self.id, self.mastodon.bot.id}
        found = [one for one in state.sorted()[::-1] if one.visibility == "direct" and both <= set(one.parties)]
        return [seen(state, one) for one in found]

    def _status(self, which: Which) -> Status:
        """The post as it stands now, where they can see it."""
        found = self.mastodon.state.statuses.get(which.id)
        assert found, "that post is gone"
        assert self.sees(which), f"@{self.acct} cannot see that post"
        return found

    def _own(self, which: Which) -> Status:
        status = self._status(which)
        assert status.account == self.id, "that post is somebody else's"
        return status

    def _whom(self, whom: "Person | None") -> str:
        return whom.id if whom else self.mastodon.bot.id

    def _upload(self, name: str, content: bytes, description: str | None = None) -> str:
        kind = mimetypes.guess_type(name)[0] or "image/png"
        made = self.mastodon.world.keep(self.account, name, kind, content, description)
        made.ready = 0.0  # it was uploaded before
        return made.id
