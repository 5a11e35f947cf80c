"""Slack, where one thing goes wrong: whoever is not concerned is answered as ever, and the log says it once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.model.values import Language
from bot.texts import Texts
from tests.fakes.ports import free_port
from tests.fakes.slack import Channel, FakeSlack, Message, Person, Seen
from tests.faults.running import Running
from tests.faults.talks import JAM
from tests.faults.trouble import ready, started
from tests.homes import copy_home

LONG = 1_000_000  # characters, of which a machine that has much to do makes a while
PASSWORD = "i forgot my password"
SORRY = Texts.load().plain("chat.sorry_late", Language.EN)


@asynccontextmanager
async def running(home: Path, to: Path, mode: str = "socket") -> AsyncIterator[tuple[FakeSlack, Running]]:
    copy_home(home, to)
    bind = f"127.0.0.1:{free_port()}" if mode == "http" else ""
    async with FakeSlack(request_urls=[f"http://{bind}/slack/events"] if bind else []).running() as slack:
        desk = slack.channel("support-desk", [slack.person("Grace Moreau")])
        async with started(slack, one := Running(slack, to, desk, bind=bind)):
            yield slack, one
            assert not one.crashes


async def answered(slack: FakeSlack, said: Message, seconds: float = 20) -> Seen:
    """The answer to it, in its thread."""

    def found() -> list[Seen]:
        return [one for one in slack.messages(said.channel, said, by_bot=True) if one.ts > said.ts]

    await slack.until(found, seconds, f"an answer to {said.text[:100]!r}")
    return found()[0]


async def asks(slack: FakeSlack, who: Person, where: Channel, text: str = JAM) -> Seen:
    addressed = text if where.kind == "im" else f"@guichet {text}"
    return await answered(slack, await who.says(where, addressed), seconds=20 if len(text) < LONG else 60)


async def test_what_was_said_while_the_desk_was_down_is_answered_unless_a_human_did(
    sampled_home: Path, tmp_path: Path
) -> None:
    async with running(sampled_home, tmp_path / "home") as (slack, desk):
        ada, bob = slack.person("Ada Martin"), slack.person("Bob Petit")
        room = slack.channel("help", [ada, bob])
        before = await ada.says(room, f"@guichet {JAM}")
        first = await answered(slack, before)
        assert SORRY not in first.text
        desk.kill()

        alone = await ada.says(ada.dm(), PASSWORD)
        open_one = await ada.says(room, f"@guichet {PASSWORD}")
        settled = await ada.says(room, "@guichet the vpn wont connect from home")
        follow_up = await ada.says(room, "no", before)
        await bob.says(room, "turn it off and on again", settled)
        desk.start()
        await ready(desk)

        for said in (alone, open_one):
            assert (await answered(slack, said)).text.startswith(SORRY)
        assert "Then let us try this" in (await answered(slack, follow_up)).text
        await slack.quiet(1.0, 20)
        assert slack.messages(room, settled, by_bot=True) == []
        for said, count in ((alone, 1), (open_one, 1), (before, 2)):
            assert len(slack.messages(said.channel, said, by_bot=True)) == count


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_every_message_that_can_be_written_is_answered(mode: str, sampled_home: Path, tmp_path: Path) -> None:
    async with running(sampled_home, tmp_path / "home", mode) as (slack, _):
        ada = slack.person("Ada Martin")
        texts = (
            "🙂",
            ":printer:",
            "الطابعة لا تعمل",
            "\u202eנדפס לא\u202c",
            "?",
            "<@>",
            "@guichet",
            "\x00",
            "x" * (5 * LONG),
        )
        for number, text in enumerate(texts):
            who = slack.person(f"Caller {number}")  # to one person alone the desk writes once a second
            assert (await asks(slack, who, who.dm(), text)).text
        picture = await ada.says(ada.dm(), "", files=[("screen.png", b"\x89PNG\r\n\x1a\n")])
        assert (await answered(slack, picture)).text
        nothing = await ada.says(ada.dm(), "")
        assert "jam" in (await asks(slack, ada, ada.dm())).text
        await slack.quiet(0.5, 20)
        assert len(slack.messages(ada.dm(), nothing, by_bot=True)) <= 1
        assert not slack.harm()


async def test_a_channel_that_is_closed_to_the_bot_closes_no_other(sampled_home: Path, tmp_path: Path) -> None:
    async with running(sampled_home, tmp_path / "home") as (slack, desk):
        ada = slack.person("Ada Martin")
        archived, left, well = (slack.channel(name, [ada]) for name in ("archived", "left", "well"))
        for room in (archived, left, well):
            assert "jam" in (await asks(slack, ada, room)).text
        for room in (archived, left):
            await ada.says(room, f"@guichet {PASSWORD}")
        slack.archives(archived)
        slack.kicks_bot(left)
        for _ in range(3):
            assert "jam" in (await asks(slack, ada, well)).text
        assert "jam" in (await asks(slack, ada, ada.dm())).text
        await slack.quiet(1.0, 20)
        for room in (archived, left):
            assert sum(f"channel {room.id} cannot" in line for line in desk.log) <= 1


async def test_without_a_scope_people_are_answered_and_the_log_says_which(sampled_home: Path, tmp_path: Path) -> None:
    async with running(sampled_home, tmp_path / "home") as (slack, desk):
        slack.installation.scopes = [
            one for one in slack.installation.scopes if one not in ("users:read", "reactions:write")
        ]
        people = [slack.person(f"Caller {number}") for number in range(3)]
        room = slack.channel("help", people)
        for who in people:
            assert "jam" in (await asks(slack, who, room)).text
            assert "jam" in (await asks(slack, who, who.dm())).text
        assert len([line for line in desk.log if "lacks a scope" in line]) == 1


async def test_a_token_that_is_revoked_is_said_once_and_what_waits_is_kept(sampled_home: Path, tmp_path: Path) -> None:
    async with running(sampled_home, tmp_path / "home") as (slack, desk):
        ada = slack.person("Ada Martin")
        assert "jam" in (await asks(slack, ada, ada.dm())).text
        installation = slack.installation
        installation.gone = "token_revoked"  # no event tells of it
        slack.state.installations["other"] = type(installation)(
            **{**vars(installation), "gone": None, "token": "other"}
        )  # events come as ever
        waiting = [await ada.says(ada.dm(), JAM), await ada.says(ada.dm(), PASSWORD)]
        await slack.until(lambda: any("bot token was refused" in line for line in desk.log), 20)
        await slack.quiet(2.0, 20)
        assert sum("bot token was refused" in line for line in desk.log) == 1
        del slack.state.installations["other"]
        installation.gone = None
        for said in waiting:
            assert (await answered(slack, said, 40)).text
        await slack.quiet(1.0, 20)
        assert [len(slack.messages(one.channel, one, by_bot=True)) for one in waiting] == [1, 1]
