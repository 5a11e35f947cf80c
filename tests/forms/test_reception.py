"""What adapters ask the desk: somebody's home, and the threads that are alive."""

from dataclasses import replace
from datetime import timedelta

from bot.engine.delivery import Deliverer
from bot.errors import DeliveryRefused
from bot.model.documents import Actions, Fields
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Quoted
from bot.model.tickets import Problem, ProblemText
from bot.model.values import Audience, Language
from bot.ports.adapters import Reception
from bot.reception import DeskReception
from tests.engine.desk import START, TestDesk, Wire
from tests.engine.test_reactions import reacts
from tests.forms.filling import opened, person, send

JAM = "my printer says the paper is jammed but there is none"


async def test_home_says_what_is_open_who_acts_next_and_what_was_answered(
    desk: TestDesk, reception: DeskReception
) -> None:
    asked: Reception = reception
    await desk.says(JAM)
    await desk.says("/ticket new the chair is broken", "other")
    await desk.clicks("ticket_claim", "T1", "desk", who="tess")
    home = await asked.home(person("ada"), Audience.INTERNAL)
    (ticket, answers) = [block for block in home.blocks if isinstance(block, Fields)]
    assert ticket.title == "T1 · the chair is broken"
    assert any("Tess" in value for _, value in ticket.items)
    ((question, article),) = answers.items
    assert question == JAM
    assert article != "–"
    buttons = [b.action for block in home.blocks if isinstance(block, Actions) for b in block.buttons]
    assert buttons == ["ticket_new", "settled"]


async def test_home_speaks_the_readers_language_and_knows_strangers(desk: TestDesk, reception: DeskReception) -> None:
    home = await reception.home(person("zoe", "fr"))
    assert "aucun ticket" in home.text
    assert await reception.language_of(person("zoe", "fr")) is Language.FR


async def test_home_tells_of_announced_problems_to_those_who_may_know(desk: TestDesk, reception: DeskReception) -> None:
    text = ProblemText(Audience.INTERNAL, Language.EN, "GW-7 is down.")
    async with desk.storage.unit_of_work() as uow:
        uow.problems.add(Problem(1, "VPN down", "network", (text,), announced_at=START))
        await uow.commit()
    assert "GW-7" in (await reception.home(person("ada"), Audience.INTERNAL)).text
    stranger = await reception.home(person("ada"))
    assert "GW-7" not in stranger.text
    assert "known trouble" in stranger.text


async def test_an_article_that_is_no_longer_shown_is_not_shown_here(desk: TestDesk, reception: DeskReception) -> None:
    await desk.says(JAM)
    home = await reception.home(person("ada"), Audience.INTERNAL)
    (answers,) = [block for block in home.blocks if isinstance(block, Fields)]
    async with desk.storage.unit_of_work() as uow:
        for article in (await uow.knowledge.articles(await uow.knowledge.catalogue())).values():
            uow.knowledge.put(replace(article, withdrawn=True))
        await uow.commit()
    assert answers.items[0][1] not in (await reception.home(person("ada"), Audience.INTERNAL)).text


async def test_live_threads_are_those_with_words_or_tickets_and_those_under_cards(
    desk: TestDesk, reception: DeskReception
) -> None:
    await desk.says(JAM, "office", thread="t1", private=False, mentioned=True)
    await reacts(desk, message=Quoted("q2", ConversationRef("test", "T", "office", "q2"), person("bob"), "help", START))
    since = desk.clock() - timedelta(minutes=1)
    live = await reception.live_threads("test", "T", since)
    card = next(n for n, one in enumerate(desk.wire.posted, 1) if one.conversation.room == "desk")
    refs = {ConversationRef("test", "T", room, thread) for room, thread in
            (("office", "t1"), ("office", "q2"), ("desk", f"p{card}"))}  # fmt: skip
    assert set(live) == refs
    later = await reception.live_threads("test", "T", since + timedelta(days=1))
    assert set(later) == {ref for ref in refs if ref.thread != "t1"}
    assert await reception.live_threads("test", "other", since) == []
    assert await reception.knows(ConversationRef("test", "T", "office", "t1"))
    assert not await reception.knows(ConversationRef("test", "T", "office", "t9"))


class Refusing(Wire):
    """Nothing reaches the asker."""

    async def send(self, delivery: Delivery) -> str:
        if delivery.conversation.room == "dm":
            raise DeliveryRefused("the room is archived")
        return await Wire.send(self, delivery)


async def test_what_was_written_in_a_form_and_did_not_arrive_is_said_in_words(
    desk: TestDesk, reception: DeskReception
) -> None:
    await desk.says("/ticket new the chair is broken")
    refusing = Refusing()
    desk.wire = refusing
    desk.deliverer = Deliverer(
        desk.storage, [refusing], "test", lease=timedelta(seconds=30), clock=desk.clock, texts=desk.services.texts
    )
    posted = await send(desk, await opened(reception, "ticket_reply"), text="Which chair?")
    (said,) = [one for one in posted if "Ada" in one.document.text and "not" in one.document.text]
    assert (said.recipient, said.reaction) == ("tess", None)
