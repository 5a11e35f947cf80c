"""What people in a workspace may count on, the whole desk included: over sockets in English and over HTTP in French."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.engine import dispatcher
from bot.engine.pipeline import handle
from bot.model.installations import Installation
from bot.model.messages import ConversationRef
from bot.model.values import Language, TicketStatus
from bot.sealing import Sealer
from storage.store import open_storage
from tests.adapters.slack.casting import Cast, casting
from tests.adapters.slack.stage import Mode, Stage, open_stage, playing
from tests.fakes.slack import Channel, Message, Person, Seen
from tests.homes import copy_home

KEY = "a secret key that nobody guesses, 40 letters"
JAM = "my printer says the paper is jammed but there is none"
VPN = "my VPN does not connect"


@pytest.fixture(params=[("socket", Language.EN), ("http", Language.FR)], ids=["socket-en", "http-fr"])
async def cast(
    request: pytest.FixtureRequest, sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cast]:
    mode: Mode
    mode, language = request.param
    async with casting(sampled_home, tmp_path / "home", monkeypatch, mode, language) as everybody:
        yield everybody


def said_to(stage: Stage, who: Person, where: Channel) -> list[str]:
    """What they alone could read in a channel."""
    return [one.text for one in stage.slack.everything(where) if one.ephemeral_to == who.name]


def thread(stage: Stage, where: Channel, root: Message | Seen) -> list[str]:
    """What the desk wrote there for everybody."""
    return [one.text for one in stage.slack.messages(where, thread=root, by_bot=True) if one.ephemeral_to is None]


async def test_what_follows_a_quiet_question_goes_on_in_one_thread_of_the_direct_messages(cast: Cast) -> None:
    stage, ada, grace, desk = cast.stage, cast.ada, cast.grace, cast.desk
    await stage.step("Ada asks", ada.asks("/ask", JAM, cast.room))
    assert said_to(stage, ada, cast.room) and not cast.slack.messages(ada.dm())
    await stage.step("The next", ada.presses(stage.last("Next solution", seen_by=ada), "Next solution"))
    (root,) = cast.slack.messages(ada.dm(), by_bot=True)
    await stage.step("Ada wants a human", ada.presses(stage.last("Talk to a human", seen_by=ada), "Talk to a human"))
    card = cast.card()
    said = await stage.step("Ada adds something", ada.says(ada.dm(), "it is the one on floor 2", thread=root))
    await stage.step("Grace replies", grace.says(desk, "I am on my way.", thread=card))
    after = await stage.step("Ada answers", ada.says(ada.dm(), "thank you, room 12", thread=root))

    assert len(cast.slack.messages(ada.dm(), by_bot=True)) == 1, "a second thread was begun"
    written = thread(stage, ada.dm(), root)
    assert "T1" in written[1] and "I am on my way." in written[-1]
    assert any("floor 2" in text for text in thread(stage, desk, card))
    assert any("room 12" in text for text in thread(stage, desk, card))
    assert said.reactions == {} and list(after.reactions) == ["email"]  # the bot is silent, and marks what arrived
    assert len(said_to(stage, ada, cast.room)) == 1


async def test_an_answer_that_cannot_be_shown_in_its_channel_works_in_the_direct_messages(cast: Cast) -> None:
    stage, ada, benoit = cast.stage, cast.ada, cast.benoit
    apart = cast.slack.channel("apart", [ada, benoit], private=True, bot=False)
    await stage.step("Ada asks where the app is not", ada.asks("/ask", JAM, apart))
    (answer,) = cast.slack.messages(ada.dm(), by_bot=True)
    assert "Share with the channel" not in answer.buttons, "nothing can be shown there"
    await stage.step("The next", ada.presses(answer, "Next solution"))
    await stage.step("Ada says no", ada.says(ada.dm(), "no", thread=answer))
    first, second, third = thread(stage, ada.dm(), answer)
    assert first == answer.text and len({first, second, third}) == 3
    assert "Then let us try this" in second and "Then let us try this" in third
    assert cast.slack.messages(apart, by_bot=True) == []


async def test_what_is_commanded_where_nobody_else_reads_stays_there(cast: Cast) -> None:
    stage, ada = cast.stage, cast.ada
    await stage.step("Ada opens a ticket", ada.asks("/ticket", "new the projector is dead"))
    await stage.step("Ada opens her home", ada.opens_home())
    home = ada.home()
    assert home
    await stage.step("Ada sees to it in her home", ada.presses(home, "Never mind, it is fixed"))
    opened, settled = cast.slack.messages(ada.dm(), by_bot=True)
    assert (opened.ephemeral_to, settled.ephemeral_to) == (None, None)
    assert "T1" in opened.text and "T1" in settled.text
    reply = await stage.step("Ada goes on", ada.says(ada.dm(), "it is broken again", thread=opened))
    assert "T1" in thread(stage, ada.dm(), opened)[-1] and reply


async def test_commands_in_a_cards_thread_by_mark_by_mention_and_by_button(cast: Cast) -> None:
    stage, ada, grace, theo, desk, label = cast.stage, cast.ada, cast.grace, cast.theo, cast.desk, cast.label
    await stage.step("Ada opens a ticket", ada.asks("/ticket", "new the projector is dead"))
    card = cast.card()

    async def status() -> tuple[TicketStatus, str | None]:
        (ticket,) = await stage.tickets()
        shown = cast.card()
        names = [who.name for who in (grace, theo) if who.name in shown.text]
        return ticket.status, names[0] if names else None

    await stage.step("Grace claims with a mark", grace.says(desk, "!claim", thread=card))
    assert await status() == (TicketStatus.IN_PROGRESS, grace.name)
    await stage.step("She gives it back", grace.presses(cast.card(), label("release")))
    assert await status() == (TicketStatus.OPEN, None)
    await stage.step("Théo claims by a mention", theo.says(desk, "@guichet prendre", thread=card))
    assert await status() == (TicketStatus.IN_PROGRESS, theo.name)
    assert "T1 est à vous" in said_to(stage, theo, desk)[-1]
    await stage.step("Théo notes by a mention", theo.says(desk, "@guichet note lampe au sous-sol", thread=card))
    await stage.step("Théo resolves with a mark", theo.says(desk, "!résoudre La lampe est changée.", thread=card))
    assert await status() == (TicketStatus.RESOLVED, theo.name)
    await stage.step("Grace opens it again", grace.says(desk, "!reopen", thread=card))
    await stage.step("It was no request", grace.presses(cast.card(), label("not_a_request")))
    assert (await status())[0] is TicketStatus.CLOSED
    assert "La lampe est changée." in stage.read_by(ada) and "sous-sol" not in stage.read_by(ada)
    cards = [one.ts for one in cast.slack.messages(desk, by_bot=True) if one.ephemeral_to is None]
    assert cards == [card.ts]  # edited in place


async def test_in_a_channel_the_desk_answers_who_asked_until_a_human_does(cast: Cast) -> None:
    stage, ada, benoit, grace, room = cast.stage, cast.ada, cast.benoit, cast.grace, cast.room
    question = await stage.step("Ada asks", ada.says(room, f"@guichet {VPN}"))
    answer = stage.last("It worked", where=room)
    await stage.step("Benoît presses her button", benoit.presses(answer, "It worked"))
    assert "s’adresse à quelqu’un d’autre" in said_to(stage, benoit, room)[-1]
    assert len(thread(stage, room, question)) == 1
    await stage.step("Ada follows up", ada.says(room, "no", thread=question))
    assert len(thread(stage, room, question)) == 2
    await stage.step("Grace helps", grace.says(room, "let me help you, Ada", thread=question))
    await stage.step("Ada answers her", ada.says(room, "thank you, it asks for a code", thread=question))
    assert len(thread(stage, room, question)) == 2
    await stage.step("Ada calls the bot", ada.says(room, "@guichet how do I reset my password?", thread=question))
    assert len(thread(stage, room, question)) == 3
    await stage.passes("Two hours later", hours=2)
    await stage.step("Ada says something", ada.says(room, "how do I print?", thread=question))
    assert len(thread(stage, room, question)) == 3  # it was silent there for too long


async def test_an_edited_question_is_answered_anew_in_place_and_a_deleted_one_not_at_all(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, ada = cast.stage, cast.ada
    question = await stage.step("Ada asks", ada.says(ada.dm(), JAM))
    (before,) = cast.slack.messages(ada.dm(), thread=question, by_bot=True)
    await stage.step("Ada meant something else", ada.edits(question, "I forgot my password"))
    (after,) = cast.slack.messages(ada.dm(), thread=question, by_bot=True)
    assert (after.ts, after.edited) == (before.ts, True) and "password" in after.text and "jam" not in after.text
    gate = held(monkeypatch)
    wrong = await ada.says(ada.dm(), VPN)
    await ada.deletes(wrong)
    await cast.slack.until(lambda: len(cast.slack.acks) >= 3)
    gate.set()
    await stage.settled()
    assert len(cast.slack.posts()) == 1


def held(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The engine does not get on with anything until the event is set."""
    gate = asyncio.Event()

    async def waits(*args: Any) -> None:
        await gate.wait()
        await handle(*args)

    monkeypatch.setattr(dispatcher, "handle", waits)
    return gate


