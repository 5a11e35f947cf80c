"""The contact page: browsers that have a chat there, and links that were used."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.model.ids import new_id
from bot.model.values import Language

# How somebody who filled in the form is to be reached.
Way = Literal["mastodon", "phone", "email"]


@dataclass(frozen=True, slots=True)
class ContactVisit:
    """One browser's chat on the contact page: about a post, about a conversation that a link was for, or begun by the
    form. Who sits there is unverified until `verified_at`; from then on it is who wrote the post or got the link.
    """

    browser: str  # a hash of what its cookie says
    conversation_id: UUID  # the chat
    person_id: UUID
    created_at: datetime
    seen_at: datetime  # when its page was last open, or what stands there was read in another browser
    post_id: UUID | None = None
    about_id: UUID | None = None  # Conversation
    language: Language = Language.EN
    verified_at: datetime | None = None
    told_at: datetime | None = None  # when it was last said elsewhere that an answer waits here
    way: Way | None = None  # as the form has it, which nobody vouches for
    address: str | None = None
    others: str = ""  # addresses that were given beside it
    consented_at: datetime | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


@dataclass(frozen=True, slots=True)
class UsedLink:
    """A signed link that let a browser in: it lets in no other. `id` is the link's own."""

    id: str
    visit_id: UUID
    used_at: datetime


@dataclass(frozen=True, slots=True)
class ContactGuest:
    """Another browser in which somebody unverified goes on with their chat: whoever sits at either says the same.

    Once they are known, `ended_at`: that chat is open in the browser alone in which they showed it.
    """

    visit_id: UUID
    browser: str
    since: datetime
    ended_at: datetime | None = None
    id: UUID = field(default_factory=new_id)
    version: int = 0


ContactRecord = ContactVisit | ContactGuest | UsedLink
