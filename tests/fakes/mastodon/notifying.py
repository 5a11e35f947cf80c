"""Whom the server tells of what, and what it keeps from them: policies, requests, direct messages' conversations."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.mastodon.ids import order
from tests.fakes.mastodon.quirks import POLICIES, Quirks
from tests.fakes.mastodon.shapes import Shapes
from tests.fakes.mastodon.state import Account, Conversation, Notification, Request, State, Status
from tests.fakes.mastodon.streams import Streams

REASONS = {
    "for_not_following": "accept",
    "for_not_followers": "accept",
    "for_new_accounts": "accept",
    "for_private_mentions": "filter",  # unasked, of somebody one does not follow
    "for_limited_accounts": "filter",
}
NEW = timedelta(days=30)


@dataclass
class Notifier:
    state: State
    quirks: Quirks
    shapes: Shapes
    streams: Streams
    now: Callable[[], datetime]
    new_id: Callable[..., str]

    def policy(self, account: Account) -> dict[str, str]:
        return REASONS | account.policy

    def notify(self, whom: str, kind: str, sender: str, status: Status | None = None) -> Notification | None:
        """None: they are not told, nor ever will be."""
        state = self.state
        if whom == sender or state.hides(whom, sender) or state.mutes.get((whom, sender)):
            return None
        if state.accounts[sender].suspended or (status and not state.may_see(whom, status)):
            return None
        if status and (whom, status.conversation) in state.muted_threads:
            return None
        verdict = self._verdict(state.accounts[whom], state.accounts[sender], status)
        if verdict == "drop":
            return None
        made = Notification(self.new_id("notification"), whom, kind, sender, self.now(), status.id if status else None)
        made.filtered = verdict == "filter"
        state.notifications[made.id] = made
        if made.filtered:
            if kind == "mention":
                self._request(made)
        elif state.accounts[whom].domain is None:
            shown = self.shapes.notification(made)
            self.streams.tell([("user", whom), ("user:notification", whom)], "notification", shown)
        return made

    def _verdict(self, account: Account, sender: Account, status: Status | None) -> str:
        """The severest of what the policy says of this sender."""
        if sender.id in account.permitted or not self.quirks.has("GET", POLICIES[0]) or account.domain:
            return "accept"
        follows = (account.id, sender.id) in self.state.follows
        applies = {
            "for_not_following": not follows,
            "for_not_followers": (sender.id, account.id) not in self.state.follows,
            "for_new_accounts": not follows and sender.created > self.now() - NEW,
            "for_private_mentions": not follows and self._unasked(account, status),
            "for_limited_accounts": not follows and sender.limited,
        }
        said = {value for name, value in self.policy(account).items() if applies[name]}
        return next((one for one in ("drop", "filter") if one in said), "accept")

    def _unasked(self, account: Account, status: Status | None) -> bool:
        """A direct message that answers no direct message of theirs to its author: one in the open does not count."""
        if not status or status.visibility != "direct":
            return False
        above = self.state.ancestors(status)
        theirs = (one for one in above if one.account == account.id and one.visibility == "direct")
        return not any(status.account in one.mentions for one in theirs)

    def _request(self, made: Notification) -> None:
        for one in self.state.requests.values():
            if (one.account, one.sender) == (made.account, made.sender):
                one.updated, one.dismissed = made.created, False
                return
        request = Request(self.new_id("request"), made.account, made.sender, made.created, made.created)
        self.state.requests[request.id] = request

    def held(self, request: Request) -> list[Notification]:
        both = (request.account, request.sender)
        found = (one for one in self.state.notifications.values() if one.filtered)
        return [one for one in found if (one.account, one.sender) == both]

    def accept(self, request: Request) -> None:
        """What was kept back is among the notifications now, with the ids and times it had, and among the
        conversations; streams only say that."""
        self.state.accounts[request.account].permitted.add(request.sender)
        for one in self.held(request):
            one.filtered = False
            status = self.state.statuses.get(one.status or "")
            if status and status.visibility == "direct":
                self._into_conversation(request.account, status)
        self.state.requests.pop(request.id, None)
        self.streams.tell([("user", request.account)], "notifications_merged", None)

    def told(self, account: str) -> list[Notification]:
        """The newest id first, filtered ones too."""
        found = (one for one in self.state.notifications.values() if one.account == account)
        return sorted(found, key=lambda one: order(one.id), reverse=True)

    def converse(self, status: Status) -> None:
        """A direct message goes into the conversation of each of its local parties who are told of it."""
        told = {
            one.account for one in self.state.notifications.values() if one.status == status.id and not one.filtered
        }
        for party in status.parties:
            if self.state.accounts[party].domain is None and (party == status.account or party in told):
                self._into_conversation(party, status)

    def _into_conversation(self, party: str, status: Status) -> None:
        others = [one for one in status.parties if one != party]
        found = self._conversation(party, status.conversation, others)
        found.last = status.id
        read = self.state.accounts[party].read
        if party == status.account:
            read.add(found.id)
        else:
            read.discard(found.id)
        self.streams.tell([("direct", party)], "conversation", self.shapes.conversation(found))

    def _conversation(self, party: str, thread: str, others: list[str]) -> Conversation:
        for one in self.state.conversations.values():
            if (one.account, one.thread) == (party, thread) and set(one.others) == set(others):
                return one
        made = Conversation(self.new_id("conversation"), party, others, thread, "")
        self.state.conversations[made.id] = made
        return made