async def test_slack_is_answered_at_once_however_long_the_engine_takes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, ada, benoit, grace = cast.stage, cast.ada, cast.benoit, cast.grace
    await stage.step("Ada asks", ada.says(ada.dm(), JAM))
    answer = stage.last("Next solution")
    gate = held(monkeypatch)
    begun = len(cast.slack.acks)
    await ada.says(ada.dm(), VPN)
    await benoit.says(cast.room, "@guichet mot de passe oublié")
    await grace.reacts(await benoit.says(cast.room, "mon écran clignote"), "ticket")
    for ack in (
        await ada.presses(answer, "Next solution"),
        await benoit.asks("/ask", "comment imprimer ?", cast.room),
        await grace.asks("/ticket", "list", cast.desk),
        await grace.asks("/ticket", "new"),
        await grace.submits(await grace.sees_modal(), {cast.field("text"): "the lift is stuck"}),
    ):
        assert ack.ok
    await cast.slack.until(lambda: len(cast.slack.acks) - begun >= 8)
    assert all(ack.ok and (ack.seconds or 0) < 3 for ack in cast.slack.acks[begun:])
    assert len(cast.slack.posts()) == 1
    gate.set()
    await stage.settled()
    assert len(cast.slack.posts()) > 5
    assert len(await stage.tickets()) == 2


