"""Questions for the asker's eyes only, and what they share with the room."""

from dataclasses import replace

import pytest

from bot.model.documents import Actions
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingClick, IncomingMessage, MessageKey
from bot.model.values import Audience, Visibility
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"
OFFICE = ConversationRef("test", "T", "office")
ASKED = ConversationRef("test", "T", "ada", "ask:office:1")


def quiet(desk: TestDesk, text: str = JAM, among: Audience = Audience.INTERNAL) -> IncomingMessage:
    message = desk.message(text, "ada", thread=ASKED.thread, private=False, mentioned=True)
    return replace(message, quiet=True, asked_in=OFFICE, asked_among=among)


async def asks(desk: TestDesk, text: str = JAM, among: Audience = Audience.INTERNAL) -> Delivery:
    await desk.receive(quiet(desk, text, among))
    (answer,) = [one for one in await desk.settle() if one.conversation.room == "ada"]
    return answer


def button(answer: Delivery) -> str | None:
    pressable = [b for block in answer.document.blocks if isinstance(block, Actions) for b in block.buttons]
    return next((one.value for one in pressable if one.action == "share"), None)


async def shares(desk: TestDesk, value: str | None, audience: Audience = Audience.INTERNAL) -> list[Delivery]:
    key = MessageKey("test", "T", "click", str(new_id()))
    ada = Identity("test", "T", "ada", "Ada")
    await desk.receive(IncomingClick(key, ASKED, ada, "share", value or "", desk.clock(), audience))
    return await desk.settle()


def in_office(posted: list[Delivery]) -> list[str]:
    return [one.document.text for one in posted if one.conversation == OFFICE]


async def test_the_answer_is_for_who_asked_and_what_follows_is_not_hidden(desk: TestDesk) -> None:
    answer = await asks(desk)
    assert (answer.visibility, answer.recipient) == (Visibility.ONLY_ASKER, "ada")
    await desk.receive(desk.message("no", "ada", thread=ASKED.thread))
    assert {one.visibility for one in await desk.settle()} == {Visibility.ROOM}


async def test_shared_it_names_who_shared_it_and_has_no_buttons(desk: TestDesk) -> None:
    answer = await asks(desk)
    posted = await shares(desk, button(answer))
    (shown,) = [one for one in posted if one.conversation == OFFICE]
    assert "Ada shares the answer" in shown.document.text
    assert JAM in shown.document.text
    assert not [block for block in shown.document.blocks if isinstance(block, Actions)]
    assert shown.visibility is Visibility.ROOM
    posted = await shares(desk, button(answer))
    assert in_office(posted) == []
    assert "already" in posted[-1].document.text


async def test_what_not_everybody_there_may_read_is_not_shared(desk: TestDesk) -> None:
    async with desk.storage.unit_of_work() as uow:
        for article in (await uow.knowledge.articles(await uow.knowledge.catalogue())).values():
            uow.knowledge.put(replace(article, audience=Audience.INTERNAL))
        await uow.commit()
    for among, now in ((Audience.PUBLIC, Audience.INTERNAL), (Audience.INTERNAL, Audience.PUBLIC)):
        posted = await shares(desk, button(await asks(desk, among=among)), now)
        assert in_office(posted) == []
        assert "not everybody" in posted[-1].document.text


async def test_a_public_article_may_be_shared_among_strangers(desk: TestDesk) -> None:
    async with desk.storage.unit_of_work() as uow:
        for article in (await uow.knowledge.articles(await uow.knowledge.catalogue())).values():
            uow.knowledge.put(replace(article, audience=Audience.PUBLIC))
        await uow.commit()
    assert in_office(await shares(desk, button(await asks(desk, among=Audience.PUBLIC)), Audience.PUBLIC))


async def test_what_is_theirs_alone_is_not_part_of_it(desk: TestDesk) -> None:
    await desk.says("/ticket new my secret project", "elsewhere")
    answer = await asks(desk, f"{JAM}, my password is Tr0ub4dor&3")
    assert "secret project" not in answer.document.text
    assert "masked" in answer.document.text
    (shown,) = in_office(await shares(desk, button(answer)))
    assert "masked" not in shown
    assert "Tr0ub4dor" not in shown


async def test_a_ticket_is_not_for_the_room(desk: TestDesk) -> None:
    assert button(await asks(desk, "I want to talk to a human")) is None


async def test_a_button_that_was_made_up_shares_nothing(desk: TestDesk) -> None:
    await asks(desk)
    for value in ("", "x|internal|office|", f"{new_id()}|internal|office|", f"{new_id()}|everybody|office|"):
        assert in_office(await shares(desk, value)) == []


async def test_what_a_technician_sends_by_a_quiet_command_has_no_message_to_mark(desk: TestDesk) -> None:
    await desk.appoint("tess")
    await desk.says("/ticket new the chair is broken", "dm", who="bob")
    typed = desk.message("/ticket reply T1 Which chair?", "tess", who="tess", thread="ask:desk:2")
    await desk.receive(replace(typed, quiet=True))
    posted = await desk.settle()
    assert "Which chair?" in desk.posts()[-1]
    assert [one for one in posted if one.reaction] == []


@pytest.mark.parametrize("said", ["/ticket new the chair is broken", "I want to talk to a human, my screen is black"])
async def test_where_one_hears_of_a_ticket_is_not_where_only_they_see_that_it_is_open(
    desk: TestDesk, said: str
) -> None:
    answer = (await asks(desk, said)).document.text
    assert "told in our direct messages" in answer and "told here" not in answer
    assert "told here" in await desk.says(said, "elsewhere", who="bob")
