"""People who talk to the desk in forty rooms while everything fails that can, and what they must see in the end."""

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from adapters.slack.sending import EMOJI
from bot.model.values import Language
from bot.texts import Texts
from tests.fakes.slack import Channel, FakeSlack, Message, Person, Seen
from tests.fakes.slack.load import answers, waited

ROOMS = 40
AT_ONCE = (0.02, 0.2)  # seconds that a line takes
AS_PEOPLE_TYPE = (1.0, 2.0)
CLAIM = "Claim"
JAM = "my printer says the paper is jammed but there is none"
LONG = (4, 10, 16, 5, 11)  # the first talks that have several lines, two of them with all
ENDLESS = (JAM, "no", "no", "no")  # three answers, and the ticket
# What is said in one thread, line by line. Every answer differs from the one before, so that a double one shows.
LINES = (
    ("the vpn wont connect from home",),
    ("i forgot my password",),
    ("mon imprimante dit qu'il y a un bourrage mais il n'y a aucun papier coincé",),
    ("how do i set my out of office reply in outlook",),
    (JAM, "I want to talk to a human"),
    ENDLESS,
)
_REFERENCE = re.compile(r"\bT\d+\b")


@dataclass
class Talk:
    """A thread of one person's. `hasty`: they do not wait for the answer to go on."""

    who: Person
    room: Channel
    lines: tuple[str, ...]
    hasty: bool = False
    said: list[Message] = field(default_factory=list)

    async def go(self, slack: FakeSlack, pause: float) -> None:
        for number, line in enumerate(self.lines):
            if number and not self.hasty:
                await until_answers(slack, self, number)
            addressed = line if number or self.room.kind == "im" else f"@guichet {line}"
            root = self.said[0] if self.said else None
            self.said.append(await self.who.says(self.room, addressed, root))
            await asyncio.sleep(pause)

    def seen(self, slack: FakeSlack) -> list[Seen]:
        """What the desk wrote in the thread, in order."""
        root = self.said[0]
        return [one for one in slack.messages(self.room, root, by_bot=True) if not one.ephemeral_to]

    def answers(self, slack: FakeSlack) -> list[str]:
        """Which article comes second depends on whom it helped meanwhile."""
        first, *rest = [told(one) for one in self.seen(slack)] or [""]
        return [first, *(re.sub(r"\*.+\*", "*…*", one) for one in rest)]


async def until_answers(slack: FakeSlack, talk: Talk, count: int, seconds: float = 180) -> None:
    await slack.until(
        lambda: bool(talk.said) and len(answers(slack.state, talk.said[0])) >= count,
        seconds,
        f"{count} answers to {talk.lines} in {talk.room.id}",
    )


def told(one: Seen) -> str:
    """The words of an answer that are the same whenever it is given: without an apology, numbers and clock times."""
    texts = Texts.load()
    sorry = [texts.plain("chat.sorry_late", language) for language in Language]
    lines = [line for line in one.text.splitlines() if line.strip() and line.strip() not in sorry]
    return re.sub(r"\d+", "N", lines[0]) if lines else ""


