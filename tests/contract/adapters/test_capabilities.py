"""What some adapters can do beyond listening and sending, each tried with all that declare it."""

import asyncio

import pytest

from bot.errors import OutcomeUnknown, RateLimited
from bot.model.documents import Actions, Button, Document, Paragraph
from bot.model.forms import Form, FormField
from bot.model.ledger import Delivery
from bot.model.messages import IncomingMessage
from bot.model.values import Language
from bot.ports.adapters import (
    CatchesUp,
    Edits,
    FindsPosted,
    Introduces,
    OpensForms,
    Polls,
    Reacts,
    SendsPrivately,
    TransfersFiles,
)
from tests.contract.adapters.test_adapters import delivery_to
from tests.contract.rigs.rig import (
    CarriesFiles,
    KeepsStrangers,
    KnowsReaders,
    LosesAnswers,
    MissesMessages,
    Post,
    Rig,
    ShowsCues,
    ShowsForms,
)

OFFER = Document((Paragraph("Shall we?"), Actions((Button("open", "Open the form"),))))
NEW_TICKET = Form(
    "ticket_new",
    "New ticket",
    "Open",
    (FormField("text", "What about", "text", value="<the> *printer*"), FormField("device", "Device", required=False)),
    Language.EN,
    subject="T12",
)


@pytest.mark.needs.with_args(Edits, ShowsCues)
async def test_what_is_taken_back_is_gone_and_may_be_taken_back_twice(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, Edits)
    kept = await adapter.send(delivery_to(rig.desk, "T1 is waiting."))
    gone = await adapter.send(delivery_to(rig.desk, "T2 is waiting."))
    await adapter.delete(rig.desk, gone)
    await adapter.delete(rig.desk, gone)
    assert rig.posts() == [Post(rig.desk, "T1 is waiting.")]
    assert kept != gone


@pytest.mark.needs.with_args(Reacts, ShowsCues)
async def test_a_cue_stands_until_it_is_taken_away_however_often_that_is_said(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, Reacts) and isinstance(rig, ShowsCues)
    question = await rig.user_says("hello?")
    message = question.key.native_id
    for cue in ("working", "delivered", "undelivered"):
        for _ in range(2):
            await adapter.react(question.conversation, message, cue)
        assert rig.cues(message) == {cue}
        for _ in range(2):
            await adapter.unreact(question.conversation, message, cue)
        assert rig.cues(message) == set()
    assert rig.posts() == []


@pytest.mark.needs.with_args(OpensForms, ShowsForms)
async def test_a_form_shows_what_is_filled_in_and_comes_back_with_what_was_written(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, OpensForms) and isinstance(rig, ShowsForms)
    question = await rig.user_says("hello?")
    await adapter.send(delivery_to(question.conversation, OFFER))
    await adapter.open_form(await rig.user_gets_trigger("Open the form"), NEW_TICKET)
    assert rig.form() == ("New ticket", {"What about": "<the> *printer*", "Device": ""})

    sent = await rig.user_submits({"What about": "the <b>VPN</b> & *more*\n:smile:"})
    assert (sent.form, sent.subject) == ("ticket_new", "T12")
    assert sent.values["text"] == "the <b>VPN</b> & *more*\n:smile:"
    assert sent.author == question.author
    assert sent.conversation == question.conversation
    assert sent.key.kind == "form"


@pytest.mark.needs.with_args(SendsPrivately, KnowsReaders)
async def test_what_is_sent_privately_is_read_by_that_person_alone(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, SendsPrivately) and isinstance(rig, KnowsReaders)
    question = await rig.user_says("hello?")
    room = await adapter.private_room(question.author)
    await adapter.send(delivery_to(room, "For your eyes only."))
    assert rig.posts() == [Post(room, "For your eyes only.")]
    assert rig.readers(room) == {question.author.native_id}


@pytest.mark.needs.with_args(TransfersFiles, CarriesFiles)
@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\xff", b"x" * 300_000], ids=["short", "long"])
async def test_files_come_and_go_byte_for_byte(rig: Rig, content: bytes) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, TransfersFiles) and isinstance(rig, CarriesFiles)
    message = await rig.user_sends("it looks so", "l’écran & co.png", content)
    (file,) = message.files
    assert (file.name, file.media_type) == ("l’écran & co.png", "image/png")
    assert file.size in (len(content), 0)  # some platforms do not tell
    assert b"".join([chunk async for chunk in adapter.fetch(file)]) == content

    assert await adapter.upload(message.conversation, "réponse.png", content)
    assert rig.files(message.conversation) == [("réponse.png", content)]


