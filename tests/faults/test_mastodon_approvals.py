"""Replies that wait for approval, with two desks on one database, in Slack and on Mastodon at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from bot.model.values import Language
from bot.texts import Texts
from tests.fakes.mastodon import FakeMastodon
from tests.fakes.ports import free_port
from tests.fakes.slack import Channel, FakeSlack, Person, Seen
from tests.faults.running import OnMastodon, in_slack
from tests.faults.trouble import ready
from tests.ledger.crowd import indexed_homes

PATIENCE = 60.0  # seconds for what takes two, on a machine that has much to do
ANGRY = "Three days and my #printer still jams, nobody answers, this is unacceptable"
ALREADY = "has approved P1 already"
LOOK = "GET /api/v1/timelines/tag/{tag}"
SAY = Texts.load().plain


@asynccontextmanager
async def two_desks(
    database: str, folder: Path
) -> AsyncIterator[tuple[FakeMastodon, FakeSlack, Channel, tuple[Person, Person]]]:
    homes = await indexed_homes(database, folder, 2)
    binds = [f"127.0.0.1:{free_port()}" for _ in homes]
    urls = [f"http://{bind}/slack/events" for bind in binds]  # each press goes to another of them
    async with FakeMastodon().running() as mastodon, FakeSlack(request_urls=urls).running() as slack:
        mastodon.api.rate = 0
        mastodon.accepts()
        grace, tess = (
            slack.person(name, email=f"{name.split()[0].lower()}@acme.example", locale="en-GB")
            for name in ("Grace Moreau", "Tess Arnaud")
        )
        room = slack.channel("support-desk", [grace, tess])
        desks = [
            OnMastodon(
                mastodon,
                home,
                database=database,
                GUICHET_MASTODON_APPROVAL="on",
                GUICHET_MASTODON_POLL_SECONDS="0.5",
                GUICHET_TECHNICIANS="grace@acme.example=lead,tess@acme.example",
                GUICHET_DESK_LANGUAGE="en",
                **in_slack(slack, room, bind),
            )
            for home, bind in zip(homes, binds, strict=True)
        ]
        try:
            for desk in desks:
                desk.start()
            for desk in desks:
                await ready(desk)
            await mastodon.until(lambda: mastodon.called(LOOK), PATIENCE, "a look")
            yield mastodon, slack, room, (grace, tess)
            assert not [line for desk in desks for line in desk.crashes]
        finally:
            for desk in desks:
                desk.end()


async def held(slack: FakeSlack, room: Channel, text: str) -> Seen:
    approve = SAY("button.post_approve", Language.EN)

    def look() -> list[Seen]:
        cards = slack.messages(room, by_bot=True)
        return [one for one in cards if approve in one.buttons and text in one.text]

    found: list[Seen] = await slack.until(look, PATIENCE, f"a card for {text!r}")
    return found[-1]


def rows(database: str) -> list[str]:
    """The states of the public replies, in order."""
    with psycopg.connect(database) as connection:
        found = connection.execute("select state from outbox where public is not null order by number")
        return [state for (state,) in found]


def half_a_minute_passes(database: str) -> None:
    """Nobody can take back any more what was approved."""
    with psycopg.connect(database) as connection:
        connection.execute("update outbox set available_at = now() where state = 'pending' and public is not null")


async def test_of_two_who_approve_on_two_desks_at_once_one_does_and_what_is_deleted_meanwhile_is_not_answered(
    postgres_url: str, tmp_path: Path
) -> None:
    async with two_desks(postgres_url, tmp_path) as (mastodon, slack, room, technicians):
        approve = SAY("button.post_approve", Language.EN)
        ada, bob = (mastodon.person(f"{name}@elsewhere.example", language="en") for name in ("ada", "bob"))
        said = await ada.says(ANGRY)
        card = await held(slack, room, "ada@elsewhere.example")
        await asyncio.gather(*(one.presses(card, approve) for one in technicians))

        def told() -> list[Seen]:
            private = [one for one in slack.everything(room) if one.by_bot and one.ephemeral_to]
            is_to_both = len({one.ephemeral_to for one in private}) == len(technicians)
            return private if is_to_both and any(ALREADY in one.text for one in private) else []

        notices: list[Seen] = await slack.until(told, PATIENCE, "a word to both")
        assert sum(ALREADY in one.text for one in notices) == 1
        assert rows(postgres_url) == ["pending"]
        assert mastodon.posts() == []
        half_a_minute_passes(postgres_url)
        await mastodon.until(lambda: mastodon.replies(said), PATIENCE, "the reply")

        gone = await bob.says(ANGRY)
        card = await held(slack, room, "bob@elsewhere.example")
        await technicians[0].presses(card, approve)
        await slack.until(lambda: rows(postgres_url) == ["sent", "pending"], PATIENCE, "an approval")
        await bob.deletes(gone)
        # Where no stream tells of it, it is found out when the post is looked at again, or answered.
        is_over = ("withdrawn", "failed")
        await slack.until(lambda: rows(postgres_url)[1] in is_over, 3 * PATIENCE, "no reply any more")
        half_a_minute_passes(postgres_url)
        await mastodon.quiet(1.5, PATIENCE)
        assert [one.reply_to for one in mastodon.posts()] == [said.id]
