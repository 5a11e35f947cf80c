"""People on Mastodon, and technicians in Slack: one desk, as `guichet run` puts it together."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.app import answering, open_desk
from bot.cli.console import adapters_of, rooms_of
from bot.cli.mastodon import heard as hearing_mastodon
from bot.cli.mastodon import open_mastodon
from bot.cli.slack import heard as hearing_slack
from bot.cli.slack import open_slack
from bot.cli.web import Page
from bot.model.values import Language
from bot.settings import Settings
from bot.texts import Texts
from tests.fakes.mastodon import FakeMastodon, Seen, Status
from tests.fakes.slack import FakeSlack
from tests.homes import copy_home

PATIENCE = 30.0  # seconds, on a machine that has much to do
HUMAN = {Language.EN: "I want to talk to a human being", Language.FR: "Je veux parler à un humain"}
ANSWER = {Language.EN: "Which floor are you on, Ada?", Language.FR: "À quel étage êtes-vous, Ada ?"}
MORE = {Language.EN: "On the third floor, by the stairs", Language.FR: "Au troisième étage, près de l’escalier"}
LAST = {Language.EN: "Somebody is on their way.", Language.FR: "Quelqu’un arrive."}
AMONG_US = {Language.EN: "note: I know her, she is patient", Language.FR: "note : je la connais, elle est patiente"}


ANNOUNCED = """problem announce Parcel scanner down
en: The scanner SC-7 in hall 2 is down.
public en: Parcels from Lyon are late.
category: uncategorised
words: parcel, lyon"""
OVER = """problem end P1
en: SC-7 was replaced.
public en: The sorting in Lyon works again."""
COMPLAINT = "Three days and my #printer still jams, nobody answers, this is unacceptable"
WRITES = {  # all that it does on the server: it posts, and has direct messages of everybody brought to it
    "POST /api/v1/statuses",
    "PATCH /api/v2/notifications/policy",
}


@asynccontextmanager
async def both(mastodon: FakeMastodon, slack: FakeSlack, home: Path, **more: Any) -> AsyncIterator[None]:
    """The desk as `guichet run` puts it together."""
    values: dict[str, Any] = {
        "_env_file": None,
        "home": home,
        "allow_samples": True,
        "mastodon_url": mastodon.url,
        "mastodon_token": mastodon.token,
        "mastodon_poll_seconds": 0.5,
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.api_url,
    }
    async with open_desk(Settings(**values | more)) as desk:
        in_slack, public = await open_slack(desk, ""), await open_mastodon(desk)
        adapters, rooms = adapters_of(desk, Page(), in_slack, public), rooms_of(None, Page(), in_slack)
        async with (
            hearing_mastodon(desk, public),
            answering(desk, adapters, rooms, "test"),
            hearing_slack(desk, in_slack),
        ):
            await mastodon.until(lambda: mastodon.called("GET /api/v1/notifications"), PATIENCE, "a first look")
            await slack.until(lambda: slack.sockets.connected, PATIENCE, "a socket")
            yield


def half_a_minute_passes(home: Path) -> None:
    """Nobody can take back any more what was approved, announced or ended."""
    with closing(sqlite3.connect(home / "guichet.db", timeout=10)) as connection, connection:
        past = "2020-01-01 00:00:00.000000"
        connection.execute("update outbox set available_at = ? where state = 'pending'", (past,))
        connection.execute("update problems set tell_from = ? where tell_from is not null", (past,))


async def test_whatever_people_do_it_boosts_likes_and_follows_nobody(sampled_home: Path, tmp_path: Path) -> None:
    """Mentions, complaints that are approved or left, edits, deletions, direct messages, "stop", a problem's end."""
    copy_home(sampled_home, home := tmp_path / "home")
    texts = Texts.load()
    async with FakeMastodon().running() as mastodon, FakeSlack().running() as slack:
        mastodon.api.rate = 0
        grace = slack.person("Grace Hopper", email="grace@acme.example", locale="en-GB", tz="Europe/Paris")
        room = slack.channel("support-desk", [grace])

        async def presses(words: str, button: str) -> None:
            label = texts.plain(f"button.{button}", Language.EN)

            def look() -> list[Any]:
                return [one for one in slack.everything(room) if words in one.text and label in one.buttons]

            await grace.presses((await slack.until(look, PATIENCE, f"{label} of {words}"))[-1], label)

        async def comes(true: Callable[[], Any], what: str) -> Any:
            for _ in range(int(5 * PATIENCE)):
                if found := true():
                    return found
                half_a_minute_passes(home)
                await asyncio.sleep(0.2)
            raise AssertionError(f"{what}\n{mastodon.transcript()}\n{slack.transcript()}")

        async def answered(said: Status) -> Seen:
            return (await comes(lambda: mastodon.replies(said), said.text))[0]  # type: ignore[no-any-return]

        settings = {"technicians": "grace@acme.example=lead", "slack_desk_channel": "support-desk"}
        async with both(mastodon, slack, home, desk_language="en", mastodon_hashtags="printer", **settings):
            await mastodon.until(lambda: mastodon.called("GET /api/v1/timelines/tag/{tag}"), PATIENCE, "a look")
            names = "ada bob cleo dan eve fay gus hal ida".split()
            ada, bob, cleo, dan, eve, fay, gus, hal, ida = (
                mastodon.person(f"{name}@elsewhere.example", language="en") for name in names
            )
            for who in (ada, bob):
                who.follows()
            await grace.asks("/ticket", ANNOUNCED, room)
            await presses("Parcels from Lyon", "problem_send")
            asked = await ada.says("@guichet How do I reset my password?")
            thanked = await bob.says("@guichet Thank you, you were brilliant today!", visibility="unlisted")
            late = await cleo.says("@guichet Why are all parcels from Lyon late again? This is awful", cw="post")
            await dan.says("@guichet Bunch of clowns", visibility="private")
            held, left = await eve.says(COMPLAINT), await fay.says(COMPLAINT)
            private = await gus.says("@guichet my printer has a paper jam", visibility="direct")
            await ada.boosts(asked)
            await bob.favourites(await answered(asked))
            await bob.boosts(await answered(asked))
            await ida.says("@guichet stop")
            edited = await hal.says("@guichet How do I reset my pasword?")
            await hal.edits(edited, "@guichet How do I reset my password?")
            gone = await hal.says("@guichet how do i set my out of office reply in outlook?")
            await hal.deletes(gone)
            await presses("eve@elsewhere.example", "post_approve")
            await presses("fay@elsewhere.example", "post_leave")
            for said in (asked, thanked, late, held, edited):
                await answered(said)
            await gus.says("@guichet 1", to=await answered(private))
            await mastodon.until(lambda: len([one for one in gus.dms() if one.by_bot]) > 1, PATIENCE, "steps")
            await grace.asks("/ticket", OVER, room)
            await presses("works again", "problem_send")
            await comes(lambda: [one for one in mastodon.replies(late) if "works again" in one.text], "the end")
            await mastodon.quiet(0.5)
        assert not mastodon.replies(left)
    assert {one.name for one in mastodon.calls if not one.name.startswith("GET ")} == WRITES
    state, me = mastodon.state, mastodon.bot.id
    assert not [one for one in state.statuses.values() if me in one.favourites or (one.account == me and one.boost_of)]
    between = (*state.follows, *state.asked, *state.blocks, *state.mutes, *state.bookmarks, *state.pinned)
    assert not [pair for pair in between if pair[0] == me]


