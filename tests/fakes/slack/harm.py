"""Notifications that an app's messages made and should not have."""

from collections.abc import Collection
from dataclasses import dataclass

from tests.fakes.slack.state import Channel, State


@dataclass(frozen=True, slots=True)
class Harm:
    channel: str
    ts: str
    mention: str
    text: str


def harms(state: State, meant: Collection[str]) -> list[Harm]:
    """Every `<!channel>` and the like that the app sent, and every mention of a person who takes no part in that
    channel: words of others that came through unescaped. `meant`: people who may be mentioned."""
    found = []
    for channel, ts, mention, text in state.notified:
        taking_part = _taking_part(state.channels[channel]) | set(meant)
        if mention.startswith("<!") or mention[2:-1] not in taking_part:
            found.append(Harm(channel, ts, mention, text))
    return found


def _taking_part(channel: Channel) -> set[str]:
    written = {one.user for one in channel.messages.values()}
    reacted = {user for one in channel.messages.values() for who in one.reactions.values() for user in who}
    addressed = {one.ephemeral_to for one in channel.ephemerals if one.ephemeral_to}
    direct = set(channel.members) if channel.kind == "im" else set()
    return written | reacted | addressed | direct
