"""Two whole stories in both languages, as everybody read them. The transcripts are beside this file.

GUICHET_WRITE_TRANSCRIPTS=1 writes them anew, to be read before they are committed.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.values import Language, Role, TicketStatus
from bot.sla.policies import SlaPolicies
from jobs.tell_problems import tell_problems
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import OneDeskRoom, make_desk
from tests.engine.play import Play

TRANSCRIPTS = Path(__file__).parent / "transcripts"


@pytest.fixture(params=[Language.EN, Language.FR], ids=str)
async def play(request: pytest.FixtureRequest, sampled: tuple[SqlStorage, Reader]) -> Play:
    made = make_desk(
        sampled[0],
        HybridRetriever(sampled[1]),
        desk=OneDeskRoom(cards=True),
        sla=SlaPolicies.load(None, "Europe/Paris"),
    )
    made.services = replace(made.services, policy=replace(made.services.policy, desk_language=request.param))
    made.__post_init__()
    for who, role in (("tess", Role.TECHNICIAN), ("tom", Role.TECHNICIAN), ("lea", Role.LEAD)):
        await made.appoint(who, role)
    return Play(made, request.param)


def compared(play: Play, name: str) -> None:
    file = TRANSCRIPTS / f"{name}.{play.language}.txt"
    if os.environ.get("GUICHET_WRITE_TRANSCRIPTS"):
        file.write_text(str(play), encoding="utf-8")
    assert str(play) == file.read_text(encoding="utf-8")


STORY = {
    Language.EN: {
        "question": "my printer LX-420 says paper jam but there is no paper in it",
        "no": "no, that did not help",
        "claim": "/ticket claim T1",
        "hello": "Hello, does the rear cover close all the way?",
        "mistake": "Just throw it out of the window",
        "detail": "no, it springs open again",
        "note": "note: third time this month, the hinge is known to break",
        "resolve": "!resolve The hinge of the rear cover was broken; I put in a new one.",
        "write_up": "/ticket write-up T1\ncause: broken hinge of the rear cover\nsteps:\n- Open the rear cover\n"
        "- Replace the hinge\nkeywords: LX-420; hinge",
        "settled": "yes",
        "rate": "5",
        "comment": "fast and friendly",
        "thanks": "thanks",
    },
    Language.FR: {
        "question": "mon imprimante LX-420 dit bourrage papier alors qu'il n'y a pas de papier dedans",
        "no": "non, ça n'a rien changé",
        "claim": "/ticket prendre T1",
        "hello": "Bonjour, le capot arrière se ferme-t-il complètement ?",
        "mistake": "Jetez-la par la fenêtre",
        "detail": "non, il se rouvre tout seul",
        "note": "note : troisième fois ce mois-ci, la charnière casse souvent",
        "resolve": "!résoudre La charnière du capot arrière était cassée, je l'ai remplacée.",
        "write_up": "/ticket compte-rendu T1\ncause : charnière du capot arrière cassée\nétapes :\n"
        "- Ouvrir le capot arrière\n- Remplacer la charnière\nmots-clés : LX-420 ; charnière",
        "settled": "oui",
        "rate": "5",
        "comment": "rapide et aimable",
        "thanks": "merci",
    },
}


async def test_from_a_question_to_a_survey(play: Play) -> None:
    say = STORY[play.language]
    await play.say(("Ada", "dm", say["question"]))
    for _ in range(3):
        await play.say(("Ada", "dm", say["no"]))
    thread = play.card()
    await play.say(("Tess", "desk-tess", say["claim"]), ("Tom", "desk-tom", say["claim"]))
    await play.say(("Tess", "desk", say["hello"], thread))
    await play.say(("Ada", "dm", say["detail"]))
    await play.say(("Tess", "desk", say["note"], thread))
    await play.say(("Tom", "desk", say["mistake"], thread))
    await play.press("Tom", "desk", "keep_held")
    await play.say(("Tess", "desk", say["resolve"], thread))
    await play.say(("Tess", "desk-tess", say["write_up"]))
    await play.say(("Ada", "dm", say["settled"]))
    await play.say(("Ada", "dm", say["rate"]))
    await play.say(("Ada", "dm", say["comment"]))
    await play.say(("Ada", "dm", say["thanks"]))
    compared(play, "ticket")

    uow = play.desk.storage.unit_of_work()
    (ticket,) = await play.desk.tickets()
    assert ticket.status is TicketStatus.CLOSED
    (written,) = await uow.tickets.interventions(ticket.id)
    assert written.reference == "INT-2026-11-PRI-001"
    (survey,) = await uow.tickets.surveys(ticket.id)
    assert (survey.score, survey.comment) == (5, say["comment"])
    read_by_ada = "\n".join(one.document.text for one in play.record if one.conversation.room == "dm")
    assert say["mistake"] not in read_by_ada
    assert say["note"].partition(":")[2].strip() not in read_by_ada


OUTAGE = {
    Language.EN: (
        "/ticket problem announce VPN down\nen: The VPN gateway GW-7 is down until noon.\n"
        "fr: La passerelle VPN GW-7 est en panne jusqu'à midi.\nworkaround en: Use the web mail.\n"
        "workaround fr: Utilisez le webmail.\ncategory: network\nwords: vpn",
        "the vpn won't connect from home",
        "tell me when it is over",
        "/ticket problem end P1",
    ),
    Language.FR: (
        "/ticket probleme annoncer Panne VPN\nfr : La passerelle VPN GW-7 est en panne jusqu'à midi.\n"
        "en : The VPN gateway GW-7 is down until noon.\ncontournement fr : Utilisez le webmail.\n"
        "contournement en : Use the web mail.\ncatégorie : network\nmots : vpn",
        "mon vpn ne se connecte plus depuis chez moi",
        "prévenez-moi quand c'est fini",
        "/ticket probleme fin P1",
    ),
}


async def test_an_outage_from_its_announcement_to_its_end(play: Play) -> None:
    announce, question, tell_me, end = OUTAGE[play.language]
    await play.say(("Lea", "desk-lea", announce))
    await play.press("Lea", "desk-lea", "ticket_problem")
    askers = [("Ann", "a"), ("Bob", "b"), ("Cleo", "c"), ("Dan", "other:d"), ("Eve", "other:e"), ("Flo", "other:f")]
    for who, room in askers:
        await play.say((who, room, question))
        await play.say((who, room, tell_me))
    await play.say(("Lea", "desk-lea", end))
    await play.press("Lea", "desk-lea", "ticket_problem")
    play.desk.clock.forward(seconds=40)
    for _ in range(2):  # a second run tells nobody twice
        await tell_problems(play.desk.services)
        await play.settle()
    compared(play, "outage")

    heard = [one for one in play.record if one.conversation.room != "desk"]  # the card there is edited meanwhile
    told = {(one.conversation.platform, one.conversation.room) for one in heard[-6:]}
    assert told == {("test", "a"), ("test", "b"), ("test", "c"), ("other", "d"), ("other", "e"), ("other", "f")}
