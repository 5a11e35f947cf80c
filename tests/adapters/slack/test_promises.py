"""What the desk keeps to when a server lacks much, the engine fails, a card changes all the time, a guest asks."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.slack.permissions import METHODS
from bot.commands.catalogue import COMMANDS
from bot.engine import dispatcher
from bot.engine.pipeline import handle
from bot.model.values import Language
from tests.adapters.slack.casting import Cast, casting
from tests.adapters.slack.stage import open_stage, playing
from tests.homes import copy_home

JAM = "my printer says the paper is jammed but there is none"
NEEDED = ("auth.test", "apps.connections.open", "chat.postMessage")
INTERNAL = "vpn.example.org"  # stands in an article for employees


@pytest.fixture
async def cast(sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cast]:
    async with casting(sampled_home, tmp_path / "home", monkeypatch) as everybody:
        yield everybody


async def test_a_server_that_knows_three_methods_is_enough_to_work_with(
    sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with open_stage(tmp_path / "home", "socket", Language.EN, monkeypatch) as (slack, usual):
        ada, grace = slack.person("Ada Lovelace"), slack.person("Grace Hopper")
        desk, room = slack.channel("support-desk", [grace]), slack.channel("general", [ada, grace])
        for method in METHODS.keys() - set(NEEDED):
            slack.faults.refuse(method, "unknown_method", times=1_000)
        settings = usual.model_copy(update={"slack_desk_channel": desk.id})
        async with playing(slack, settings, monkeypatch) as stage:
            await stage.appointed(grace)
            question = await stage.step("Ada asks alone", ada.says(ada.dm(), JAM))
            other = await stage.step("And in a channel", ada.says(room, "@guichet I forgot my password"))
            await stage.step("And for herself", ada.asks("/ask", "I forgot my password", room))
            await stage.step(
                "She wants a human", ada.presses(stage.last("Talk to a human", where=room), "Talk to a human")
            )
            assert len(slack.messages(ada.dm(), thread=question, by_bot=True)) == 1
            assert len(slack.messages(room, thread=other, by_bot=True)) == 2
            assert len(slack.messages(ada.dm(), by_bot=True)) == 1  # what could not be shown in the channel
            (card,) = slack.messages(desk, by_bot=True)
            await stage.step("Grace claims", grace.says(desk, "!claim", thread=card))
            await stage.step("Grace replies", grace.says(desk, "I am on my way.", thread=card))
            assert "I am on my way." in slack.messages(room, thread=other, by_bot=True)[-1].text


async def test_a_question_on_which_the_engine_fails_is_answered_and_its_sign_taken_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, ada, benoit = cast.stage, cast.ada, cast.benoit

    async def fails(services: Any, row: Any, *args: Any) -> None:
        if getattr(row.event, "author", None) and row.event.author.native_id == ada.id:
            raise RuntimeError("a bug")
        await handle(services, row, *args)

    monkeypatch.setattr(dispatcher, "handle", fails)
    said = await ada.says(ada.dm(), JAM)
    other = await benoit.says(benoit.dm(), "mon imprimante est en panne")
    await cast.slack.until(lambda: said.reactions, what="the sign")
    await stage.settled()
    (answer,) = cast.slack.messages(ada.dm(), thread=said, by_bot=True)
    assert re.search(r"Quote E-\w+ if you write to the desk", answer.text)
    assert len(cast.slack.messages(benoit.dm(), thread=other, by_bot=True)) == 1
    await cast.slack.until(lambda: not said.reactions, what="no sign")


async def test_a_card_that_changes_often_is_edited_as_often_as_slack_likes(cast: Cast) -> None:
    stage, ada, grace, desk = cast.stage, cast.ada, cast.grace, cast.desk
    await stage.step("Ada opens a ticket", ada.asks("/ticket", "new the projector is dead"))
    card = cast.card()
    cast.slack.faults.rate_limit("chat.update", retry_after=1.5)
    before = len(cast.slack.called("chat.update"))
    for word in ("low", "high", "medium", "urgent", "low", "high"):
        await grace.says(desk, f"!priority {word}", thread=card)
        await asyncio.sleep(0.1)
    await stage.settled()
    assert "high" in cast.card().text
    refused, *edits = cast.slack.called("chat.update")[before:]
    assert refused.error == "ratelimited"
    assert 1 <= len(edits) <= 2


async def test_a_guest_reads_nothing_that_is_internal(cast: Cast) -> None:
    stage, slack, ada = cast.stage, cast.slack, cast.ada
    zoe = slack.person("Zoé Invitée", guest=True, locale="fr-FR")
    room = slack.channel("projet", [ada, zoe])
    question = "my VPN does not connect"
    await stage.step("Ada asks alone", ada.says(ada.dm(), question))
    assert INTERNAL in stage.read_by(ada)
    await stage.step("Zoé asks alone", zoe.says(zoe.dm(), question))
    await stage.step("Zoé asks for herself", zoe.asks("/ask", question, room))
    await stage.step("Zoé asks in a channel", zoe.says(room, f"@guichet {question}"))
    await stage.step("Ada asks where Zoé reads", ada.says(room, f"@guichet {question}"))
    await stage.step("Zoé looks at her home", zoe.opens_home())
    assert zoe.home() and INTERNAL not in stage.read_by(zoe)
    quiet = await stage.step("Ada asks there for herself", ada.asks("/ask", question, room))
    shared = stage.last("Share with the channel", seen_by=ada)
    assert quiet.ok and INTERNAL in shared.text
    await stage.step("Ada wants to share it", ada.presses(shared, "Share with the channel"))
    assert INTERNAL not in stage.read_by(zoe)


async def test_a_home_says_what_is_going_on_in_its_owners_language(cast: Cast) -> None:
    stage, benoit, grace = cast.stage, cast.benoit, cast.grace
    await stage.step("Benoît asks", benoit.says(benoit.dm(), "mot de passe oublié"))
    await stage.step("He opens a ticket", benoit.asks("/ticket", "nouveau le projecteur est mort"))
    await stage.step("Grace claims it", grace.says(cast.desk, "!claim", thread=cast.card()))
    await stage.step("He opens his home", benoit.opens_home())
    home = benoit.home()
    assert home
    shown = str(home.view)
    for part in ("Posez votre question", "T1 · le projecteur est mort", "Grace Hopper", "mot de passe oublié"):
        assert part in shown
    assert "Mot de passe oublié ou expiré" in shown  # what he was answered
    await stage.step("Ada opens hers", cast.ada.opens_home())
    hers = cast.ada.home()
    assert hers and stage.desk.texts.plain("slack.ask_label", Language.EN) in str(hers.view)
    assert "T1" not in str(hers.view)


async def test_every_command_there_is_can_be_typed_and_is_answered_to_who_typed_it(cast: Cast) -> None:
    stage, grace, theo, desk = cast.stage, cast.grace, cast.theo, cast.desk
    await stage.step("Ada opens a ticket", cast.ada.asks("/ticket", "new the projector is dead"))
    assert {f"/{one.group}" for one in COMMANDS} | {"/ask"} == set(cast.slack.commands)
    bare = [(f"/{one.group}", one.name) for one in COMMANDS if one.group != "ticket"]
    french = [(f"/{one.group}", f"{(*one.aliases, one.name)[0]} T1") for one in COMMANDS]
    await stage.step("Grace tries some", *(grace.asks(command, text, desk) for command, text in bare))
    await stage.step("Théo tries all", *(theo.asks(command, text, desk) for command, text in french))
    for who, tried in ((grace, bare), (theo, french)):
        alone = [one.text for one in cast.slack.messages(desk) if one.ephemeral_to == who.name]
        assert len(alone) >= len(tried)
        assert not [text for text in alone if "wrong on our side" in text or "de notre côté" in text]
    assert all((ack.seconds or 9) < 3 for ack in cast.slack.acks)
