"""People who write to an account on Mastodon, or about it, while everything fails that can, and what they and everybody
else must see in the end."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from bot.model.values import Language
from bot.texts import Texts
from tests.fakes.mastodon import FakeMastodon, Person, Seen, Status
from tests.fakes.mastodon.state import Visibility

OPENNESS: tuple[Visibility, ...] = ("direct", "private", "unlisted", "public")
LOOK = 0.25  # seconds between two looks at what has been answered: with hundreds of people, one takes a while
_SORRY = ("chat.sorry_late", "public.say.late")
_MARK = re.compile(r"\n\(\d+/\d+\)")


async def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(LOOK)


@dataclass(frozen=True)
class Part:
    """What somebody does, and how many of the account's answers there are in the end. In a thread of direct messages
    one waits for the answer before one goes on; in public nobody does."""

    lines: tuple[str, ...]
    answers: int
    visibility: Visibility = "public"
    cw: str = ""
    language: str = "en"
    turns: str = ""  # what becomes of the first line: "edited", "deleted", "boosted"
    by_bot: bool = False

    @property
    def is_direct(self) -> bool:
        return self.visibility == "direct"

    @property
    def may_be_missed(self) -> bool:
        """Who deletes what they asked may have an answer already, or never get one."""
        return self.turns == "deleted"


PARTS = (
    Part(("@guichet how do i reset my password?",), 1),
    Part(("Three days and my #printer still jams, nobody answers, this is unacceptable",), 1),
    Part(("@guichet my printer has a paper jam", "@guichet 1"), 2, "direct"),
    Part(("@guichet Trois jours sans internet et personne ne répond, c’est inadmissible",), 1, "unlisted", "", "fr"),
    Part(("What a lovely new #printer, thank you all",), 0),
    Part(("@guichet how do i set my out of office reply in outlook?",), 1, turns="edited"),
    Part(("@guichet how do i reset my password?",), 1, turns="deleted"),
    Part(("@guichet and @bob the vpn wont connect from home, why?",), 1, "private", "work, again"),
    Part(("@guichet the vpn won't connect from home", "@guichet and is anybody there?"), 1),
    Part(("@guichet i forgot my password", "@guichet 1", "@guichet thank you"), 3, "direct"),
    Part(("My #printer keeps jamming and support has not answered for a week, I am furious",), 1, turns="boosted"),
    Part(("@guichet how do i reset my password?",), 0, by_bot=True),
    Part(("@guichet mon imprimante ne marche plus", "@guichet 1"), 2, "direct", "", "fr"),
)


@dataclass
class Talk:
    who: Person
    part: Part
    said: list[Status] = field(default_factory=list)
    at: list[float] = field(default_factory=list)  # when each was said
    waited: list[float] = field(default_factory=list)  # seconds for each answer in a direct conversation

    async def go(self, mastodon: FakeMastodon, pause: float, seconds: float) -> None:
        part = self.part
        for number, line in enumerate(part.lines):
            if number and part.is_direct:
                await until(lambda: self.is_answered(mastodon), seconds, f"an answer to {self.said[-1].text}")
                self.waited.append(time.monotonic() - self.at[-1])
            above = self.last(mastodon) if number else None
            cw = part.cw or None
            self.said.append(await self.who.says(line, to=above, visibility=part.visibility, cw=cw))
            self.at.append(time.monotonic())
            await asyncio.sleep(pause)
        if part.turns == "edited":
            await self.who.edits(self.said[0], f"{part.lines[0]}!")
        elif part.turns == "deleted":
            await self.who.deletes(self.said[0])
        elif part.turns == "boosted":
            await mastodon.person("rob@elsewhere.example").boosts(self.said[0])

    def last(self, mastodon: FakeMastodon) -> Status | Seen:
        return self.answers(mastodon)[-1] if self.part.is_direct else self.said[0]

    def answers(self, mastodon: FakeMastodon) -> list[Seen]:
        """What the account wrote to it, in order."""
        if self.part.is_direct:
            return [one for one in self.who.dms() if one.by_bot]
        return [one for one in mastodon.thread(self.said[0]) if one.by_bot]

    def is_answered(self, mastodon: FakeMastodon) -> bool:
        """Whether there is a whole answer to what was said last in private."""
        later = [one for one in self.answers(mastodon) if one.status.created > self.said[-1].created]
        return bool(later) and is_whole(later)

    def told(self, mastodon: FakeMastodon) -> list[str]:
        """The words of its answers that are the same whenever they are given: no apology, no numbers, no times."""
        texts = Texts.load()
        sorry = [texts.plain(key, language) for key in _SORRY for language in Language]
        whole = joined(self.answers(mastodon))
        return [_same(text, sorry) for text in whole]


def _same(text: str, sorry: list[str]) -> str:
    for one in sorry:
        text = text.replace(one, "")
    return re.sub(r"\d+", "N", " ".join(text.split()))


def joined(posts: list[Seen]) -> list[str]:
    """Answers, of which each may stand in several posts."""
    found: list[str] = []
    for one in posts:
        number = part_of(one)[0]
        text = _MARK.sub("", re.sub(r"^@[\w.@-]+ ", "", one.text))
        if number > 1 and found:
            found[-1] += f" {text}"
        else:
            found.append(text)
    return found


def part_of(one: Seen) -> tuple[int, int]:
    """(2, 3) for the second of three posts."""
    mark = re.search(r"\((\d+)/(\d+)\)\s*$", one.text)
    return (int(mark[1]), int(mark[2])) if mark else (1, 1)


def is_whole(posts: list[Seen]) -> bool:
    number, count = part_of(posts[-1])
    return number == count


@dataclass
class Posters:
    """`count` posts in all. Everybody talks once: who comes back is known."""

    mastodon: FakeMastodon
    count: int
    seed: int
    talks: list[Talk] = field(init=False)
    expected: dict[Part, list[str]] = field(default_factory=dict)
    acted: list[Talk] = field(default_factory=list)  # in the rehearsal
    began: float = 0.0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.mastodon.person("bob")
        self.talks, left, number = [], self.count, 0
        while left > 0:
            part = PARTS[number % len(PARTS)]
            part = part if len(part.lines) <= left else PARTS[0]
            self.talks.append(self._talk(f"caller{number}", part, is_here=number % 3 == 0))
            left -= len(part.lines)
            number += 1

    def _talk(self, name: str, part: Part, *, is_here: bool) -> Talk:
        handle = name if is_here else f"{name}@elsewhere.example"
        return Talk(self.mastodon.person(handle, language=part.language, bot=part.by_bot), part)

    async def rehearse(self, patience: float = 120) -> None:
        """How the account answers when nothing fails: one of each kind."""
        self.acted = [self._talk(f"actor{number}", part, is_here=number % 3 == 0) for number, part in enumerate(PARTS)]
        acted = [one for one in self.acted if one.part.turns != "deleted"]
        self.acted = acted
        await asyncio.gather(*(talk.go(self.mastodon, 0.0, patience) for talk in acted))
        await self._answered(acted, patience)
        await self.mastodon.quiet(1.0, patience)
        for talk in acted:
            self.expected[talk.part] = talk.told(self.mastodon)
            assert len(self.expected[talk.part]) == talk.part.answers, f"{talk.part}: {self.expected[talk.part]}"
        for part in PARTS:
            if part.may_be_missed:
                self.expected[part] = next(
                    self.expected[one] for one in PARTS if one.lines == part.lines and one.answers and not one.turns
                )

    async def talk(self, seconds: float, patience: float) -> None:
        """All of them, each beginning at some moment of so many seconds. Returns when all was said."""
        self.began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for talk in self.talks:
                group.create_task(self._begin(talk, self.random.uniform(0, seconds), patience))

    async def _begin(self, talk: Talk, after: float, patience: float) -> None:
        await asyncio.sleep(after)
        await talk.go(self.mastodon, self.random.uniform(0.1, 1.0), patience)

    async def answered(self, seconds: float) -> None:
        """Wait until everybody has their answers, and then until nothing more comes."""
        await self._answered(self.talks, seconds)
        await self.mastodon.quiet(5.0, 120)

    async def _answered(self, talks: list[Talk], seconds: float) -> None:
        """AssertionError with who has no answer."""
        waiting = [talk for talk in talks if not talk.part.may_be_missed]
        deadline = time.monotonic() + seconds
        while waiting := [talk for talk in waiting if not self._has_all(talk)]:
            assert time.monotonic() < deadline, "no answer to " + "\n".join(
                f"{one.who.acct}, {one.said[0].id}: {one.part.lines}, but {one.told(self.mastodon)}" for one in waiting
            )
            await asyncio.sleep(LOOK)

    def _has_all(self, talk: Talk) -> bool:
        posts = talk.answers(self.mastodon)
        return len(joined(posts)) >= talk.part.answers and (not posts or is_whole(posts))

    # --- what must be so in the end --------------------------------------------------------------------------------

    def check(self) -> None:
        wrong = [
            f"{talk.who.acct}: {told} in place of {self.expected[talk.part]}"
            for talk in self.talks
            if (told := talk.told(self.mastodon)) != self.expected[talk.part]
            and not (talk.part.may_be_missed and not told)
        ]
        assert not wrong, "\n".join(wrong)
        everybody = [*self.acted, *self.talks]
        for talk in everybody:
            self._check_manners(talk)
        known = {one.id for talk in everybody for one in talk.answers(self.mastodon)}
        strays = [str(one) for one in self.mastodon.posts() if one.id not in known]
        assert not strays, f"posted where nobody asked: {strays}"

    def _check_manners(self, talk: Talk) -> None:
        most = OPENNESS.index(talk.part.visibility)
        for one in talk.answers(self.mastodon):
            level = OPENNESS.index(one.visibility)
            assert level <= most and (level == 0) is (most == 0), f"wider than the post: {one}"
            assert one.to == (talk.who.acct,), f"to somebody else: {one}"
            assert talk.part.is_direct or one.cw == talk.part.cw, f"without the warning: {one}"

    def figures(self) -> str:
        mastodon = self.mastodon
        calls = Counter(one.name for one in mastodon.calls)
        waits = [seconds for talk in self.talks for seconds in talk.waited]
        deleted = [talk for talk in self.talks if talk.part.may_be_missed]
        return (
            f"{self.count} posts of {len(self.talks)} people, {len(mastodon.posts())} posts of the account, "
            f"{time.monotonic() - self.began:.0f} s; direct messages answered after {median(waits or [0]):.1f} s, at "
            f"most {max(waits, default=0):.0f} s; {len(deleted)} deleted, of which "
            f"{sum(bool(one.answers(mastodon)) for one in deleted)} had been answered; {len(mastodon.calls)} calls: "
            f"{dict(calls.most_common(6))}; {mastodon.streams.connected} streams; {dict(mastodon.faults.happened)}"
        )
