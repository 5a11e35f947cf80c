"""The organisation's choices of how it is heard in public, from the settings."""

from dataclasses import dataclass, field

from bot.model.public import Reach

LONGEST_POST = 500  # characters, where a server does not say otherwise


@dataclass(frozen=True, slots=True)
class PublicPolicy:
    site: str | None = None  # where the contact page is, such as https://desk.example.org; None: nowhere
    link_key: str = field(default="", repr=False)  # with which links in direct messages are signed
    visibility: Reach = "unlisted"  # as far as replies reach at most
    approval: bool = True  # whether replies that nobody asked for wait for a technician
    daily_replies: int = 30  # of those at most, in a day of the desk's zone
    signature: tuple[str, ...] = ()  # hashtags that replies end with, without #
    longest: int = LONGEST_POST
