"""Digests as they are read, beside this file.

GUICHET_WRITE_TRANSCRIPTS=1 writes them anew, to be read before they are committed.
"""

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bot.digest.gathering import Days
from bot.digest.writing import LINES
from bot.model.documents import Document, Paragraph
from bot.model.ids import new_id
from bot.model.knowledge import GapGroup, KnowledgeGap, Phrasing
from bot.model.ledger import Delivery
from bot.model.values import Audience, ClosedReason, Language, OutboxState, TicketStatus
from tests.contract.storage.makers import article
from tests.digest.scene import DAY, MONDAY, PARIS, Scene, at

GOLDEN = Path(__file__).parent / "golden"


def compared(said: str, name: str) -> None:
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GUICHET_WRITE_TRANSCRIPTS"):
        file.write_text(said, encoding="utf-8")
    assert said == file.read_text(encoding="utf-8")
    assert len(said.split("\n\n")[0].splitlines()) <= LINES


def busy(scene: Scene) -> None:
    scene.asks("How do I connect to the VPN from home?", at(10), 12)
    scene.asks("How do I connect to the VPN from home?", at(3), 8)
    scene.asks("Hello, the printer on floor 2 prints blank pages", at(12, 15), 7, outcome="lost", confirmed=None)
    scene.asks("How do I reset my password?", at(13, 11), 3, confirmed=None)
    scene.asks("Where do I find my payslip?", at(5), 4)
    scene.opens("Nobody in building B has a network", at(12), at(12, 12))
    scene.opens("The badge reader is dead", at(13, 14), at(16, 8))
    scene.opens("New screen for the meeting room", at(13, 16), at(17, 12))
    for hour in range(5):
        scene.closed(at(11, 9 + hour))
    scene.closed(at(11, 16), ClosedReason.SILENT)
    done = scene.closed(at(4))
    scene.lacks("The printer on floor 2 prints blank pages", at(12, 15), 7)
    scene.lacks("How do I book a parking space?", at(9), 2)
    scene.holds(at(14, 18))
    scene.holds(at(15, 9.5))
    scene.writes_up("The access point in building B restarts by itself", done, at(12))
    scene.writes_up("Blank pages on floor 2", done, at(13), "draft")


@pytest.mark.parametrize("language", list(Language))
async def test_a_busy_week(scene: Scene, language: Language) -> None:
    busy(scene)
    digest = await scene.digest()
    compared(scene.said(digest, language), f"busy.{language}")
    compared(scene.writer(language).alternative(digest) + "\n", f"busy.chart.{language}")


@pytest.mark.parametrize("language", list(Language))
async def test_a_quiet_week_is_one_line_and_nothing_below(scene: Scene, language: Language) -> None:
    scene.asks("How do I connect to the VPN from home?", at(3))
    digest = await scene.digest()
    assert digest.is_quiet and scene.writer(language).details(digest) is None
    assert len(scene.message(digest, language)) == 1
    compared(scene.said(digest, language), f"quiet.{language}")


async def test_a_week_without_questions_in_which_something_waits_is_not_quiet(scene: Scene) -> None:
    scene.opens("New screen for the meeting room", at(5), at(6))
    compared(scene.said(await scene.digest()), "waiting.en")


async def test_nothing_late(scene: Scene) -> None:
    scene.asks("How do I connect to the VPN from home?", at(10), 3)
    scene.closed(at(11))
    compared(scene.said(await scene.digest()), "nothing_late.en")


@pytest.mark.parametrize("language", list(Language))
async def test_forty_late_tickets_are_one_line_and_half_of_them_below(scene: Scene, language: Language) -> None:
    busy(scene)
    for number in range(38):
        scene.opens(f"Trouble number {number}", at(9, number / 4), at(10, number / 4))
    digest = await scene.digest()
    assert digest.late_count == 40 and len(digest.late) == 20
    compared(scene.said(digest, language), f"forty_late.{language}")


