"""An outage from the first word to the last: drafted, previewed, announced, told of, ended."""

import pytest

from jobs.tell_problems import anybody_to_tell
from tests.engine.outage import ASKERS, DRAFT, TECHNICIAN_ROOM, Outage, open_tickets, problem, subscriptions

SECRET = "GW-7"


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


async def test_what_was_drafted_is_a_button_away(outage: Outage) -> None:
    await outage.command(DRAFT)
    assert "not sent yet" in await outage.command("/ticket problem P1")
    assert "To announce: P1" in await outage.presses("ticket_problem", TECHNICIAN_ROOM, "tess", sub="preview")


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
