"""Direct messages that a program sends by itself: none to who never asked the desk for anything."""

from datetime import timedelta

import pytest

from bot.contact import natives
from bot.contact.proving import become_author
from bot.model.contact import ContactVisit
from bot.model.conversations import AwaitsConfirmation, Conversation
from bot.model.ids import new_id
from bot.model.messages import ConversationRef, Identity
from bot.model.values import Audience, Language
from jobs.close_resolved import close_resolved
from jobs.send_surveys import send_surveys
from jobs.tell_problems import tell_problems
from tests.public.stage import ANNOUNCED, Stage

URGENT = {"en": "My account was hacked, help!", "fr": "Mon compte a été piraté, au secours !"}
ROOM = "desk-tess"
EVERYTHING = """/ticket merge T1 T2
/ticket unmerge T1
/ticket claim T1
/ticket undo T1
/ticket resolve T1 Reset.
/ticket reopen T1
/ticket claim T1
/ticket not-a-request T1
/ticket undo T1
/ticket close T1
/ticket undo T1
/ticket merge T1 T2
/ticket undo T1
/ticket merge T1 T2
/ticket claim T2
/ticket resolve T2 All is well.""".splitlines()
UNTOLD = "Nobody is told"


async def a_ticket(stage: Stage, text: str = URGENT["en"], **options: object) -> None:
    """T1, of an urgent post of Ada's; Tess has claimed it."""
    await stage.posts(text, **{"found_by": "hashtag", **options})
    [ticket] = await stage.tickets()
    assert (ticket.reference, (await stage.last()).ticket_id) == ("T1", ticket.id)
    await tess(stage, "/ticket claim T1")


async def tess(stage: Stage, text: str, language: str = "en") -> str:
    stage.later(seconds=60)
    return await stage.desk.says(text, ROOM, who="tess", language=Language(language))


async def ada(stage: Stage, text: str) -> str:
    stage.later(seconds=60)
    return await stage.desk.says(text, "ada")


async def place_of(stage: Stage, ref: ConversationRef) -> Conversation:
    async with stage.desk.storage.unit_of_work() as uow:
        found = await uow.conversations.by_ref(ref)
    assert found
    return found


async def direct(stage: Stage) -> Conversation:
    return await place_of(stage, ConversationRef("test", "T", "ada"))


@pytest.mark.parametrize(
    ("language", "claimed", "resolved"),
    [("en", "The asker is not told", "Nobody is told"),
     ("fr", "Le demandeur n’en est pas informé", "Personne n’en est informé")],
)  # fmt: skip
async def test_who_only_used_a_hashtag_reads_nothing_that_the_desk_says_by_itself(
    stage: Stage, language: str, claimed: str, resolved: str
) -> None:
    await stage.posts(URGENT[language], found_by="hashtag")
    assert claimed in await tess(stage, "/ticket claim T1", language)
    assert resolved in await tess(stage, "/ticket resolve T1 Reset.", language)
    undone = await stage.desk.says("/ticket undo T1", ROOM, who="tess", language=Language(language))
    assert "T1" in undone and resolved in undone
    await tess(stage, "/ticket resolve T1 Reset.")
    assert stage.desk.posts("ada") == [] and stage.said() == []
    assert (await direct(stage)).matter.pending is None, "no yes or no is waited for there"


async def test_nor_what_else_befalls_the_ticket(stage: Stage) -> None:
    await a_ticket(stage)
    await stage.desk.says("/ticket new the same again", "bob", who="bob")
    for command in EVERYTHING:
        # What is undone is undone at once.
        await (stage.desk.says(command, ROOM, who="tess") if "undo" in command else tess(stage, command))
    assert stage.desk.posts("ada") == []
    assert "All is well." in stage.desk.posts("bob")[-1], "who asked is told"


async def test_nor_the_silence_that_follows_nor_a_survey(stage: Stage) -> None:
    await a_ticket(stage)
    await tess(stage, "/ticket resolve T1 Reset.")
    stage.later(days=9)
    assert await close_resolved(stage.desk.services, timedelta(days=7)) == 1
    stage.later(days=2)
    await send_surveys(stage.desk.services)
    await stage.desk.settle()
    assert stage.desk.posts("ada") == []


async def test_nor_an_announced_problem(stage: Stage) -> None:
    await a_ticket(stage)
    await tess(stage, ANNOUNCED)
    await stage.desk.clicks("ticket_problem", room=ROOM, who="tess")
    await tess(stage, "/ticket problem join P1 T1")
    await told(stage)
    await tess(stage, "/ticket problem end P1\nen: SC-7 was replaced.\npublic en: The sorting works again.")
    await stage.desk.clicks("ticket_problem", room=ROOM, who="tess")
    await told(stage)
    [ticket] = await stage.tickets()
    assert ticket.status == "resolved"
    assert stage.desk.posts("ada") == []
    assert (await direct(stage)).matter.pending is None


