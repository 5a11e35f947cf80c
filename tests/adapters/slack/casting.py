"""Who is there in the stories of a workspace: two who ask and two who work, one of each in French."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.model.values import Language, Role
from tests.adapters.slack.stage import Mode, Stage, open_stage, playing
from tests.fakes.slack import Channel, FakeSlack, Person, Seen
from tests.homes import copy_home


@dataclass
class Cast:
    """Two who ask, two who work; `desk` is where these work, `room` where everybody talks."""

    stage: Stage
    slack: FakeSlack
    ada: Person
    benoit: Person
    grace: Person
    theo: Person
    desk: Channel
    room: Channel

    @property
    def language(self) -> Language:
        return self.stage.desk.settings.desk_language

    def label(self, name: str, language: Language | None = None) -> str:
        """What is written on a button, in the desk's language unless another is given."""
        return self.stage.desk.texts.plain(f"button.{name}", language or self.language)

    def field(self, name: str, language: Language = Language.EN) -> str:
        return self.stage.desk.texts.plain(f"form.field.{name}", language)

    def card(self, reference: str = "T1", where: Channel | None = None) -> Seen:
        cards = self.slack.messages(where or self.desk, by_bot=True)
        return next(one for one in cards if f"*{reference} ·" in one.text)


@asynccontextmanager
async def casting(
    sampled_home: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode = "socket",
    language: Language = Language.EN,
    **settings: Any,
) -> AsyncIterator[Cast]:
    """The desk with everybody at their places. `settings`: others than those of `open_stage`."""
    copy_home(sampled_home, home)
    async with open_stage(home, mode, language, monkeypatch) as (slack, usual):
        ada = slack.person("Ada Lovelace", locale="en-GB", tz="Europe/London")
        benoit = slack.person("Benoît Petit", locale="fr-FR", tz="Europe/Paris")
        grace = slack.person("Grace Hopper", locale="en-GB", tz="Europe/Paris")
        theo = slack.person("Théo Roux", locale="fr-FR", tz="Europe/Paris")
        desk = slack.channel("support-desk", [grace, theo])
        room = slack.channel("general", [ada, benoit, grace])
        async with playing(slack, usual.model_copy(update=settings), monkeypatch) as stage:
            await stage.appointed(grace, Role.LEAD)
            await stage.appointed(theo)
            try:
                yield Cast(stage, slack, ada, benoit, grace, theo, desk, room)
            finally:
                print(stage.transcript)
            assert slack.harm() == []
