"""What the API answers with: accounts, posts, notifications, … as Mastodon's entities."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from tests.fakes.mastodon.quirks import Quirks
from tests.fakes.mastodon.state import (
    Account,
    Application,
    Conversation,
    Edit,
    Json,
    Media,
    Notification,
    Poll,
    Request,
    State,
    Status,
)

_SHORTCODE = re.compile(r":(\w+):")


def when(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if at else None


@dataclass
class Shapes:
    """`base`: the address that this server is reached at; `domain`: what it is called."""

    state: State
    quirks: Quirks
    base: str
    domain: str

    def host(self, account: Account) -> str:
        return f"https://{account.domain or self.domain}"

    def page(self, account: Account) -> str:
        return f"{self.host(account)}/@{account.username}"

    def acct(self, account: Account, *, own: bool = False) -> str:
        whole = self.quirks.full_acct and account.domain is None and not own
        return f"{account.username}@{self.domain}" if whole else account.acct

    def account(self, account: Account, *, own: bool = False) -> Json:
        statuses = self.state.by(account.id)
        picture = f"https://{self.domain}/avatars/missing.png"
        shape: Json = {
            "id": account.id,
            "username": account.username,
            "acct": self.acct(account, own=own),
            "display_name": account.display_name,
            "locked": account.locked,
            "bot": account.bot,
            "discoverable": account.discoverable,
            "indexable": False,
            "group": False,
            "created_at": when(account.created.replace(hour=0, minute=0, second=0, microsecond=0)),
            "note": f"<p>{escape(account.note)}</p>" if account.note else "",
            "url": self.page(account),
            "uri": f"{self.host(account)}/users/{account.username}",
            "avatar": picture,
            "avatar_static": picture,
            "header": picture,
            "header_static": picture,
            "followers_count": sum(whom == account.id for _, whom in self.state.follows),
            "following_count": sum(who == account.id for who, _ in self.state.follows),
            "statuses_count": sum(one.visibility != "direct" for one in statuses),
            "last_status_at": max(one.created for one in statuses).date().isoformat() if statuses else None,
            "hide_collections": None,
            "noindex": False,
            "emojis": self.emojis(account.display_name, account.note),
            "roles": [],
            "fields": [{"name": name, "value": escape(value), "verified_at": None} for name, value in account.fields],
        }
        if account.domain:
            del shape["roles"], shape["noindex"]
        if account.limited:
            shape["limited"] = True
        if account.suspended:
            shape |= {"suspended": True, "display_name": "", "note": "", "fields": []}
        return shape

    def own(self, account: Account) -> Json:
        """The account of who asks."""
        source = {
            "privacy": account.privacy,
            "sensitive": False,
            "language": account.language,
            "note": account.note,
            "fields": [{"name": name, "value": value, "verified_at": None} for name, value in account.fields],
            "hide_collections": None,
            "discoverable": account.discoverable,
            "indexable": False,
            "attribution_domains": [],
            "quote_policy": "public",
            "follow_requests_count": sum(whom == account.id for _, whom in self.state.asked),
        }
        role = {"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": False}
        return self.account(account, own=True) | {"source": source, "role": role}

    def relationship(self, me: str, other: str) -> Json:
        state = self.state
        return {
            "id": other,
            "following": (me, other) in state.follows,
            "showing_reblogs": (me, other) in state.follows,
            "notifying": False,
            "languages": None,
            "followed_by": (other, me) in state.follows,
            "blocking": (me, other) in state.blocks,
            "blocked_by": (other, me) in state.blocks,
            "muting": (me, other) in state.mutes,
            "muting_notifications": state.mutes.get((me, other), False),
            "muting_expires_at": None,
            "requested": (me, other) in state.asked,
            "requested_by": (other, me) in state.asked,
            "domain_blocking": False,
            "endorsed": False,
            "note": state.notes.get((me, other), ""),
        }

    def status(self, status: Status, viewer: str | None) -> Json:
        """As `viewer` is shown it; None: without an account."""
        author, state = self.state.author(status), self.state
        boosted = state.statuses.get(status.boost_of) if status.boost_of else None
        page = f"{self.page(author)}/{status.id}"
        shape: Json = {
            "id": status.id,
            "created_at": when(status.created),
            "in_reply_to_id": status.reply_to,
            "in_reply_to_account_id": status.reply_account,
            "sensitive": status.sensitive,
            "spoiler_text": status.spoiler,
            "visibility": status.visibility,
            "language": status.language,
            "uri": f"{self.host(author)}/users/{author.username}/statuses/{status.id}",
            "url": None if boosted else page,
            "replies_count": len(state.replies(status.id)),
            "reblogs_count": len(state.boosts(status.id)),
            "favourites_count": len(status.favourites),
            "quotes_count": 0,
            "edited_at": when(status.edited),
            "content": status.html,
            "reblog": self.status(boosted, viewer) if boosted else None,
            "quote": None,
            "quote_approval": {"automatic": ["public"], "manual": [], "current_user": "automatic"},
            "account": self.account(author),
            "media_attachments": [self.media(state.media[one]) for one in status.media],
            "mentions": [self.mention(state.accounts[one]) for one in status.mentions],
            "tags": [{"name": one, "url": f"https://{self.domain}/tags/{quote(one)}"} for one in status.tags],
            "emojis": self.emojis(status.text, status.spoiler),
            "card": None,
            "poll": self.poll(state.polls[status.poll], viewer, status) if status.poll else None,
        }
        if status.application and author.domain is None:
            shape["application"] = {"name": status.application, "website": None}
        if viewer is not None:
            shape |= {
                "favourited": viewer in status.favourites,
                "reblogged": any(one.account == viewer for one in state.boosts(status.id)),
                "muted": (viewer, status.conversation) in state.muted_threads,
                "bookmarked": (viewer, status.id) in state.bookmarks,
                "filtered": [],
            }
            if viewer == status.account:
                shape["pinned"] = (viewer, status.id) in state.pinned
        return {name: value for name, value in shape.items() if name not in self.quirks.missing}

    def mention(self, account: Account) -> Json:
        return {
            "id": account.id if self.quirks.mention_ids else "0",
            "username": account.username,
            "url": self.page(account),
            "acct": self.acct(account),
        }

    def edit(self, status: Status, edit: Edit) -> Json:
        return {
            "content": edit.html,
            "spoiler_text": edit.spoiler,
            "sensitive": edit.sensitive,
            "created_at": when(edit.at),
            "account": self.account(self.state.author(status)),
            "media_attachments": [self.media(self.state.media[one]) for one in edit.media],
            "emojis": self.emojis(edit.text),
        }

    def media(self, media: Media) -> Json:
        address = f"{self.base}/system/media_attachments/{media.id}/{media.name}"
        if self.quirks.files_at is not None:
            address = self.quirks.files_at
        ready = time.time() >= media.ready
        return {
            "id": media.id,
            "type": media.kind,
            "url": address if ready else None,
            "preview_url": address if ready or media.kind == "image" else None,  # made at once, of a picture
            "remote_url": None,
            "preview_remote_url": None,
            "text_url": None,
            "meta": {"original": {"width": 640, "height": 480, "size": "640x480", "aspect": 1.3333333333333333}},
            "description": media.description,
            "blurhash": "UBL_:rOpGG-;~qRjWBay?bofRjM{9FWBt7ay" if media.kind == "image" else None,
        }

    def poll(self, poll: Poll, viewer: str | None, status: Status) -> Json:
        counts = [sum(number in chosen for chosen in poll.votes.values()) for number in range(len(poll.options))]
        shape: Json = {
            "id": poll.id,
            "expires_at": when(poll.expires),
            "expired": poll.expires <= datetime.now(UTC),
            "multiple": poll.multiple,
            "votes_count": sum(counts),
            "voters_count": len(poll.votes),
            "options": [
                {"title": title, "votes_count": count} for title, count in zip(poll.options, counts, strict=True)
            ],
            "emojis": [],
        }
        if viewer is not None:
            shape |= {
                "voted": viewer == status.account or viewer in poll.votes,
                "own_votes": poll.votes.get(viewer, []),
            }
        return shape

    def notification(self, one: Notification) -> Json:
        shape: Json = {
            "id": one.id,
            "type": one.kind,
            "created_at": when(one.created),
            "group_key": f"ungrouped-{one.id}",
            "account": self.account(self.state.accounts[one.sender]),
        }
        if one.status and (status := self.state.statuses.get(one.status)):
            shape["status"] = self.status(status, one.account)
        return shape

    def request(self, one: Request) -> Json:
        held = [
            note
            for note in self.state.notifications.values()
            if note.filtered and (note.account, note.sender) == (one.account, one.sender)
        ]
        last = next((found for note in held[::-1] if (found := self.state.statuses.get(note.status or ""))), None)
        return {
            "id": one.id,
            "created_at": when(one.created),
            "updated_at": when(one.updated),
            "notifications_count": str(len(held)),
            "account": self.account(self.state.accounts[one.sender]),
            "last_status": self.status(last, one.account) if last else None,
        }

    def conversation(self, one: Conversation) -> Json:
        last = self.state.statuses.get(one.last)
        return {
            "id": one.id,
            "unread": one.id not in self.state.accounts[one.account].read,
            "accounts": [self.account(self.state.accounts[other]) for other in one.others],
            "last_status": self.status(last, one.account) if last else None,
        }

    def application(self, one: Application) -> Json:
        return {
            "id": one.id,
            "name": one.name,
            "website": one.website,
            "scopes": one.scopes,
            "redirect_uris": one.redirect_uris,
            "redirect_uri": "\n".join(one.redirect_uris),
        }

    def emojis(self, *texts: str) -> list[Any]:
        names = dict.fromkeys(name for text in texts for name in _SHORTCODE.findall(text))
        return [self.emoji(name) for name in names if name in self.state.emojis]

    def emoji(self, name: str) -> Json:
        url = self.state.emojis[name]
        return {"shortcode": name, "url": url, "static_url": url, "visible_in_picker": True}
