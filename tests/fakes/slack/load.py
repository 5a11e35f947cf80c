"""Many questions at a known pace, and how long each waited for its answer."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tests.fakes.slack.people import Person
from tests.fakes.slack.state import Channel, Message, State

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


def crowd(slack: "FakeSlack", channels: int, named: str = "load") -> list[tuple[Person, Channel]]:
    """So many channels with the app in them, and in each of them one person of its own."""
    found = []
    for number in range(channels):
        who = slack.person(f"Caller {number:03d}")
        found.append((who, slack.channel(f"{named}-{number:03d}", [who])))
    return found


async def ask(
    rooms: Sequence[tuple[Person, Channel]], count: int, rate: float, text: Callable[[int], str]
) -> list[Message]:
    """Write `count` messages in turn, `rate` a second, each one when it is due however long the last one took."""
    began, said = time.monotonic(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        who, room = rooms[number % len(rooms)]
        said.append(await who.says(room, text(number)))
    return said


def answers(state: State, message: Message) -> list[Message]:
    """What the app wrote in the thread under a message, or after it in the thread it stands in, in order."""
    thread = state.channels[message.channel].thread(message.root)
    return [one for one in thread if one.app_id == state.app_id and one.ts > message.ts]


def waited(state: State, said: Sequence[Message]) -> list[float | None]:
    """Seconds until each message had its first answer; None where there is none."""
    firsts = [answers(state, one)[:1] for one in said]
    return [first[0].at - one.at if first else None for one, first in zip(said, firsts, strict=True)]
