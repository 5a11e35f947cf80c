"""What curators do in conversation: see what is missing, decide, approve how people ask."""

from dataclasses import replace
from datetime import date

import pytest

from bot.model.values import Role
from bot.texts import Texts
from tests.engine.desk import TestDesk

PLANTS = (
    "who waters the plants in the lobby",
    "the plants in the lobby need water",
    "plants in the lobby have no water",
)
GOLDFISH = "who feeds the goldfish in the aquarium"
FORGOT = "i forgot my windows password and cannot sign in"
FORGOTTEN = "01-Acces-Comptes/password-forgotten-or-expired.en"


@pytest.fixture
async def asked(desk: TestDesk) -> TestDesk:
    """A desk with a curator, cora, and a technician, tess; four questions went unanswered, of two kinds."""
    await desk.appoint("cora", Role.CURATOR)
    await desk.appoint("tess")
    for number, text in enumerate((*PLANTS, GOLDFISH)):
        await desk.says(text, f"room{number}", who=f"person{number}")
    return desk


async def test_gaps_are_listed_by_how_often_they_were_asked(asked: TestDesk) -> None:
    shown = await asked.says("/kb gaps", "desk", who="tess")
    lines = shown.splitlines()
    assert "2" in lines[0]
    assert "plants" in lines[1].lower() and "asked 3× by 3 people ↑" in lines[1] and "open" in lines[1]
    assert "goldfish" in lines[2] and "asked 1×" in lines[2]
    assert "Cora" in shown, "a lead, curator or admin is suggested while nobody has settled such tickets"


async def test_a_gap_keeps_its_number_and_state_when_more_is_asked(asked: TestDesk) -> None:
    await asked.says("/kb gaps", "desk", who="cora")
    said = await asked.says("/kb gaps #1 plan", "desk", who="cora")
    assert "planned" in said and "/kb gaps #1 open" in said
    await asked.says("water for the plants in the lobby", "late", who="zoe")
    shown = await asked.says("/kb gaps 1", "desk", who="cora")
    assert "asked 4× by 4 people" in shown and "planned" in shown and "water for the plants in the lobby" in shown
    knowledge = asked.storage.unit_of_work().knowledge
    assert [group.number for group in await knowledge.gap_groups()] == [1, 2]
    assert len(await knowledge.gaps("planned")) == 4


async def test_a_decision_is_undone_as_it_says(asked: TestDesk) -> None:
    said = await asked.says("/kb gaps #2 dismiss", "desk", who="cora")
    assert "#2" not in (await asked.says("/kb gaps", "desk", who="cora"))
    await asked.says(said.rpartition("To undo: ")[2], "desk", who="cora")
    assert "#2" in (await asked.says("/kb gaps", "desk", who="cora"))


async def test_a_gap_that_was_written_for_comes_back_when_it_is_asked_again(asked: TestDesk) -> None:
    await asked.says("/kb gaps #1 written", "desk", who="cora")
    assert "#1" not in await asked.says("/kb gaps", "desk", who="cora")
    assert "#1" in await asked.says("/kb gaps all", "desk", who="cora")
    asked.clock.forward(days=1)
    await asked.says(PLANTS[0], "late", who="zoe")
    assert "written, asked 1× since" in await asked.says("/kb gaps", "desk", who="cora")


async def test_decisions_are_for_curators_and_gaps_for_technicians(asked: TestDesk) -> None:
    assert "for technicians" in await asked.says("/kb gaps", who="ada")
    assert "for curators" in await asked.says("/kb gaps #1 plan", "desk", who="tess")
    assert "for curators" in await asked.says("/kb review", "desk", who="tess")
    assert "for curators" in await asked.says("/kb approve 123456", "desk", who="tess")
    assert {gap.state for gap in await asked.storage.unit_of_work().knowledge.gaps(None)} == {"open"}


async def test_what_is_not_there_is_said(asked: TestDesk) -> None:
    assert "no gap #9" in await asked.says("/kb gaps #9", "desk", who="cora")
    assert "How to use it" in await asked.says("/kb gaps #1 burn", "desk", who="cora")
    assert "no phrasing abcdef" in await asked.says("/kb approve abcdef", "desk", who="cora")
    assert "no article" in await asked.says("/kb gaps #1 written nowhere", "desk", who="cora")
    assert "/kb help" in await asked.says("/kb frobnicate", "desk", who="cora")


