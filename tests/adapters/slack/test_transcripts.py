"""Whole stories of a workspace, as everybody read them, over sockets and over HTTP. They are kept beside this file.

GUICHET_WRITE_TRANSCRIPTS=1 writes them anew, to be read before they are committed.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model.values import Language, TicketStatus
from jobs.tell_problems import tell_problems
from tests.adapters.slack.casting import Cast, casting
from tests.adapters.slack.stage import Mode
from tests.fakes.slack import Seen

TRANSCRIPTS = Path(__file__).parent / "transcripts"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
PAGES = b"%PDF-1.4\n" + b"x" * 200


def compared(cast: Cast, name: str) -> None:
    file = TRANSCRIPTS / f"{name}.{cast.language}.txt"
    text = cast.stage.transcript
    if os.environ.get("GUICHET_WRITE_TRANSCRIPTS"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.fixture(params=[("socket", Language.EN), ("http", Language.FR)], ids=["socket-en", "http-fr"])
async def cast(
    request: pytest.FixtureRequest, sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cast]:
    mode: Mode
    mode, language = request.param
    async with casting(sampled_home, tmp_path / "home", monkeypatch, mode, language) as everybody:
        yield everybody


async def test_from_a_question_to_a_survey(cast: Cast) -> None:
    stage, ada, grace, theo, desk, label = cast.stage, cast.ada, cast.grace, cast.theo, cast.desk, cast.label
    en, fr = Language.EN, Language.FR
    step, here = stage.step, ada.dm()
    question = await step(
        "Ada asks, with a screenshot",
        ada.says(here, "my printer LX-420 says paper jam but there is no paper in it", files=[("jam.png", PICTURE)]),
    )
    await step("The screenshot is fetched", stage.fetches_files())
    await step("Ada presses [Next solution]", ada.presses(stage.last("Next solution"), "Next solution"))
    await step("Ada writes that it did not help", ada.says(here, "no, that did not help", thread=question))
    await step("Ada wants a human", ada.presses(stage.last("Talk to a human"), "Talk to a human"))
    card = cast.card()
    both = (who.presses(card, label("claim")) for who in (grace, theo))
    await step("Grace and Théo both press [Claim]", *both)

    hello = await step("Grace replies", grace.says(desk, "Hello, does the rear cover close?", thread=card))
    await step("Grace notices a slip", grace.edits(hello, "Hello, does the rear cover close all the way?"))
    said = await step("Ada answers", ada.says(here, "no, it springs up again", thread=question))
    await step("Ada corrects herself", ada.edits(said, "no, it springs open again"))
    wrong = await step("Ada says too much", ada.says(here, "my badge number is 4711-22", thread=question))
    await step("Ada takes it back", ada.deletes(wrong))
    await step("Ada sends a picture", ada.says(here, "this is the hinge", thread=question, files=[("a.png", PICTURE)]))
    await step("It is fetched", stage.fetches_files())
    guide = [("covers.pdf", PAGES)]
    await step("Grace sends a guide", grace.says(desk, "Please try page 2 of this", thread=card, files=guide))
    await step("It is fetched", stage.fetches_files())
    wrong = await step("Ada sends a wrong one", ada.says(here, "and here", thread=question, files=[("x.png", PICTURE)]))
    await step("It is fetched", stage.fetches_files())
    await step("Ada takes it back", ada.deletes(wrong))
    await stage.passes("A minute later", minutes=1)
    await step("Grace makes a note", grace.says(desk, "// third time this month, hinge known to break", thread=card))
    await step("Théo talks to the wrong person", theo.says(desk, "Jetez-la par la fenêtre", thread=card))
    held = stage.last(label("keep_held", fr), seen_by=theo)
    await step("Théo keeps it internal", theo.presses(held, label("keep_held", fr)))
    await step("Théo helps", theo.says(desk, "We have spare covers in stock.", thread=card))
    held = stage.last(label("send_held", en), seen_by=theo)
    await step("Théo sends it", theo.presses(held, label("send_held", en)))

    await step("Grace presses [Note]", grace.presses(card, label("note")))
    note = stage.shows(grace.modal(), grace)
    await step("Grace notes", grace.submits(note, {cast.field("text"): "The new cover is part 88-3."}))
    await step("Grace presses [Reply]", grace.presses(card, label("reply")))
    view = stage.shows(grace.modal(), grace)
    await step("Grace writes", grace.submits(view, {cast.field("text"): "I bring the new cover this afternoon."}))
    await step("Grace presses [Priority]", grace.presses(card, label("priority")))
    view = stage.shows(grace.modal(), grace)
    await step("Grace says that it is low", grace.submits(view, {cast.field("priority"): "low"}))
    await step("Grace presses [Snooze]", grace.presses(card, label("snooze_form")))
    view = stage.shows(grace.modal(), grace)
    refused = await step("Grace writes no time", grace.submits(view, {cast.field("when"): "when it suits"}))
    stage.record.append(f"  ▢ {refused.payload['errors']}")
    assert grace.modal() is not None
    await step("Grace writes a time", grace.submits(view, {cast.field("when"): "tomorrow 9:00"}))

    await step("Grace presses [Resolve]", grace.presses(card, label("resolve")))
    view = stage.shows(grace.modal(), grace)
    written = {cast.field("text"): "I put in a new rear cover.", cast.field("cause"): "broken hinge of the rear cover"}
    await step("Grace resolves", grace.submits(view, written))
    await ada.opens_home()
    await stage.settled()
    stage.shows(ada.home(), ada)
    await step("Ada confirms", ada.presses(stage.last(label("confirm", en)), label("confirm", en)))
    stage.shows(ada.home(), ada)
    await step("Ada rates", ada.presses(stage.last("5"), "5"))
    await step("Ada comments", ada.says(here, "fast and friendly", thread=question))
    await step("Ada thanks", ada.says(here, "thanks", thread=question))
    compared(cast, "ticket")

    (ticket,) = await stage.tickets()
    assert ticket.status is TicketStatus.CLOSED
    read = stage.read_by(ada)
    assert "We have spare covers in stock." in read
    for internal in ("third time", "fenêtre", "88-3", "hinge of the rear", "support-desk"):
        assert internal not in read
    assert "4711" not in stage.read_by(grace)
    assert stage.files(desk, cast.card()) == {"jam.png": PICTURE, "a.png": PICTURE, "covers.pdf": PAGES}
    assert stage.files(here, question) == {"jam.png": PICTURE, "a.png": PICTURE, "covers.pdf": PAGES}


async def test_questions_in_a_channel_and_messages_that_become_tickets(cast: Cast) -> None:
    stage, slack, label = cast.stage, cast.slack, cast.label
    ada, benoit, grace, theo, desk, room = cast.ada, cast.benoit, cast.grace, cast.theo, cast.desk, cast.room
    fr, step = Language.FR, stage.step
    await step("Benoît opens his home", benoit.opens_home())
    stage.shows(benoit.home(), benoit)
    await step("Benoît asks for himself", benoit.asks("/ask", "comment réinitialiser mon mot de passe ?", room))
    answer = stage.last(label("share", fr), seen_by=benoit)
    await step("Benoît shares the answer", benoit.presses(answer, label("share", fr)))
    await step("Benoît asks for a human", benoit.presses(answer, label("human", fr)))
    await step("Ada asks in the channel", ada.says(room, "@guichet my VPN does not connect"))
    await step("Ada presses [It worked]", ada.presses(stage.last("It worked"), "It worked"))
    await step("Benoît takes the ticket's thread further", benoit.says(benoit.dm(), "mon identifiant est bpetit"))

    plain = await step("Benoît complains", benoit.says(room, "mon écran clignote depuis ce matin"))
    await step("Grace puts :ticket: on it", grace.reacts(plain, "ticket"))
    told = stage.last(label("decline_ticket", fr))
    await step("Benoît declines", benoit.presses(told, label("decline_ticket", fr)))
    other = await step("Ada complains", ada.says(room, "the projector in room 4 is dead"))
    await step("Grace uses the shortcut", grace.uses_shortcut("open_ticket", other))
    view = stage.shows(grace.modal(), grace)
    await step("Grace opens a ticket of it", grace.submits(view, {cast.field("priority"): "high"}))
    card = slack.messages(desk, by_bot=True)[-1]
    await step("Théo puts 👀 on the card", theo.reacts(card, "eyes"))
    await step("Théo puts 🚨 on the card", theo.reacts(card, "rotating_light"))
    await step("Théo replies to Ada", theo.says(desk, "I am on my way to room 4.", thread=card))
    await step("Théo puts ✅ on the card", theo.reacts(card, "white_check_mark"))
    await step("Théo presses [Write up]", theo.presses(cast.card(reference_of(card)), label("write_up")))
    view = stage.shows(theo.modal(), theo)
    steps = {cast.field("cause", fr): "la lampe", cast.field("steps", fr): "Changer la lampe\nAttendre"}
    await step("Théo writes it up", theo.submits(view, steps))
    await step("Ada says that it is not fixed", ada.says(room, "it is still dead", thread=other))
    await step("Théo replies by command", theo.asks("/ticket", "reply T3 I bring a new lamp.", desk))
    await step("Grace notes by command", grace.asks("/ticket", "note T3 lamps are in the cellar", desk))
    await step("Ada asks for her tickets", ada.asks("/ticket", "mine", room))
    await step("Théo asks for the list", theo.asks("/ticket", "list", desk))
    await step("Théo asks for a wrong thing", theo.asks("/ticket", "clam T1", desk))
    await step("Benoît tries what is not his", benoit.asks("/ticket", "claim T1", room))
    await step("Ada opens her home", ada.opens_home())
    stage.shows(ada.home(), ada)
    compared(cast, "channel")

    for who in (ada, benoit):
        assert "la lampe" not in stage.read_by(who) and "cellar" not in stage.read_by(who)
        assert "support-desk" not in stage.read_by(who)


def reference_of(card: Seen) -> str:
    return card.text.partition(" ·")[0].strip("*")


ANNOUNCEMENT = (
    "problem announce VPN down\nen: The VPN gateway GW-7 is down until noon.\n"
    "fr: La passerelle VPN GW-7 est en panne jusqu'à midi.\nworkaround en: Use the web mail.\n"
    "workaround fr: Utilisez le webmail.\ncategory: network\nwords: vpn"
)


async def test_an_outage_from_its_announcement_to_its_end(cast: Cast) -> None:
    stage, slack, label = cast.stage, cast.slack, cast.label
    ada, benoit, grace, desk, room = cast.ada, cast.benoit, cast.grace, cast.desk, cast.room
    en, fr = Language.EN, Language.FR
    step = stage.step
    await step("Benoît opens his home", benoit.opens_home())
    await step("Grace drafts an announcement", grace.asks("/ticket", ANNOUNCEMENT, desk))
    draft = stage.last(label("problem_send", en), seen_by=grace)
    await step("Grace sends it", grace.presses(draft, label("problem_send", en)))
    await step("Ada asks", ada.says(ada.dm(), "the vpn won't connect from home"))
    await step("Ada wants to know", ada.presses(stage.last(where=ada.dm()), label("problem_subscribe", en)))
    await step("Benoît asks in the channel", benoit.says(room, "@guichet mon vpn ne se connecte plus"))
    await step("Benoît wants to know", benoit.presses(stage.last(where=room), label("problem_subscribe", fr)))
    await step("Benoît opens his home again", benoit.opens_home())
    stage.shows(benoit.home(), benoit)
    await stage.passes("Forty seconds later", seconds=40)
    await step("News", tell_problems(stage.services))
    await step("Grace ends it", grace.asks("/ticket", "problem end P1", desk))
    draft = stage.last(label("problem_send", en), seen_by=grace)
    await step("Grace sends that", grace.presses(draft, label("problem_send", en)))
    await stage.passes("Forty seconds later", seconds=40)
    await step("They are told", tell_problems(stage.services))
    await step("They are told no second time", tell_problems(stage.services))
    stage.shows(benoit.home(), benoit)
    compared(cast, "outage")
    assert slack.messages(desk, by_bot=True)