@pytest.mark.needs.with_args(CatchesUp, MissesMessages)
@pytest.mark.differs
async def test_what_was_said_while_nobody_listened_is_caught_up_with_once(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, CatchesUp) and isinstance(rig, MissesMessages)
    heard = await rig.user_says("hello?")
    since = await rig.user_says_unheard("is anybody there?")
    await rig.user_says_unheard("well?")
    assert await adapter.catch_up(rig.inbox, since) == 2
    assert await adapter.catch_up(rig.inbox, since) == 0

    first, second = (event for event in rig.inbox.events if event.key != heard.key)
    assert isinstance(first, IncomingMessage) and isinstance(second, IncomingMessage)
    assert [first.text, second.text] == ["is anybody there?", "well?"]
    assert first.caught_up and second.caught_up and not heard.caught_up
    assert first.author.native_id == heard.author.native_id


@pytest.mark.needs.with_args(Polls, MissesMessages)
@pytest.mark.differs
async def test_asking_brings_what_nobody_told_and_nothing_twice(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, Polls) and isinstance(rig, MissesMessages)
    heard = await rig.user_says("hello?")
    await rig.user_says_unheard("is anybody there?")
    assert await adapter.poll(rig.inbox) == 1
    assert await adapter.poll(rig.inbox) == 0
    (event,) = (event for event in rig.inbox.events if event.key != heard.key)
    assert isinstance(event, IncomingMessage) and event.text == "is anybody there?"


async def looked_for(adapter: FindsPosted, delivery: Delivery) -> str | None:
    """As the outbox does it: who is told to wait comes again."""
    for _ in range(100):
        try:
            return await adapter.find_posted(delivery)
        except RateLimited:
            await asyncio.sleep(0.1)
    raise AssertionError("it is never told")


@pytest.mark.needs.with_args(FindsPosted)
@pytest.mark.differs
async def test_what_was_sent_is_found_under_its_id_and_not_sent_again(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, FindsPosted)
    question = await rig.user_says("hello?")
    deliveries = [delivery_to(question.conversation, text) for text in ("Hello.", "Hello.", "How are you?")]
    ids = [await adapter.send(delivery) for delivery in deliveries]
    assert [await adapter.find_posted(delivery) for delivery in deliveries] == ids
    assert len(rig.posts()) == 3


@pytest.mark.needs.with_args(FindsPosted, LosesAnswers)
@pytest.mark.differs
async def test_a_lost_answer_is_told_from_a_lost_call(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, FindsPosted) and isinstance(rig, LosesAnswers)
    question = await rig.user_says("hello?")
    for conversation in (question.conversation, rig.desk):
        there, not_there = delivery_to(conversation, "I arrived."), delivery_to(conversation, "I did not.")
        rig.lose_answer()
        with pytest.raises(OutcomeUnknown):
            await adapter.send(there)
        rig.lose_call()
        with pytest.raises(OutcomeUnknown):
            await adapter.send(not_there)
        assert await adapter.find_posted(there)
        assert await looked_for(adapter, not_there) is None
    assert rig.posts() == [Post(question.conversation, "I arrived."), Post(rig.desk, "I arrived.")]


@pytest.mark.needs.with_args(FindsPosted, LosesAnswers)
@pytest.mark.differs
async def test_of_a_long_answer_that_is_there_in_part_the_rest_is_added(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, FindsPosted) and isinstance(rig, LosesAnswers)
    question = await rig.user_says("hello?")
    paragraphs = [f"{number} " + "word " * 500 for number in range(30)]
    long = delivery_to(question.conversation, Document(tuple(map(Paragraph, paragraphs))))
    rig.lose_answer()
    with pytest.raises(OutcomeUnknown):
        await adapter.send(long)
    partly = len(rig.posts())
    found = await looked_for(adapter, long)
    assert found == await looked_for(adapter, long)
    assert len(rig.posts()) > partly == 1
    shown = "\n".join(post.text for post in rig.posts())
    assert [line.split()[0] for line in shown.split("\n") if line.strip()] == [str(number) for number in range(30)]


@pytest.mark.needs.with_args(LosesAnswers)
@pytest.mark.differs
async def test_a_rate_limit_says_how_long_to_wait(rig: Rig) -> None:
    assert isinstance(rig, LosesAnswers)
    question = await rig.user_says("hello?")
    wait = rig.refuse_with_rate_limit(retry_after=3)
    with pytest.raises(RateLimited) as caught:
        await rig.adapter.send(delivery_to(question.conversation, "Hi."))
    assert wait <= caught.value.retry_after <= wait + 1, "some servers count in whole seconds"
    assert rig.posts() == []


@pytest.mark.needs.with_args(Introduces, KeepsStrangers)
async def test_strangers_are_introduced_once_and_no_other_word_is_changed(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, Introduces) and isinstance(rig, KeepsStrangers)
    known = await rig.user_says("hello?")
    (stranger,) = rig.heard()
    assert isinstance(stranger, IncomingMessage)
    assert not stranger.introduced and known.introduced
    assert not stranger.author.name and known.author.name
    assert (known.key, known.text, known.conversation) == (stranger.key, stranger.text, stranger.conversation)
    assert await adapter.introduce(known) == known
    assert await adapter.introduce(stranger) == known