async def told(stage: Stage) -> None:
    stage.later(seconds=60)
    await tell_problems(stage.desk.services)
    await stage.desk.settle()


async def test_who_then_writes_a_direct_message_is_told(stage: Stage) -> None:
    await a_ticket(stage)
    await ada(stage, "It was on Monday")
    said = await tess(stage, "/ticket resolve T1 Reset.")
    assert UNTOLD not in said
    assert "Is it fixed for you?" in stage.desk.posts("ada")[-1]
    assert (await direct(stage)).matter.pending == AwaitsConfirmation("T1")


async def test_after_a_technicians_own_words_the_end_is_told(stage: Stage) -> None:
    await a_ticket(stage)
    await tess(stage, "/ticket reply T1 We have locked it.")
    assert "We have locked it." in stage.desk.posts("ada")[-1], "a person may write"
    await tess(stage, "/ticket resolve T1 Reset.")
    assert "Is it fixed for you?" in stage.desk.posts("ada")[-1]


async def test_who_wants_no_programs_hears_of_people_alone(stage: Stage) -> None:
    await a_ticket(stage, found_by="mention", no_bots=True)
    assert (await stage.last()).because == "no_bots"
    assert stage.desk.posts("ada") == []
    await tess(stage, "/ticket reply T1 We have locked it.")
    assert UNTOLD in await tess(stage, "/ticket resolve T1 Reset.")
    [only] = stage.desk.posts("ada")
    assert "We have locked it." in only
    await ada(stage, "T1 is still not mine")
    await tess(stage, "/ticket resolve T1 It is yours again.")
    assert "Is it fixed for you?" in stage.desk.posts("ada")[-1], "they have written there"


async def test_who_names_the_account_is_told_as_before(stage: Stage) -> None:
    await a_ticket(stage, found_by="mention")
    assert "Tess is taking care of T1" in stage.desk.posts("ada")[-1]
    await tess(stage, "/ticket resolve T1 Reset.")
    assert "Is it fixed for you?" in stage.desk.posts("ada")[-1]


async def test_one_post_that_names_the_account_is_enough(stage: Stage) -> None:
    await a_ticket(stage)
    await stage.posts("@desk My account was hacked, do something!", root="s1")
    await tess(stage, "/ticket resolve T1 Reset.")
    assert "Is it fixed for you?" in stage.desk.posts("ada")[-1]


async def test_who_takes_the_private_way_is_told_there(stage: Stage) -> None:
    await a_ticket(stage)
    post, now = await stage.last(), stage.desk.clock()
    visitor = Identity("web", "site", natives.native_id("a browser", post.id))
    chat = ConversationRef("web", "site", visitor.native_id)
    visit = ContactVisit("a browser", new_id(), new_id(), now, now, post.id, language=Language.EN)
    assert await become_author(stage.desk.services, visit, visitor, chat)
    assert UNTOLD not in await tess(stage, "/ticket resolve T1 Reset.")
    assert stage.desk.posts("ada") == []
    [row] = await stage.desk.storage.outbox.of_conversation(chat)
    assert "Is it fixed for you?" in row.document.text
    assert (await place_of(stage, chat)).matter.pending == AwaitsConfirmation("T1")


@pytest.mark.parametrize("stops", [False, True])
async def test_that_a_problem_was_no_problem_is_said_in_private_to_who_may_be_told(stage: Stage, stops: bool) -> None:
    await tess(stage, ANNOUNCED)
    await stage.desk.clicks("ticket_problem", room=ROOM, who="tess")
    asked = "Why are all parcels from Lyon late again? This is awful"
    stage.desk.clock.forward(seconds=2)
    assert "known problem" in await stage.posts(f"@desk {asked}", who="bob")
    assert "sorting" in await stage.desk.says(asked, "ada", audience=Audience.PUBLIC)
    if stops:
        stage.desk.clock.forward(seconds=2)
        await stage.desk.says("stop", "ada", audience=Audience.PUBLIC)
    before, in_public = stage.desk.posts("ada"), stage.said()
    stage.desk.clock.forward(seconds=2)
    await stage.desk.says("/ticket problem undo P1", ROOM, who="tess")
    assert len(stage.desk.posts("ada")) == len(before) + (0 if stops else 1)
    assert stage.said() == in_public
    async with stage.desk.storage.unit_of_work() as uow:
        problem = await uow.problems.by_number(1)
    assert problem and problem.announced_at is None