async def test_a_reply_that_becomes_a_ticket_keeps_its_thread_and_its_address(cast: Cast) -> None:
    stage, ada, benoit, grace, room = cast.stage, cast.ada, cast.benoit, cast.grace, cast.room
    root = await stage.step("Benoît complains", benoit.says(room, "mon imprimante est en panne"))
    reply = await stage.step("Ada too", ada.says(room, "mine too, and the screen is black", thread=root))
    await stage.step("Grace uses the shortcut", grace.uses_shortcut("open_ticket", reply))
    await stage.step("Grace sends it", grace.submits(grace.modal(), {}))
    card = cast.card()
    assert "Benoît Petit: mon imprimante est en panne" in card.text.replace("\u00a0:", ":")
    assert f"/p{reply.ts.replace('.', '')}?thread_ts={root.ts}" in str(card.message.blocks)
    assert len(thread(stage, room, root)) == 1 and "T1" in thread(stage, room, root)[0]
    (ticket,) = await stage.tickets()
    assert ada.name in card.text and ticket.link
    async with stage.desk.storage.unit_of_work() as uow:
        place = await uow.conversations.get(ticket.conversation_id)
    assert place is not None and place.ref == ConversationRef(
        "slack", cast.slack.team.id, room.id, f"{room.id}:{root.ts}"
    )


async def test_a_form_that_comes_too_late_gives_every_word_back(cast: Cast) -> None:
    stage, grace, theo, desk = cast.stage, cast.grace, cast.theo, cast.desk
    await stage.step("Théo opens a ticket", theo.asks("/ticket", "new le projecteur"))
    await stage.step("Grace begins to resolve it", grace.presses(cast.card(), cast.label("resolve")))
    modal = grace.modal()
    await stage.step("Théo was faster", theo.says(desk, "!résoudre voilà", thread=cast.card()))
    words = "I rebooted the gateway, which took an hour."
    await stage.step("Grace sends hers", grace.submits(modal, {cast.field("text"): words}))
    given_back = said_to(stage, grace, desk)[-1]
    assert words in given_back and "T1" in given_back and "résolu" not in given_back


