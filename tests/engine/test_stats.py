"""`/ticket stats` and `/ticket export`: who may read what, and where."""

import pytest

from bot.model.values import Language, Role
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"
NOWHERE = "my beamer flickers purple whenever the blinds go down"


@pytest.fixture
async def busy(desk: TestDesk) -> TestDesk:
    """A question that was settled, one in silence, one that became a ticket, and one that went to a human at once."""
    await desk.appoint("tess")
    await desk.appoint("lea", Role.LEAD)
    await desk.says(JAM, "one")
    await desk.says("yes", "one")
    await desk.says(JAM, "two", who="bob")
    await desk.says(NOWHERE, "three", who="cy")
    await desk.says("yes", "three", who="cy")
    await desk.says("I want to talk to a human", "four", who="dan")
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    return desk


async def test_what_became_of_each_question_stands_apart(busy: TestDesk) -> None:
    said = await busy.says("/ticket stats", "desk-tess", who="tess", language=Language.EN)
    for line in (
        "Asked: 4 · change: +4",
        "An answer was shown: 2 · change: +2",
        "Settled without a human, as the askers confirmed: 1 of 4 (too few for a share)",
        "Went to a human: 2 of 4 (too few for a share)",
        "• helped, as the asker said: 1 · change: +1",
        "• answered, and nothing was said: 1 · change: +1",
        "Opened: 2 · change: +2",
        "Silence is no success",
    ):
        assert line in said, said
    assert "%" not in said


async def test_each_technicians_figures_are_for_leads_where_nobody_else_reads(busy: TestDesk) -> None:
    alone = await busy.says("/ticket stats", "desk-lea", who="lea", language=Language.EN)
    assert "By technician" in alone and "TECH-001 Tess" in alone
    technician = await busy.says("/ticket stats", "desk-tess", who="tess", language=Language.EN)
    assert "By technician" not in technician and "TECH-" not in technician
    room = await busy.says("/ticket stats", "desk", who="lea", private=False, mentioned=True, language=Language.EN)
    assert "TECH-" not in room and "shown to leads only, and where nobody else reads" in room


async def test_the_views_of_work_and_both_languages(busy: TestDesk) -> None:
    work = await busy.says("/ticket stats work", "desk-tess", who="tess", language=Language.EN)
    assert "nobody has claimed it: 1" in work and "T2: ticket: " in work
    assert "T1: " not in work  # somebody has it in hand
    pipeline = await busy.says("/ticket statistiques traitement", "desk-tess", who="tess", language=Language.FR)
    assert "Le traitement par jour" in pipeline and "posées: 4" in pipeline
    queue = await busy.says("!stats queue", "desk-tess", who="tess", language=Language.EN)
    assert "In hand: 1" in queue  # this very command
    french = await busy.says("/ticket stats mois", "desk-tess", who="tess", language=Language.FR)
    assert "Réglées sans humain, confirmé par la personne: 1 sur 4 (trop peu pour un pourcentage)" in french


async def test_a_period_without_anything_says_so(busy: TestDesk) -> None:
    empty = await busy.says("/ticket stats 2025-02", "desk-tess", who="tess", language=Language.EN)
    assert "Figures of 1 Feb 2025 – 28 Feb 2025" in empty and "Nothing was asked" in empty
    odd = await busy.says("/ticket stats lately", "desk-tess", who="tess", language=Language.EN)
    assert "lately" in odd


async def test_who_does_not_work_the_desk_reads_no_figures(busy: TestDesk) -> None:
    assert "Asked" not in await busy.says("/ticket stats", "one")
    assert "reference" not in await busy.says("/ticket export", "one")


async def test_leads_export_tickets_that_no_spreadsheet_runs(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.appoint("lea", Role.LEAD)
    await desk.says('/ticket new =HYPERLINK("https://evil.example","x") printer', "one")
    refused = await desk.says("/ticket export", "desk-tess", who="tess", language=Language.EN)
    assert "HYPERLINK" not in refused
    said = await desk.says("/ticket export", "desk-lea", who="lea", language=Language.EN)
    header, row = said.splitlines()[1:3]
    assert header.startswith("reference,title,status")
    assert row.startswith('T1,"\'=HYPERLINK(""https://evil.example"",""x"") printer",open,')


async def test_a_ticket_that_no_question_came_before_is_none_of_a_question(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new the coffee machine is out of beans", "one")
    await desk.says(NOWHERE, "two", who="bob")
    await desk.says("yes", "two", who="bob")
    first, second = await desk.tickets()
    (question,) = await desk.storage.unit_of_work().knowledge.asked()
    assert (first.question_id, second.question_id) == (None, question.message_id)
    said = await desk.says("/ticket stats", "desk-tess", who="tess", language=Language.EN)
    assert "Asked: 1 ·" in said and "• of these, without a question before: 1" in said
