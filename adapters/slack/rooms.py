"""Where technicians work in Slack."""

import re
from dataclasses import dataclass, replace

from adapters.slack.ids import PLATFORM, Asked, channel_room, person_room
from bot.errors import SettingsError
from bot.model.messages import ConversationRef
from bot.model.people import PersonIdentity

KEPT_AS = "slack/desk"
_ID = re.compile(r"[CG][A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class DeskChannels:
    """The setting as it was written: `common` for every ticket that has no room of its own, `own` by category.

    Each is a channel's id or its name. Without a common one the first of the others takes its place.
    """

    common: str = ""
    own: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, setting: str, categories: frozenset[str]) -> "DeskChannels":
        """`C111, network=C222`. Raises SettingsError."""
        common, own = "", []
        for part in filter(None, (part.strip() for part in setting.split(","))):
            category, named, channel = (word.strip() for word in part.partition("="))
            if not named:
                if common:
                    raise SettingsError(
                        f"GUICHET_SLACK_DESK_CHANNEL: {common} and {category} are both for every ticket; write "
                        f"CATEGORY={category} for the one of a category"
                    )
                common = category.lstrip("#")
            elif category not in categories:
                raise SettingsError(f"GUICHET_SLACK_DESK_CHANNEL: {category!r} is no category")
            elif not channel:
                raise SettingsError(f"GUICHET_SLACK_DESK_CHANNEL: {category}= wants a channel")
            else:
                own.append((category, channel.lstrip("#")))
        return cls(common, tuple(own))

    @property
    def all(self) -> tuple[str, ...]:
        """Each once, the common one first."""
        return tuple(dict.fromkeys(filter(None, (self.common, *(channel for _, channel in self.own)))))

    @property
    def rest(self) -> str:
        """For tickets of categories that have none of their own: no ticket is to be announced nowhere."""
        return self.common or next((channel for _, channel in self.own), "")

    @property
    def lack(self) -> str | None:
        """What an operator may not have meant, and what it comes to."""
        if not self.all:
            return "no desk channel: tickets are announced nowhere in Slack"
        if not self.common:
            return f"no desk channel for every category: tickets of all others are announced in {self.rest}, too"
        return None

    def with_ids(self, ids: dict[str, str]) -> "DeskChannels":
        """With the ids of the channels that were named; one that is not known is left out."""

        def id_of(channel: str) -> str:
            return channel if _ID.fullmatch(channel) else ids.get(channel, "")

        own = ((category, id_of(channel)) for category, channel in self.own)
        return DeskChannels(id_of(self.common), tuple((category, id) for category, id in own if id))


def is_id(channel: str) -> bool:
    return bool(_ID.fullmatch(channel))


@dataclass(slots=True)
class SlackDesk:
    """The desk's channels of one workspace. They are known once Slack has told the workspace's id, and the ids of
    channels that were named: until then there are none. A technician's direct messages are for questions, as everybody
    else's are: the desk only speaks there."""

    account: str = ""
    channels: DeskChannels = DeskChannels()
    wanted: DeskChannels | None = None  # as the setting was written, where `channels` was recalled

    @property
    def rooms(self) -> tuple[ConversationRef, ...]:
        return tuple(map(self._room, self.channels.all)) if self.account else ()

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        """The channel of the nearest category at or above this one, else that for all the rest."""
        own = dict(self.channels.own)
        above = category
        while above:
            if above in own:
                return (self._room(own[above]),) if self.account else ()
            above = above.rpartition("/")[0]
        return (self._room(self.channels.rest),) if self.account and self.channels.rest else ()

    def contains(self, ref: ConversationRef) -> bool:
        return ref.platform == PLATFORM and ref.account == self.account and ref.room in self.channels.all

    def shows_cards(self, ref: ConversationRef) -> bool:
        return self.contains(ref)

    def opens_forms(self, ref: ConversationRef) -> bool:
        return self.contains(ref)

    def new_thread(self, ref: ConversationRef, name: str) -> ConversationRef:
        """As a question put with `/ask` has one."""
        return replace(ref, thread=str(Asked(ref.room, name))) if ref.platform == PLATFORM else ref

    def private_room(self, identity: PersonIdentity) -> ConversationRef | None:
        if identity.platform != PLATFORM:
            return None
        return person_room(identity.account, identity.native_id)

    def _room(self, channel: str) -> ConversationRef:
        return channel_room(self.account, channel)

    @property
    def kept(self) -> str:
        """As it is remembered for processes that do not speak with Slack: they announce tickets, too."""
        own = (f"{category}={channel}" for category, channel in self.channels.own)
        return f"{self.account}|{','.join((self.channels.common, *own))}"

    def recall(self, kept: str | None) -> None:
        """Take over what was kept. Categories that are no more were refused when the settings were read."""
        account, _, written = (kept or "").partition("|")
        common, *own = written.split(",")
        parts = (part.partition("=") for part in own)
        self.account = account
        self.channels = DeskChannels(common, tuple((category, channel) for category, _, channel in parts))
