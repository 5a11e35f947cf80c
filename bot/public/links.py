"""Addresses of the contact page. A public link shows a post to anybody; a link in a direct message is for one
conversation, and is as good as knowing who opens it: signed, and good once. So is one to a chat for another browser."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from bot.public.policy import PublicPolicy


@dataclass(frozen=True, slots=True)
class LinkKind:
    """What a signed link is for. `salt`: none of one kind is one of another; `used_as` stands before the ids of used
    ones, which are kept together."""

    path: str
    salt: str
    good_for: timedelta
    used_as: str = ""


DIRECT = LinkKind("d", "guichet direct link", timedelta(days=1))  # in direct messages: to one conversation
# On the contact page: to a chat, for another browser, where it is opened at once.
CHAT = LinkKind("contact/on", "guichet chat link", timedelta(hours=1), "chat:")


@dataclass(frozen=True, slots=True)
class SignedLink:
    """What it says. `about`: the conversation, or the visit whose chat it is; `id` is what is written down once it was
    used."""

    kind: LinkKind
    about: UUID
    id: str
    made_at: datetime

    def is_expired(self, now: datetime) -> bool:
        return now - self.made_at > self.kind.good_for


def new_token() -> str:
    """What a public link ends in: nobody guesses it."""
    return secrets.token_urlsafe(12)


def post_link(policy: PublicPolicy, token: str) -> str | None:
    """The address that shows a post and lets anybody write to the desk about it; None without a contact page."""
    return f"{policy.site}/c/{token}" if policy.site else None


def signed_link(policy: PublicPolicy, kind: LinkKind, about: UUID, now: datetime) -> str | None:
    """A new address, good once; None without a contact page."""
    if not policy.site or not policy.link_key:
        return None
    signed = _signer(policy, kind).dumps([about.hex, secrets.token_urlsafe(9), int(now.timestamp())])
    return f"{policy.site}/{kind.path}/{signed}"


def read_link(policy: PublicPolicy, kind: LinkKind, signed: str) -> SignedLink | None:
    """What the desk signed, expired or not; None for anything else."""
    if not policy.link_key:
        return None
    try:
        about, id, made_at = _signer(policy, kind).loads(signed)
        return SignedLink(kind, UUID(hex=about), f"{kind.used_as}{id}", datetime.fromtimestamp(made_at, UTC))
    except (BadData, ValueError, TypeError, AttributeError, OverflowError):
        return None


def _signer(policy: PublicPolicy, kind: LinkKind) -> URLSafeSerializer:
    return URLSafeSerializer(policy.link_key, salt=kind.salt)
