"""The desk as `guichet run` puts it together, with an account on Mastodon and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import Desk, answering, open_desk
from bot.cli.console import refuse_samples, rooms_of
from bot.cli.mastodon import heard, open_mastodon
from bot.cli.web import open_page, serving
from bot.errors import SettingsError
from bot.model.values import Language
from bot.settings import Settings
from tests.adapters.mastodon.writing import PRESETS
from tests.fakes.mastodon import FakeMastodon, Seen
from tests.homes import copy_home

PATIENCE = 30.0  # seconds, on a machine that has much to do


@asynccontextmanager
async def whole(mastodon: FakeMastodon, home: Path, **more: Any) -> AsyncIterator[Desk]:
    """`more` are settings; with `web` it has its page, too."""
    values: dict[str, Any] = {
        "_env_file": None,
        "home": home,
        "mastodon_url": mastodon.url,
        "mastodon_token": mastodon.token,
        "mastodon_poll_seconds": 0.5,
        "allow_samples": True,
        "web": False,
    }
    async with open_desk(Settings(**values | more)) as desk:
        side, page = await open_mastodon(desk), await open_page(desk)
        adapters = [one for one in (page.adapter, side.adapter) if one is not None]
        assert side.adapter in adapters
        async with heard(desk, side), answering(desk, adapters, rooms_of(None, page), "test"), serving(desk, page):
            # What was there before the first look is not answered.
            await mastodon.until(lambda: mastodon.called("GET /api/v1/notifications"), PATIENCE, "a first look")
            yield desk


@pytest.mark.parametrize("kind", PRESETS)
async def test_a_direct_message_is_answered_and_a_number_presses_a_button(
    sampled_home: Path, tmp_path: Path, kind: str
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with FakeMastodon(quirks=PRESETS[kind]()).running() as mastodon:
        ada = mastodon.person("ada@elsewhere.example", language="en")
        async with whole(mastodon, tmp_path / "home"):
            asked = await ada.says("@guichet my printer has a paper jam", visibility="direct")
            await mastodon.until(lambda: any("Reply with a number:" in one.text for one in mastodon.posts()), PATIENCE)
            first = mastodon.posts()
            assert {one.visibility for one in first} == {"direct"}
            assert {one.to for one in first} == {("ada@elsewhere.example",)}
            assert first[0].reply_to == asked.id
            said = await ada.says("@guichet 1", to=first[-1])
            answer = await mastodon.until(lambda: mastodon.replies(said), PATIENCE)
            assert "Clearing a paper jam" in answer[0].text


@pytest.mark.parametrize("kind", ["mastodon", "pleroma"])
async def test_a_complaint_is_answered_in_one_post_where_few_characters_are_taken(
    sampled_home: Path, tmp_path: Path, kind: str
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with FakeMastodon(quirks=PRESETS[kind](), max_characters=200).running() as mastodon:
        ada = mastodon.person("ada@elsewhere.example", language="en")
        async with whole(mastodon, tmp_path / "home", public_url="https://desk.example.org"):
            asked = await ada.says("@guichet Three days without internet and nobody answers")
            (said,) = await mastodon.until(lambda: mastodon.replies(asked), PATIENCE)
            assert "https://desk.example.org/c/" in said.text and "utomatic assistant" in said.text
            assert "(1/" not in said.text and not mastodon.replies(said)


@pytest.mark.parametrize("default", list(Language))
async def test_where_the_words_do_not_tell_it_is_answered_in_the_language_that_the_post_is_said_to_be_in(
    sampled_home: Path, tmp_path: Path, default: Language
) -> None:
    """In public and in private; and in another one when the same person says so."""
    copy_home(sampled_home, tmp_path / "home")
    telling = {Language.EN: "utomatic assistant", Language.FR: "ssistant automatique"}
    numbers = {Language.EN: "Reply with a number", Language.FR: "Répondez par un numéro"}
    async with FakeMastodon().running() as mastodon:
        mastodon.accepts()

        async def answered(who: str, spoken: Language) -> Seen:
            person = mastodon.person(f"{who}@elsewhere.example")
            asked = await person.says("@guichet wifi ?", language=str(spoken))
            found: list[Seen] = await mastodon.until(lambda: mastodon.replies(asked), PATIENCE, who)
            return found[0]

        async def told_in_private(who: str, spoken: Language) -> list[Seen]:
            person = mastodon.person(f"{who}@elsewhere.example")
            await person.says("@guichet wifi ?", language=str(spoken), visibility="direct")
            await mastodon.until(lambda: any(numbers[spoken] in one.text for one in person.dms()), PATIENCE, who)
            return person.dms()

        async with whole(mastodon, tmp_path / "home", desk_language=default):
            for who, spoken in (("ada", Language.FR), ("bob", Language.EN), ("bob", Language.FR), ("ada", Language.EN)):
                said = await answered(who, spoken)
                assert (said.language, telling[spoken] in said.text) == (str(spoken), True), said.text
            for who, spoken in (("cleo", Language.FR), ("dan", Language.EN)):
                assert {one.language for one in await told_in_private(who, spoken)} == {str(spoken)}


async def test_with_samples_alone_no_real_people_are_answered(sampled_home: Path) -> None:
    values: dict[str, Any] = {"_env_file": None, "home": sampled_home}
    account: dict[str, Any] = {"mastodon_url": "http://127.0.0.1:9", "mastodon_token": "t"}
    async with open_desk(Settings(**values, **account)) as desk:
        with pytest.raises(SettingsError, match=r"GUICHET_ALLOW_SAMPLES.*guichet kb sync"):
            await refuse_samples(desk)
    async with open_desk(Settings(**values)) as desk:
        await refuse_samples(desk)
