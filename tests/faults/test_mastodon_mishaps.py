"""Mastodon, where one thing goes wrong: everybody is answered once, and the log says it once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.fakes.mastodon import FakeMastodon, Person, Quirks, Seen, Status
from tests.faults.posts import is_whole, joined
from tests.faults.running import OnMastodon
from tests.faults.trouble import ready
from tests.homes import copy_home
from tests.ledger.crowd import indexed_homes

PATIENCE = 60.0  # seconds for what takes two, on a machine that has much to do
PASSWORD = "@guichet how do i reset my password?"
JAM = "@guichet my printer has a paper jam"
ANGRY = "Three days and my #printer still jams, nobody answers, this is unacceptable"
POST = "POST /api/v1/statuses"
LOOKS = ("GET /api/v1/notifications", "GET /api/v1/timelines/tag/{tag}")


@asynccontextmanager
async def running(
    home: Path, *, database: str = "", quirks: Quirks | None = None, is_up: bool = True
) -> AsyncIterator[tuple[FakeMastodon, OnMastodon]]:
    """A desk that has looked at the server for the first time, unless that is not up."""
    mastodon = FakeMastodon(quirks=quirks)
    mastodon.api.rate = 0
    mastodon.accepts()
    if is_up:
        await mastodon.start()
    desk = OnMastodon(mastodon, home, database=database, GUICHET_MASTODON_POLL_SECONDS="0.5")
    try:
        desk.start()
        await ready(desk)
        if is_up:
            await has_looked(mastodon)
        yield mastodon, desk
        assert not desk.crashes
    finally:
        desk.end()
        await mastodon.stop()


async def has_looked(mastodon: FakeMastodon) -> None:
    before = [len(mastodon.called(look)) for look in LOOKS]
    await mastodon.until(
        lambda: all(len(mastodon.called(look)) > count for look, count in zip(LOOKS, before, strict=True)),
        PATIENCE,
        "a look",
    )


def people(mastodon: FakeMastodon, count: int) -> list[Person]:
    return [mastodon.person(f"caller{number}@elsewhere.example", language="en") for number in range(count)]


async def ask(mastodon: FakeMastodon) -> list[Status]:
    """In every way there is: in public, under a hashtag, directly."""
    ada, bob, cleo = people(mastodon, 3)
    return [await ada.says(PASSWORD), await bob.says(ANGRY), await cleo.says(JAM, visibility="direct")]


def answers(mastodon: FakeMastodon, said: Status) -> list[Seen]:
    """All that the account wrote in the thread of a post."""
    return [one for one in mastodon.posts() if one.status.conversation == said.conversation]


async def answered_once(mastodon: FakeMastodon, *said: Status, seconds: float = PATIENCE) -> None:
    def are_answered() -> bool:
        return all((found := answers(mastodon, one)) and is_whole(found) for one in said)

    await mastodon.until(are_answered, seconds, "an answer to each")
    await mastodon.quiet(1.5, PATIENCE)
    for one in said:
        assert len(joined(answers(mastodon, one))) == 1, mastodon.transcript()


async def test_a_desk_that_dies_between_posting_and_noting_it_has_answered_once(
    sampled_home: Path, tmp_path: Path
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with running(tmp_path / "home", quirks=Quirks(idempotency=False)) as (mastodon, desk):
        mastodon.faults.mute.add(POST)
        said = await ask(mastodon)
        await mastodon.until(lambda: all(answers(mastodon, one) for one in said), PATIENCE, "posts without answers")
        desk.kill()
        mastodon.faults.mute.clear()
        desk.start()
        await ready(desk)
        await answered_once(mastodon, *said)


async def test_what_is_posted_while_the_database_is_gone_is_answered_when_it_is_back(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    (home,) = await indexed_homes(postgres_url, tmp_path, 1)
    async with running(home, database=postgres_url) as (mastodon, desk):
        name = postgres_url.rpartition("/")[2].partition("?")[0]
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            allow = sql.SQL("alter database {} allow_connections {}")
            connection.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            try:
                said = await ask(mastodon)
                await mastodon.until(
                    lambda: any("the database cannot be reached" in line for line in desk.log), PATIENCE, "a word of it"
                )
                assert mastodon.posts() == []
            finally:
                connection.execute(allow.format(sql.Identifier(name), sql.Literal(True)))
        await answered_once(mastodon, *said)


async def test_a_token_that_is_revoked_is_said_once_and_what_waits_is_answered_when_it_is_given_back(
    sampled_home: Path, tmp_path: Path
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with running(tmp_path / "home") as (mastodon, desk):
        mastodon.revokes()
        mastodon.streams.cut()
        said = await ask(mastodon)
        await mastodon.until(lambda: any("token was refused" in line for line in desk.log), PATIENCE, "a word of it")
        for _ in range(3):
            await has_looked(mastodon)
        assert sum("guichet mastodon login" in line for line in desk.log) == 1, desk.log
        assert mastodon.posts() == []
        for token in mastodon.state.tokens.values():
            token.gone = False
        await answered_once(mastodon, *said)


async def test_a_server_that_is_down_when_the_desk_starts_is_heard_when_it_comes(
    sampled_home: Path, tmp_path: Path
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with running(tmp_path / "home", is_up=False) as (mastodon, _):
        await mastodon.start()
        await has_looked(mastodon)
        await answered_once(mastodon, *await ask(mastodon))


async def test_a_server_that_refuses_every_call_for_a_while_is_waited_for(sampled_home: Path, tmp_path: Path) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with running(tmp_path / "home") as (mastodon, _):
        mastodon.faults.limit_every, mastodon.faults.retry_after = 1, 2
        before = len(mastodon.calls)
        said = await ask(mastodon)
        await mastodon.until(lambda: mastodon.faults.happened["limit"] >= 6, PATIENCE, "some tries")
        assert mastodon.posts() == []
        assert len(mastodon.calls) - before < 30, [one.name for one in mastodon.calls[before:]]
        mastodon.faults.limit_every = 0
        await answered_once(mastodon, *said)


async def test_every_post_that_can_be_written_leaves_the_next_one_to_be_answered(
    sampled_home: Path, tmp_path: Path
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with running(tmp_path / "home") as (mastodon, _):
        texts = (
            "x" * 10_000_000,
            "",
            "🙂",
            "🖨️🔥",
            "الطابعة لا تعمل، ماذا أفعل؟",
            "\u202eהמדפסת לא עובדת\u202c",
            "?",
            "\x00",
            "@",
            "#" * 500,
        )
        said = []
        for text, who in zip(texts, people(mastodon, len(texts)), strict=True):
            said.append(await who.says(f"@guichet {text}", visibility="direct"))
            await who.says(f"@guichet #printer {text}")
        last = await mastodon.person("last@elsewhere.example", language="en").says(PASSWORD)
        await answered_once(mastodon, *said, last)
        assert all(one.text.strip() and len(one.to) == 1 for one in mastodon.posts())
        for one in mastodon.posts():
            parent = mastodon.state.statuses[one.reply_to or ""]
            assert one.visibility == parent.visibility
            assert "x" * 100 not in one.text