@pytest.mark.parametrize("language", list(Language))
async def test_the_day_after_a_holiday_tells_of_the_days_since_the_last_working_one(
    scene: Scene, language: Language
) -> None:
    """Armistice Day, 11 November, is a Wednesday."""
    scene.desk.clock.at = scene.now = at(12, 9)
    scene.asks("How do I connect to the VPN from home?", at(10), 2)
    scene.asks("How do I connect to the VPN from home?", at(3), 3)
    scene.opens("Nobody in building B has a network", at(11, 20), at(12, 12))
    days = Days(date(2026, 11, 10), date(2026, 11, 11), PARIS)
    compared(scene.said(await scene.digest("daily", days), language), f"after_a_holiday.{language}")


HOSTILE = (
    "\u202eABC\u202c **bold** _it_ `code` [link](https://evil.example) <!channel> @mallory@evil.example please",
    "مرحبا كيف أتصل بالشبكة من المنزل؟",
    "call me on +33 6 12 34 56 78 or a\u200bda@acme.example\nAda Lovelace",
)


async def test_hostile_words_in_what_was_asked_most(scene: Scene) -> None:
    for text in HOSTILE:
        scene.asks(text, at(10), 3)
    scene.opens(HOSTILE[0], at(12), at(12, 12), status=TicketStatus.OPEN)
    scene.lacks(HOSTILE[2], at(12), 3)
    digest = await scene.digest()
    said = scene.said(digest)
    for harm in ("\u202e", "\u200b", "@mallory", "evil.example/", "Lovelace", "12 34", "acme.example"):
        assert harm not in said
    compared(said, "hostile.en")
    shown = " ".join(one.text for one in scene.writer().message(digest).blocks if one.type == "paragraph")
    assert "\\*\\*bold" in shown and "\\<!channel\\>" in shown, "and none of it is markup"


async def test_numbers_and_times_are_those_of_the_language_and_the_leads_zone(scene: Scene) -> None:
    montreal = ZoneInfo("America/Montreal")
    scene.holds(at(14, 18))
    digest = await scene.digest(days=Days(MONDAY - 7 * DAY, MONDAY - DAY, montreal))
    assert "14 Nov 12:00" in scene.said(digest, zone=montreal)
    assert "14 Nov 18:00" in scene.said(digest)
    assert digest.this.span.since == at(9, 6), "midnight in Montreal"


async def test_what_was_learnt_and_what_went_wrong_is_that_of_these_days(scene: Scene) -> None:
    async def keep(*records: Phrasing | GapGroup | KnowledgeGap | Delivery) -> None:
        async with scene.storage.unit_of_work() as uow:
            for one in records:
                uow.outbox.add(one) if isinstance(one, Delivery) else uow.knowledge.add(one)
            await uow.commit()

    async with scene.storage.unit_of_work() as uow:
        uow.knowledge.put(article("network/vpn"))
        await uow.commit()
    for day, approved in ((8, True), (10, True), (11, True), (12, False), (16, True)):
        id = replace_time(new_id(), at(day))
        await keep(Phrasing("network/vpn", f"vpn {day}", Language.EN, "confirmed", approved, id))
    for number, day in enumerate((8, 12), 1):
        group = GapGroup(number, "parking", Language.EN, None, at(5), state="written", changed_at=at(day))
        await keep(group, KnowledgeGap("parking", Language.EN, Audience.INTERNAL, at(5), None, group_id=group.id))
    for day in (1, 14):
        sent = Delivery(scene.place.ref, Document((Paragraph("Hello"),)), f"d{day}", id=replace_time(new_id(), at(day)))
        await keep(replace(sent, state=OutboxState.FAILED))
    digest = await scene.digest()
    assert (digest.learnt.phrasings, digest.learnt.articles, len(digest.stuck)) == (2, 1, 1)
    lines = scene.message(digest)
    assert "1 message could not be handled or sent. /ticket stats queue" in lines
    assert lines[-1] == "Learnt: 2 new ways to ask, 1 missing article written"
    assert not digest.is_quiet


def replace_time(id: UUID, made: datetime) -> UUID:
    """The same id, made at another time."""
    milliseconds = int(made.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | id.int & (1 << 80) - 1)
