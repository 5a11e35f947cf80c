"""Addresses of the contact page. A public link shows a post to anybody; a link in a direct message is for one
conversation, and is as good as knowing who opens it: signed, and good once."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from bot.public.policy import PublicPolicy

GOOD_FOR = timedelta(days=1)  # of a link in a direct message
CHAT_GOOD_FOR = timedelta(hours=1)  # of an address for another browser, which is opened at once
_SALT = "guichet direct link"
_CHAT_SALT = "guichet chat link"


@dataclass(frozen=True, slots=True)
class DirectLink:
    """What a signed link says. `id` is what is written down once it was used."""

    conversation_id: UUID
    id: str
    made_at: datetime

    def is_expired(self, now: datetime) -> bool:
        return now - self.made_at > GOOD_FOR


@dataclass(frozen=True, slots=True)
class ChatLink:
    """What the address of a chat on the contact page says. `id` is what is written down once it was used."""

    visit_id: UUID
    id: str
    made_at: datetime

    def is_expired(self, now: datetime) -> bool:
        return now - self.made_at > CHAT_GOOD_FOR


def new_token() -> str:
    """What a public link ends in: nobody guesses it."""
    return secrets.token_urlsafe(12)


def post_link(policy: PublicPolicy, token: str) -> str | None:
    """The address that shows a post and lets anybody write to the desk about it; None without a contact page."""
    return f"{policy.site}/c/{token}" if policy.site else None


def direct_link(policy: PublicPolicy, conversation_id: UUID, now: datetime) -> str | None:
    """A new address that lets who opens it go on with a conversation, once; None without a contact page."""
    if not policy.site or not policy.link_key:
        return None
    signed = _signer(policy).dumps([conversation_id.hex, secrets.token_urlsafe(6), int(now.timestamp())])
    return f"{policy.site}/d/{signed}"


def read_direct(policy: PublicPolicy, signed: str) -> DirectLink | None:
    """What the desk signed, expired or not; None for anything else."""
    if not policy.link_key:
        return None
    try:
        conversation, id, made_at = _signer(policy).loads(signed)
        return DirectLink(UUID(hex=conversation), id, datetime.fromtimestamp(made_at, UTC))
    except (BadData, ValueError, TypeError, AttributeError, OverflowError):
        return None


def chat_link(policy: PublicPolicy, visit_id: UUID, now: datetime) -> str | None:
    """A new address at which another browser goes on with a chat of the contact page, once; None without one."""
    if not policy.site or not policy.link_key:
        return None
    signed = _signer(policy, _CHAT_SALT).dumps([visit_id.hex, secrets.token_urlsafe(9), int(now.timestamp())])
    return f"{policy.site}/contact/on/{signed}"


def read_chat(policy: PublicPolicy, signed: str) -> ChatLink | None:
    """What the desk signed, expired or not; None for anything else."""
    if not policy.link_key:
        return None
    try:
        visit, id, made_at = _signer(policy, _CHAT_SALT).loads(signed)
        return ChatLink(UUID(hex=visit), f"chat:{id}", datetime.fromtimestamp(made_at, UTC))
    except (BadData, ValueError, TypeError, AttributeError, OverflowError):
        return None


def _signer(policy: PublicPolicy, salt: str = _SALT) -> URLSafeSerializer:
    return URLSafeSerializer(policy.link_key, salt=salt)