async def test_channels_and_the_emoji_are_settings(
    sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with casting(
        sampled_home,
        tmp_path / "home",
        monkeypatch,
        slack_desk_channel="support-desk, network=net-desk",
        slack_ticket_emoji=":sos:",
    ) as cast:
        stage, grace, theo, room = cast.stage, cast.grace, cast.theo, cast.room
        net = cast.slack.channel("net-desk", [grace, theo], private=True)
        await stage.side.adapter._signed_in.find_desk()  # type: ignore[union-attr]  # as it does now and then
        plain = await stage.step("Ada complains", cast.ada.says(room, "the vpn is dead"))
        await stage.step("That emoji means nothing here", grace.reacts(plain, "ticket"))
        assert await stage.tickets() == []
        await stage.step("This one does", grace.reacts(plain, "sos"))
        assert not cast.slack.messages(cast.desk)
        card = cast.card(where=net)
        await stage.step("Théo claims it there", theo.reacts(card, "eyes"))
        await stage.step("Théo writes there", theo.says(net, "On my way.", thread=card))
        assert "On my way." in stage.read_by(cast.ada)
        await stage.step("Grace corrects its category", grace.says(net, "!category hardware", thread=card))
        assert "T1" in cast.card().text  # now it stands where equipment is seen to


async def test_a_workspace_that_installed_the_app_is_served_by_the_desks_own(
    sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with open_stage(tmp_path / "home", "socket", Language.EN, monkeypatch) as (slack, usual):
        other = slack.workspace("Elsewhere", installed=True)
        installation = slack.state.installed_in(other.id)
        assert installation
        storage = await open_storage(str(tmp_path / "home" / "guichet.db"))
        sealed = Sealer(KEY, "slack").seal(installation.token)
        await storage.installations.keep(Installation("slack", other.id, "Elsewhere", sealed, datetime.now(UTC)))
        await storage.close()
        grace = slack.person("Grace Hopper", locale="en-GB")
        desk = slack.channel("support-desk", [grace])
        eve, bob = (slack.person(name, locale="fr-FR", team=other) for name in ("Eve Roux", "Bob Roux"))
        room = slack.channel("entraide", [eve, bob], team=other)
        settings = usual.model_copy(
            update={
                "slack_client_id": slack.state.client_id,
                "slack_client_secret": SecretStr(slack.state.client_secret),
                "secret_key": SecretStr(KEY),
            }
        )
        async with playing(slack, settings, monkeypatch) as stage:
            await stage.appointed(grace)
            question = await stage.step("Eve asks", eve.says(eve.dm(), "mot de passe oublié"))
            assert "Mot de passe oublié" in thread(stage, eve.dm(), question)[0]
            await stage.step("Eve wants a human", eve.says(eve.dm(), "je veux parler à un humain", thread=question))
            (card,) = slack.messages(desk, by_bot=True)
            await stage.step("Grace replies", grace.says(desk, "bonjour Eve", thread=card))
            assert "bonjour Eve" in thread(stage, eve.dm(), question)[-1]
            await stage.step("Eve answers", eve.says(eve.dm(), "bonjour Grace", thread=question))
            assert "bonjour Grace" in thread(stage, desk, card)[-1]
            await stage.step("Bob asks for himself", bob.asks("/ask", "mot de passe oublié", room))
            assert "Mot de passe oublié" in said_to(stage, bob, room)[-1]
            await stage.step("Bob is no technician", bob.asks("/ticket", "claim T1", room))
            assert "réservée aux techniciens" in said_to(stage, bob, room)[-1]
            plain = await stage.step("Eve complains", eve.says(room, "mon écran est noir"))
            await stage.step("Bob puts :ticket: on it", bob.reacts(plain, "ticket"))
            assert "Bob Roux" in thread(stage, room, plain)[0]
            await stage.step("Eve opens her home", eve.opens_home())
            home = eve.home()
            assert home and "T1" in str(home.view) and "Grace Hopper" in str(home.view) and "T2" in str(home.view)
            tokens = {one.token for one in slack.calls if one.params.get("channel") in (eve.dm().id, room.id)}
            assert tokens == {installation.token}
        assert slack.harm() == []
