"""The organisation's choices of how it is heard in public, from the settings."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.model.public import Reach

LONGEST_POST = 500  # characters, where a server does not say otherwise


@dataclass(frozen=True, slots=True)
class PublicPolicy:
    site: str | None = None  # where the contact page is, such as https://desk.example.org; None: nowhere
    link_key: str = field(default="", repr=False)  # with which links in direct messages are signed
    visibility: Reach = "unlisted"  # as far as replies reach at most
    approval: bool = True  # whether replies that nobody asked for wait for a technician
    held: timedelta = timedelta(minutes=60)  # of business time, in which a decision is wanted; none: at any time
    daily_replies: int = 30  # of those at most, in a day of the desk's zone
    signature: tuple[str, ...] = ()  # hashtags that replies end with, without #
    longest: int | None = None  # characters of a post at most; None: as the server says
    platforms: tuple[str, ...] = ()  # on which posts are heard
    account: tuple[str, str] | None = None  # platform and account from which who gave a handle alone is written to
    away: timedelta = timedelta(seconds=20)  # without a sign of life from a contact page: nobody sits there any more
    tell_every: timedelta = timedelta(minutes=15)  # between two notices that an answer waits on it
    country: str = "FR"  # of telephone numbers that are written without one