@pytest.mark.parametrize("language", list(Language))
async def test_the_thread_of_a_ticket_in_slack_and_a_direct_message_are_one_conversation(
    sampled_home: Path, tmp_path: Path, language: Language
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    claim = Texts.load().plain("button.claim", language)
    settings = {
        "desk_language": language,
        "technicians": "grace@acme.example=lead",
        "slack_desk_channel": "support-desk",
    }
    async with FakeMastodon().running() as mastodon, FakeSlack().running() as slack:
        mastodon.accepts()
        ada = mastodon.person("ada@elsewhere.example", language=str(language))
        grace = slack.person("Grace Hopper", email="grace@acme.example", locale="en-GB", tz="Europe/Paris")
        room = slack.channel("support-desk", [grace])

        async def ada_reads(text: str) -> Seen:
            found: list[Seen] = await mastodon.until(
                lambda: [one for one in ada.dms() if text in one.text], PATIENCE, text
            )
            return found[0]

        async with both(mastodon, slack, tmp_path / "home", **settings):
            await ada.says(f"@guichet {HUMAN[language]}", visibility="direct")
            (card,) = await slack.until(
                lambda: [one for one in slack.messages(room, by_bot=True) if claim in one.buttons], PATIENCE, "a card"
            )
            await grace.presses(card, claim)
            await grace.says(room, AMONG_US[language], thread=card)
            await grace.says(room, ANSWER[language], thread=card)
            told = await ada_reads(ANSWER[language])
            assert (told.visibility, told.to) == ("direct", ("ada@elsewhere.example",))
            await ada.says(f"@guichet {MORE[language]}", to=told)
            await slack.until(
                lambda: [one for one in slack.messages(room, thread=card, by_bot=True) if MORE[language] in one.text],
                PATIENCE,
                "her answer in the thread",
            )
            await grace.says(room, LAST[language], thread=card)
            await ada_reads(LAST[language])
    posts = mastodon.posts()
    assert {(one.visibility, one.to) for one in posts} == {("direct", ("ada@elsewhere.example",))}
    assert [one.to for one in posts if LAST[language] in one.text] == [("ada@elsewhere.example",)], "once"
    assert not any("patient" in one.text for one in posts), "a note stays with us"
