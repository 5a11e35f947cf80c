"""An outage from the first word to the last: drafted, previewed, announced, told of, ended; each person told once."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from bot.errors import StorageUnavailable
from bot.model.messages import ConversationRef
from bot.model.tickets import Problem, ProblemSubscription
from bot.model.values import Audience, ClosedReason, TicketStatus
from bot.problems import telling
from jobs.suggest_problems import suggest_problems
from jobs.tell_problems import anybody_to_tell, tell_problems
from tests.engine.desk import TestDesk
from tests.engine.outage import ASKERS, DRAFT, TECHNICIAN_ROOM, Outage

SECRET = "GW-7"


@pytest.fixture
async def outage(desk: TestDesk) -> AsyncIterator[Outage]:
    await desk.appoint("tess")
    await desk.appoint("tom")
    yield Outage(desk)


async def problem(outage: Outage, number: int = 1) -> Problem:
    async with outage.desk.storage.unit_of_work() as uow:
        found = await uow.problems.by_number(number)
    assert found is not None
    return found


async def subscriptions(outage: Outage) -> list[ProblemSubscription]:
    async with outage.desk.storage.unit_of_work() as uow:
        found = await uow.problems.by_number(1)
        return await uow.problems.subscriptions(found.id) if found else []


async def open_tickets(outage: Outage, *texts: str, first: str = "p") -> None:
    """A ticket each, of people who are told of nothing."""
    for number, text in enumerate(texts, 1):
        room, who = f"{first}{number}", f"{first}{number}"
        await outage.says(text, room, who)
        if not any(ticket.title == text for ticket in await outage.desk.tickets()):
            await outage.presses("human", room, who, value="")


async def test_six_askers_on_two_platforms_are_told_and_told_again_when_it_is_over(outage: Outage) -> None:
    await outage.announce()
    told = await outage.all_ask()
    assert all("We know about this" in told[place] for place in (("test", "r1"), ("test", "r3"), ("other", "s1")))
    assert all("nous y travaillons" in told[place] for place in (("test", "r2"), ("other", "s2"), ("other", "s3")))
    assert "Je vous dirai ici" in await outage.says("prévenez-moi svp", "r2", "bob")
    assert "I will tell you here" in await outage.presses("problem_subscribe", "s1", "dot", platform="other")

    await outage.command("/ticket problem update P1 | en: GW-7 restarts at two. | fr: GW-7 redémarre à 14 h.")
    await outage.confirm()
    news = outage.to(await outage.tell())
    assert news.keys() == {("test", "r2"), ("other", "s1")}, "news are for those who wish for them"
    assert "redémarre" in news["test", "r2"][0] and "restarts" in news["other", "s1"][0]

    await outage.command("/ticket problem end P1 | en: It was a disk. | public fr: Tout est rétabli.")
    await outage.confirm()
    over = outage.to(await outage.tell())
    assert over.keys() == ASKERS.keys()
    assert all(len(texts) == 1 for texts in over.values())
    assert "disk" in over["test", "r1"][0] and "disk" in over["other", "s1"][0]
    assert "rétabli" in over["test", "r3"][0] and "rétabli" in over["other", "s2"][0]
    assert not any(
        SECRET in text or "disk" in text for place in (("test", "r3"), ("other", "s2")) for text in over[place]
    )
    assert not await anybody_to_tell(outage.desk.services)
    assert "VPN down" not in await outage.says("the vpn wont connect", "r9", "zoe"), "it is over"
    print(outage.transcript)


async def test_nothing_is_sent_before_the_preview_is_confirmed(outage: Outage) -> None:
    shown = await outage.command(DRAFT)
    assert "Nothing is sent yet" in shown and "people" in shown.lower()
    assert SECRET not in await outage.says("the vpn wont connect from home", "r1", "ann")
    assert await outage.tell() == []
    await outage.presses("ticket_problem", TECHNICIAN_ROOM, "tess", sub="drop")
    assert (await problem(outage)).draft is None
    assert "nothing to send" in await outage.command("/ticket problem send P1")


async def test_what_was_previewed_is_what_is_read(outage: Outage) -> None:
    await open_tickets(outage, "the vpn wont connect from home", "mon vpn ne marche plus depuis ce matin")
    await outage.command("/ticket problem make T1 T2")
    shown = await outage.command(DRAFT.replace("announce VPN down", "announce P1 VPN down"))
    assert "sent to: 2" in shown
    await outage.confirm()
    for texts in outage.to(await outage.tell()).values():
        assert all(text in shown for text in texts)
    asked = await outage.says("cannot connect to the vpn", "r1", "ann")
    assert asked in shown
    shown = await outage.command("/ticket problem end P1")
    assert "T1, T2" in shown and "sent to: 3" in shown
    await outage.confirm()
    for texts in outage.to(await outage.tell()).values():
        assert all(text in shown for text in texts)


async def test_a_button_of_an_earlier_preview_sends_nothing(outage: Outage) -> None:
    await outage.command(DRAFT)
    early = outage.value("ticket_problem", "test", TECHNICIAN_ROOM, "send")
    await outage.command("/ticket problem announce P1 en: Something else entirely.")
    answer = await outage.presses("ticket_problem", TECHNICIAN_ROOM, "tess", value=early)
    assert "rewritten" in answer and "Something else entirely." in answer
    assert (await problem(outage)).announced_at is None


async def test_an_announcement_is_taken_back_and_who_heard_it_hears_that(outage: Outage) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    assert "not announced" in await outage.presses("ticket_problem", TECHNICIAN_ROOM, "tess", sub="undo")
    assert "was a mistake" in outage.desk.posts("r1")[-1]
    assert SECRET not in await outage.says("cannot connect to the vpn", "r2", "bob")
    assert await outage.tell() == []
    await outage.command("/ticket problem send P1")
    assert SECRET in await outage.says("my vpn fails", "r3", "cem"), "the draft was kept"


async def test_an_end_is_taken_back_before_anybody_hears_of_it(outage: Outage) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    await outage.tell()
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    outage.desk.clock.forward(seconds=20)
    assert "goes on" in await outage.command("/ticket problem undo P1")
    assert await outage.tell(60) == []
    assert (await problem(outage)).is_announced


async def test_after_half_a_minute_it_is_too_late_to_take_it_back(outage: Outage) -> None:
    await outage.announce()
    outage.desk.clock.forward(seconds=30)
    assert "too late" in await outage.command("/ticket problem undo P1")
    assert (await problem(outage)).is_announced


async def test_joined_tickets_are_told_and_resolved_with_it_unless_unjoined(outage: Outage) -> None:
    await open_tickets(outage, "the vpn wont connect from home", "cannot reach the vpn", "vpn licence is missing")
    await outage.announce()
    shown = await outage.command("/ticket problem join P1 T1 T2 T3")
    assert SECRET in shown, "the technician reads what the askers will read"
    assert outage.to(await outage.settle()) == {}
    await outage.command("/ticket problem unjoin T3")
    told = outage.to(await outage.tell())
    assert told.keys() == {("test", "p1"), ("test", "p2")}
    await outage.command("/ticket problem end P1 The gateway was replaced.")
    await outage.confirm()
    over = outage.to(await outage.tell())
    assert over.keys() == {("test", "p1"), ("test", "p2")}
    assert "Is it fixed for you?" in over["test", "p1"][0] and "replaced" in over["test", "p1"][0]
    assert [one.status for one in await outage.desk.tickets()] == [
        TicketStatus.RESOLVED,
        TicketStatus.RESOLVED,
        TicketStatus.OPEN,
    ]
    await outage.says("yes", "p1", "p1")
    await outage.says("no, still nothing", "p2", "p2")
    first, second, _ = await outage.desk.tickets()
    assert (first.closed_reason, second.status) == (ClosedReason.CONFIRMED, TicketStatus.OPEN)
    assert outage.to(await outage.tell()) == {}, "who is not settled is not told again"


async def test_a_ticket_of_somebody_who_was_told_joins_by_itself(outage: Outage) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    await outage.presses("human", "r1", "ann", value="")
    (ticket,) = await outage.desk.tickets()
    assert ticket.problem_id == (await problem(outage)).id
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    assert len(outage.to(await outage.tell())["test", "r1"]) == 1


async def test_what_is_urgent_is_told_of_the_problem_instead_of_one_more_ticket(outage: Outage) -> None:
    await outage.announce()
    assert SECRET in await outage.says("URGENT!!! the vpn is down, nobody can work", "r1", "ann")
    assert await outage.desk.tickets() == []


@pytest.mark.parametrize(
    "text",
    [
        "i forgot my password",
        "my printer is jammed",
        "wifi code for a visitor",
        "somebody stole my laptop",
        "the van is broken",
        "mon forfait mobile est épuisé",
    ],
)
async def test_a_different_matter_is_not_told_of_it(outage: Outage, text: str) -> None:
    await outage.announce()
    assert SECRET not in await outage.says(text, "r1", "ann")


@pytest.mark.parametrize("text", ["vnp is down", "le V.P.N. VPN ne marche pas", "Ｖpn vpn down", "VPNs do not connect"])
async def test_a_mistyped_word_is_told_of_it(outage: Outage, text: str) -> None:
    await outage.announce()
    assert SECRET in await outage.says(text, "r1", "ann")


async def test_who_asks_how_something_is_done_reads_the_article_too(outage: Outage) -> None:
    await outage.announce()
    answer = await outage.says("how do i connect to the vpn", "r1", "ann")
    assert SECRET in answer and answer.index(SECRET) < answer.index("VPN", answer.index(SECRET) + 40)
    assert outage.desk.button("worked", "r1").value


async def test_something_else_is_looked_up_and_told_no_more(outage: Outage) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    answer = await outage.presses("problem_other", "r1", "ann")
    assert SECRET not in answer and "VPN" in answer
    await outage.says("no", "r1", "ann")
    assert SECRET not in await outage.says("the vpn says error 809", "r1", "ann")
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    assert outage.to(await outage.tell()) == {}


@pytest.mark.parametrize(
    ("text", "said"), [("no thanks", "As you like"), ("c'est autre chose", "VPN"), ("yes please", "I will tell")]
)
async def test_words_do_what_the_buttons_do(outage: Outage, text: str, said: str) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    assert said in await outage.says(text, "r1", "ann")


class Breaking:
    """A storage whose process dies at a commit: the one numbered `at`."""

    def __init__(self, storage: Any, at: int) -> None:
        self._storage = storage
        self.left = at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def unit_of_work(self) -> Any:
        breaking, unit = self, self._storage.unit_of_work()

        class Unit:
            def __getattr__(self, name: str) -> Any:
                return getattr(unit, name)

            async def __aenter__(self) -> Any:
                await unit.__aenter__()
                return self

            async def __aexit__(self, *error: Any) -> None:
                await unit.__aexit__(*error)

            async def commit(self) -> None:
                breaking.left -= 1
                if breaking.left == 0:
                    raise StorageUnavailable("gone")
                await unit.commit()

        return Unit()


@pytest.mark.parametrize("dies_at", [1, 2, 3, 5, 7, 8])
async def test_a_run_that_is_broken_off_is_finished_by_the_next_and_tells_nobody_twice(
    outage: Outage, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    monkeypatch.setattr(telling, "PORTION", 1)
    await open_tickets(outage, "cannot reach the vpn")
    await outage.announce()
    await outage.all_ask()
    await outage.command("/ticket problem join P1 T1")
    await outage.tell()
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    outage.desk.clock.forward(seconds=31)
    storage, services = outage.desk.storage, outage.desk.services
    object.__setattr__(services, "storage", Breaking(storage, dies_at))
    with suppress(StorageUnavailable):
        await tell_problems(services)
    object.__setattr__(services, "storage", storage)
    first = await outage.settle()
    await tell_problems(services)
    await tell_problems(services)
    over = outage.to([*first, *await outage.settle()])
    assert over.keys() == {*ASKERS, ("test", "p1")}
    assert all(len(texts) == 1 for texts in over.values())


async def test_two_runs_at_once_tell_nobody_twice(outage: Outage) -> None:
    await outage.announce()
    await outage.all_ask()
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    outage.desk.clock.forward(seconds=31)
    for _ in range(2):
        await asyncio.gather(*(tell_problems(outage.desk.services) for _ in range(3)))
    over = outage.to(await outage.settle())
    assert over.keys() == ASKERS.keys()
    assert all(len(texts) == 1 for texts in over.values())


async def test_internal_words_reach_no_public_conversation(outage: Outage) -> None:
    """Whatever is done in whatever order: random steps, of which the public rooms show no internal word."""
    chance = random.Random(7)
    commands = (
        "announce P1 en: GW-7 again | category: network | words: vpn",
        "update P1 en: GW-7 is slow | workaround en: avoid GW-7",
        "update P1 fr: GW-7 est lent",
        "update P1 public fr: C'est plus lent",
        "end P1 en: GW-7 replaced",
        "end P1",
        "send P1",
        "send P1",
        "send P1",
        "undo P1",
        *(f"{what} T{number}" for number in range(1, 5) for what in ("join P1", "unjoin")),
    )
    await outage.command(DRAFT.replace("announce VPN down", f"announce VPN {SECRET} down"))
    for _ in range(120):
        (platform, room), (who, text, audience) = chance.choice(list(ASKERS.items()))
        match chance.randrange(4):
            case 0:
                await outage.says(text, room, who, audience, platform)
            case 1 if chance.random() < 0.3:
                await outage.says("i want to talk to a human", room, who, audience, platform)
            case 2:
                await outage.tell(chance.choice((1, 31)))
            case _:
                await outage.command(f"/ticket problem {chance.choice(commands)}")
    await outage.tell()
    public = {place for place, (_, _, audience) in ASKERS.items() if audience is Audience.PUBLIC}
    said = outage.to([*outage.desk.wire.posted, *outage.other.posted])
    assert any(SECRET in text for place in said.keys() - public for text in said[place]), "there was something to hide"
    assert not [text for place in public for text in said[place] if SECRET in text]


async def test_several_tickets_that_read_alike_are_suggested_once(outage: Outage) -> None:
    texts = ("VPN is down, error 809", "vpn keeps failing with error 809 today", "the vpn shows error 809")
    await open_tickets(outage, *texts[:2])
    assert await suggest_problems(outage.desk.services) == 0
    await open_tickets(outage, texts[2], "my mailbox is full", first="q")
    assert await suggest_problems(outage.desk.services) == 1
    assert await suggest_problems(outage.desk.services) == 0
    await outage.settle()
    (said,) = [text for text in outage.desk.posts("desk") if "read alike" in text]
    assert all(f"T{number}" in said for number in (1, 2, 3)) and "T4" not in said
    await open_tickets(outage, "error 809 of the vpn", first="s")
    assert await suggest_problems(outage.desk.services) == 0, "the group has only grown"
    answer = await outage.presses("ticket_problem", "desk", "tess", sub="make")
    assert "joined P1" in answer
    assert [bool(ticket.problem_id) for ticket in await outage.desk.tickets()][:3] == [True, True, True]
    assert (await problem(outage)).words


async def test_a_ticket_that_reads_like_a_known_problem_is_offered_to_join_it_once(outage: Outage) -> None:
    await open_tickets(outage, "the vpn wont connect from home")
    await outage.announce()
    assert await suggest_problems(outage.desk.services) == 1
    assert await suggest_problems(outage.desk.services) == 0
    await outage.settle()
    await outage.presses("ticket_problem", "desk", "tess", sub="join")
    (ticket,) = await outage.desk.tickets()
    assert ticket.problem_id == (await problem(outage)).id
    assert "Part of P1" in await outage.command("/ticket show T1")
    assert "Part of P1" not in await outage.says("/ticket show T1", "p1", "p1")


async def test_what_is_not_the_same_is_not_suggested_again(outage: Outage) -> None:
    await open_tickets(outage, "VPN is down, error 809", "vpn keeps failing with error 809", "the vpn shows error 809")
    assert "read alike" in await outage.command("/ticket problem suggest")
    await outage.presses("ticket_problem", TECHNICIAN_ROOM, "tess", sub="different")
    assert "No open tickets" in await outage.command("/ticket problem suggest")
    assert await suggest_problems(outage.desk.services) == 0


async def test_tickets_of_different_hours_are_not_suggested(outage: Outage) -> None:
    for number, text in enumerate(("VPN is down, error 809", "vpn fails with error 809", "the vpn shows error 809")):
        await open_tickets(outage, text, first=f"h{number}")
        outage.desk.clock.forward(minutes=40)
    assert await suggest_problems(outage.desk.services) == 0


@pytest.mark.parametrize(
    "text",
    [
        "announce",
        "announce P99 en: x",
        "announce P1 en:",
        "announce workaround fr: x",
        "announce x | category: nowhere",
        "announce zzz qqq",
        "update P1",
        "update P1 en: x",
        "end P1",
        "end",
        "send P1 000000000000",
        "send P99999999999999999999",
        "undo P1",
        "drop P1",
        "join P1",
        "join P1 T99",
        "join P1 T" + "9" * 30,
        "unjoin T1",
        "make",
        "P0",
        "P",
        "nonsense",
        "announce <script>alert(1)</script> en: *bold* _x_ [l](http://e) | category: network",
        "announce \x00\u202e en: \ud800x | category: network",
        "announce " + "é" * 4000,
    ],
)
async def test_odd_input_is_answered_and_tells_nobody(outage: Outage, text: str) -> None:
    await outage.says("the vpn wont connect from home", "r1", "ann")
    before = len(outage.desk.posts("r1"))
    answer = await outage.command(f"/ticket problem {text}")
    assert answer and "went wrong" not in answer
    await outage.tell()
    assert len(outage.desk.posts("r1")) == before


async def test_an_employee_announces_nothing(outage: Outage) -> None:
    await outage.command(DRAFT)
    button = outage.value("ticket_problem", "test", TECHNICIAN_ROOM, "send")
    for answer in (
        await outage.says("/ticket problem send P1", "r1", "ann"),
        await outage.says("/ticket problem", "r1", "ann"),
        await outage.presses("ticket_problem", "r1", "ann", value=button),
    ):
        assert "for technicians" in answer
    for value in ("P1", "P99", "", "P" + "9" * 20, "T1", "x" * 3000):
        answer = await outage.presses("problem_subscribe", "r2", "bob", value=value)
        assert "earlier answer" in answer
    assert (await problem(outage)).announced_at is None
    assert await subscriptions(outage) == []


async def test_the_desks_other_rooms_hear_of_each_step(outage: Outage) -> None:
    await outage.announce()
    assert any("Tess announced P1" in text for text in outage.desk.posts("desk"))


async def test_what_there_is_is_listed_and_shown(outage: Outage) -> None:
    assert "No problem is known" in await outage.command("/ticket probleme")
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    assert "VPN down" in await outage.command("/ticket problem list")
    page = await outage.command("/ticket problem P1")
    assert "vpn" in page and SECRET in page and "announced" in page
    assert "remote" in await outage.command("/ticket problem update P1 words: vpn, remote access")


async def test_a_conversation_that_a_stranger_joins_reads_only_what_a_stranger_may(outage: Outage) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    await outage.says("and the vpn still does not connect", "r1", "ann", Audience.PUBLIC)
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    (text,) = outage.to(await outage.tell())["test", "r1"]
    assert "VPN down" not in text


async def test_conversations_of_nobody_are_not_told(outage: Outage) -> None:
    await outage.announce()
    async with outage.desk.storage.unit_of_work() as uow:
        assert await uow.conversations.by_ref(ConversationRef("test", "T", "r1")) is None
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    assert outage.to(await outage.tell()) == {}