@dataclass
class Crowd:
    """`count` messages in all, over forty rooms: channels, and every fourth one somebody's direct messages.

    `typing`: seconds, from and to, that a hasty person takes for a line. Of two lines said within less than Slack's
    first repetition takes, to two replicas of which one is dead, nobody can tell which was the first.
    """

    slack: FakeSlack
    count: int
    seed: int
    typing: tuple[float, float] = AT_ONCE
    talks: list[Talk] = field(init=False)
    expected: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    apart: set[tuple[str, str]] = field(default_factory=set)  # rooms and threads of the rehearsal
    began: float = 0.0
    rehearsed: int = 0  # tickets

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        slack = self.slack
        self.desk = slack.channel("support-desk", [slack.person("Grace Moreau", locale="en-GB")])
        self.talks, left, number = [], self.count, 0
        while left:
            lines = self._lines(number)
            lines = lines if len(lines) <= left else LINES[0]
            self.talks.append(
                self._talk(f"Caller {number:03d}", number % ROOMS, lines, hasty=number // len(LINES) % 2 == 1)
            )
            left -= len(lines)
            number += 1

    def _lines(self, number: int) -> tuple[str, ...]:
        """Of few messages, most are somebody's only one: so that there is one in every room."""
        is_long = self.count > 2 * ROOMS or number in LONG
        return LINES[number % len(LINES)] if is_long else LINES[number % 4]

    def _talk(self, name: str, number: int, lines: tuple[str, ...], *, hasty: bool) -> Talk:
        """Everybody talks once: to who comes back, the desk speaks of their tickets."""
        who = self.slack.person(name, locale="en-GB")
        room = who.dm() if number % 4 == 3 else self.slack.channel(f"team-{number:02d}", [who])
        return Talk(who, room, lines, hasty)

    async def rehearse(self) -> None:
        """How the desk answers when nothing fails: one talk of each kind, in a room of its own."""
        talks = [self._talk(f"Actor {number}", number, lines, hasty=False) for number, lines in enumerate(LINES)]
        await asyncio.gather(*(talk.go(self.slack, 0.0) for talk in talks))
        for talk in talks:
            await until_answers(self.slack, talk, len(talk.lines))
        await self.slack.quiet(timeout=20)
        for talk in talks:
            self.expected[talk.lines] = talk.answers(self.slack)
            self.apart.add((talk.room.id, talk.said[0].ts))
            assert len(self.expected[talk.lines]) == len(talk.lines), talk.answers(self.slack)
        self.rehearsed = len(tickets(self.desk_cards()))

    async def talk(self, seconds: float) -> None:
        """All of them, each beginning at some moment of so many seconds. Returns when all was said."""
        self.began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for talk in self.talks:
                group.create_task(self._begin(talk, self.random.uniform(0, seconds)))

    async def _begin(self, talk: Talk, after: float) -> None:
        await asyncio.sleep(after)
        await talk.go(self.slack, self.random.uniform(*self.typing))

    async def answered(self, seconds: float) -> None:
        """Wait until everybody has their answers; and then for as long as it takes to see a double one."""
        deadline = time.monotonic() + seconds
        for talk in self.talks:
            await until_answers(self.slack, talk, len(talk.lines), max(1.0, deadline - time.monotonic()))
        every_card = 30 + 2.0 * self.tickets  # in one channel, where Slack takes one message a second
        await self.slack.until(
            lambda: len(tickets(self.desk_cards())) >= self.rehearsed + self.tickets, every_card, "each ticket's card"
        )
        await self.slack.until(lambda: not self.cues(), 30, f"no sign of work left: {self.cues()}")

    @property
    def tickets(self) -> int:
        return sum(len(talk.lines) > 1 for talk in self.talks)

    def desk_cards(self) -> list[Seen]:
        return [one for one in self.slack.messages(self.desk, by_bot=True) if CLAIM in one.buttons]

    def cues(self) -> list[Message]:
        """Messages at which the sign stands that the desk is at work."""
        channels = self.slack.state.channels.values()
        return [one for channel in channels for one in channel.messages.values() if one.reactions.get(EMOJI["working"])]

    def check(self) -> None:
        """What people see."""
        wrong = [
            f"{talk.who.name}: {talk.answers(self.slack)} in place of {self.expected[talk.lines]}"
            for talk in self.talks
            if talk.answers(self.slack) != self.expected[talk.lines]
        ]
        assert not wrong, "\n".join(wrong)
        cards = tickets(self.desk_cards())
        assert len(cards) == len(set(cards)) == self.rehearsed + self.tickets, f"double or lost tickets: {cards}"
        asked = [
            reference
            for talk in self.talks
            if len(talk.lines) > 1
            for reference in set(_REFERENCE.findall(talk.seen(self.slack)[-1].text))
        ]
        assert len(asked) == len(set(asked)) == self.tickets, f"tickets in the threads: {asked}"
        assert set(asked) <= set(cards)
        strays = self.strays()
        assert not strays, f"posted where nobody asked: {strays}"
        assert not self.cues()
        assert not self.slack.harm()

    def strays(self) -> list[str]:
        """What the desk wrote outside the threads of the talks and the desk's channel."""
        known = {(talk.room.id, talk.said[0].ts) for talk in self.talks} | self.apart
        return [
            str(one)
            for one in self.slack.posts()
            if one.channel != self.desk.id and (one.channel, one.thread) not in known
        ]

    def figures(self) -> str:
        slack, happened = self.slack, self.slack.faults.happened
        events = len(slack.deliveries.sent)
        calls = Counter(one.method for one in slack.calls)
        waits = [one for one in waited(slack.state, [talk.said[0] for talk in self.talks]) if one is not None]
        acks = [one.seconds for one in slack.acks if one.seconds is not None]
        return (
            f"{self.count} messages, {self.tickets} tickets, {time.monotonic() - self.began:.0f} s; "
            f"{events} events delivered {len(slack.acks)} times, slowest ack {max(acks, default=0):.2f} s; "
            f"first answers after {median(waits):.1f} s, at most {max(waits):.0f} s; "
            f"{len(slack.calls)} calls: {dict(calls.most_common(8))}; {dict(happened)}"
        )


def tickets(cards: list[Seen]) -> list[str]:
    """The reference that each card is of."""
    return [_REFERENCE.findall(one.text)[0] for one in cards if _REFERENCE.search(one.text)]
