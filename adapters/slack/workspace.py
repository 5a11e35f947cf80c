"""One workspace that the app is installed in."""

from dataclasses import dataclass, field

from adapters.slack.api import Api
from adapters.slack.ids import At
from bot.errors import DeliveryRefused


@dataclass(slots=True)
class Workspace:
    """`account` is the team's id; `user_id` the bot's user there, `bot_id` the bot itself."""

    account: str
    api: Api
    user_id: str
    bot_id: str = ""
    name: str = ""
    url: str = ""
    _direct: dict[str, str] = field(default_factory=dict)  # user id -> the channel of the direct messages with them

    async def channel_of(self, room: str, *, is_person: bool) -> str:
        """The channel's id behind a room. Raises a DeliveryError."""
        if not is_person:
            return room
        if room not in self._direct:
            answer = await self.api.read("conversations.open", users=room)
            channel = answer.get("channel", {}).get("id")
            if not isinstance(channel, str) or not channel:
                raise DeliveryRefused("conversations.open: no channel")
            self._direct[room] = channel
        return self._direct[room]

    def met(self, user: str, channel: str) -> None:
        """Direct messages came from there: nobody has to ask."""
        self._direct[user] = channel


def ephemeral_id(at: At) -> str:
    """The id of what only one person saw: nothing can be done to it afterwards."""
    return f"{at.channel}:~{at.ts}"


def is_ephemeral(native_id: str) -> bool:
    return ":~" in native_id