async def test_gaps_come_in_pages(desk: TestDesk) -> None:
    await desk.appoint("tess")
    words = "alpaca bonsai cactus dragon eclair falcon giraffe harpoon igloo jasmine kimono lagoon".split()
    for word in words:
        await desk.says(f"xylophone? no: {word}", word, who=word)
        await desk.says("no", word, who=word)
    first = await desk.says("/kb gaps", "desk", who="tess")
    if "page 1 of 2" in first:
        second = await desk.clicks("kb_gaps", None, "desk", who="tess")
        assert "page 2 of 2" in second and not {*first.splitlines()[1:11]} & {*second.splitlines()[1:]}


async def test_an_approved_phrasing_is_used_and_a_rejected_one_is_not(desk: TestDesk) -> None:
    await desk.appoint("cora", Role.CURATOR)
    await desk.says(FORGOT)
    await desk.clicks("worked")
    waiting = await desk.says("/kb review", "desk", who="cora")
    assert FORGOT in waiting
    knowledge = desk.storage.unit_of_work().knowledge
    (phrasing,) = await knowledge.proposed_phrasings()
    assert phrasing.reference in waiting
    said = await desk.says(f"/kb approve {phrasing.reference}", "desk", who="cora")
    assert FORGOT in said and "To undo" in said
    assert [one.text for one in await knowledge.approved_phrasings()] == [FORGOT]
    assert "Nothing waits" in await desk.says("/kb review", "desk", who="cora")
    await desk.says(said.rpartition("To undo: ")[2], "desk", who="cora")
    assert await knowledge.approved_phrasings() == await knowledge.proposed_phrasings() == []
    await desk.says(FORGOT, "again", who="bo")
    await desk.clicks("worked", room="again", who="bo")
    assert await knowledge.proposed_phrasings() == []


async def test_an_article_is_shown_with_its_translation_and_success(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says(FORGOT)
    await desk.clicks("worked")
    shown = await desk.says("/kb show password-forgotten-or-expired.en", "desk", who="tess")
    assert FORGOTTEN in shown and "password-forgotten-or-expired.fr" in shown
    assert "worked: 1, did not: 0" in shown and "Found by" in shown and "1 more proposed" in shown
    assert "no article" in await desk.says("/kb show nonsense", "desk", who="tess")


async def test_a_stale_translation_is_told_to_curators_alone(desk: TestDesk) -> None:
    await desk.appoint("cora", Role.CURATOR)
    await desk.appoint("tess")
    async with desk.storage.unit_of_work() as uow:
        article = await uow.knowledge.article(FORGOTTEN)
        assert article
        pair = article.translation_of or FORGOTTEN.replace(".en", ".fr")
        other = await uow.knowledge.article(pair)
        assert other
        uow.knowledge.put(replace(article, translation_of=other.id, reviewed=date(2026, 1, 1)))
        uow.knowledge.put(replace(other, translation_of=None, reviewed=date(2026, 6, 1)))
        await uow.commit()
    assert "older than its source" in await desk.says(FORGOT, "c", who="cora")
    for who in ("tess", "ada"):
        assert "older than its source" not in await desk.says(FORGOT, who, who=who)
    shown = await desk.says(f"/kb show {FORGOTTEN}", "desk", who="tess")
    assert "January 1, 2026" in shown and "older than its source" in shown


async def test_search_finds_articles_in_the_language_of_what_is_looked_for(desk: TestDesk) -> None:
    await desk.appoint("tess")
    assert "vpn-does-not-connect.fr" in await desk.says("/kb search le VPN ne se connecte pas", "desk", who="tess")
    assert "How to use it" in await desk.says("/kb search", "desk", who="tess")


async def test_french_words_do_the_same(asked: TestDesk) -> None:
    await asked.says("bonjour, mon ordinateur est lent", "cora", who="cora")
    shown = await asked.says("!kb lacunes", "cora", who="cora")
    assert "Lacunes" in shown
    assert "écartée" in await asked.says("/kb lacunes #2 écarter", "cora", who="cora")
    assert "relire" in await asked.says("/kb aide", "cora", who="cora")


def test_help_knows_every_command() -> None:
    from bot.commands.catalogue import COMMANDS

    texts = Texts.load()
    assert [one.key for one in COMMANDS if not (texts.has(one.key) and texts.has(f"{one.key}.usage"))] == []
