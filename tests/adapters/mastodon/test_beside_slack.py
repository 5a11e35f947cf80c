"""A ticket that somebody on Mastodon opened by direct message, worked on in the thread under its card in Slack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from tests.fakes.mastodon import FakeMastodon, Seen
from tests.fakes.slack import FakeSlack
from tests.homes import copy_home

PATIENCE = 30.0  # seconds, on a machine that has much to do
HUMAN = {Language.EN: "I want to talk to a human being", Language.FR: "Je veux parler à un humain"}
ANSWER = {Language.EN: "Which floor are you on, Ada?", Language.FR: "À quel étage êtes-vous, Ada ?"}
MORE = {Language.EN: "On the third floor, by the stairs", Language.FR: "Au troisième étage, près de l’escalier"}
LAST = {Language.EN: "Somebody is on their way.", Language.FR: "Quelqu’un arrive."}
AMONG_US = {Language.EN: "note: I know her, she is patient", Language.FR: "note : je la connais, elle est patiente"}


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
