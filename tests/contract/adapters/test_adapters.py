"""What every chat adapter promises, whatever its platform."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from bot.errors import DeliveryError
from bot.model.documents import (
    Actions,
    Button,
    Document,
    Fields,
    FileItem,
    Files,
    Image,
    Paragraph,
    Source,
    Sources,
    Steps,
    plain,
)
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.ports.adapters import Edits, FindsPosted
from tests.contract.rigs.rig import Post, PressesButtons, Rig

_numbers = count(1)
FEEDBACK = Actions((Button("worked", "It worked", "article-7"), Button("next", "Next solution", "article-8")))


def delivery_to(
    conversation: ConversationRef, content: str | Document, replaces: str | None = None, repeated: bool = False
) -> Delivery:
    number = next(_numbers)
    document = Document((Paragraph(content),)) if isinstance(content, str) else content
    return Delivery(conversation, document, f"key-{number}", replaces=replaces, number=number, repeated=repeated)


@pytest.mark.differs
async def test_a_message_is_heard_once_with_who_said_it_where_and_when(rig: Rig) -> None:
    message = await rig.user_says("where is my parcel?")

    assert message.text == "where is my parcel?"
    assert message.conversation.platform == message.key.platform == message.author.platform == rig.adapter.platform
    assert message.conversation.account in rig.adapter.accounts
    assert message.author.native_id and message.author.name
    assert message.key.kind == "message" and message.key.native_id
    assert message.sent_at.tzinfo is not None
    assert abs(datetime.now(UTC) - message.sent_at) < timedelta(minutes=1)
    assert rig.inbox.events == [message]


async def test_the_same_words_twice_are_two_messages_of_one_conversation(rig: Rig) -> None:
    first, second = await rig.user_says("hello?"), await rig.user_says("hello?")
    assert first.key != second.key
    assert first.conversation == second.conversation
    assert first.author == second.author


@pytest.mark.differs
async def test_letters_of_every_kind_arrive_as_they_were_written(rig: Rig) -> None:
    text = "l’imprimante de l’étage 2 : « bourrage » 🤬 <b>&amp; 2*3*4 my_file_name"
    message = await rig.user_says(text)
    assert message.text == text
    text += (
        " *vite* _svp_"  # some platforms take this for formatting where people type it, and none may where we post it
    )
    await rig.adapter.send(delivery_to(message.conversation, plain(text)))
    assert [post.text for post in rig.posts()] == [text]


async def test_a_reply_lands_in_the_conversation_it_answers(rig: Rig) -> None:
    question = await rig.user_says("where is my parcel?")
    await rig.adapter.send(delivery_to(question.conversation, "On its way."))
    await rig.adapter.send(delivery_to(rig.desk, "T1 is waiting."))
    assert rig.posts() == [Post(question.conversation, "On its way."), Post(rig.desk, "T1 is waiting.")]


async def test_replies_appear_in_the_order_they_are_sent(rig: Rig) -> None:
    question = await rig.user_says("hello?")
    texts = [f"This is reply {number}." for number in range(20)]
    ids = [await rig.adapter.send(delivery_to(question.conversation, text)) for text in texts]
    assert [post.text for post in rig.posts()] == texts
    assert len(set(ids)) == len(texts)


async def test_all_blocks_of_a_document_can_be_read(rig: Rig) -> None:
    question = await rig.user_says("the printer is jammed")
    document = Document(
        (
            Paragraph("Clear the **rear** path; see [the guide](https://kb.example/guide)."),
            Steps(("Open the rear door.", "Pull the paper out.")),
            Fields((("Status", "open"), ("Assignee", "Grace")), title="Ticket T12"),
            Image("https://kb.example/door.png", "The rear door, open"),
            Sources((Source("a1", "Paper jam", date(2026, 10, 12), heading="Rear door"),)),
            FEEDBACK,
        )
    )
    await rig.adapter.send(delivery_to(question.conversation, document))
    (post,) = rig.posts()
    for part in ("Clear the rear path", "https://kb.example/guide", "1. Open the rear door.", "2. Pull the paper out."):
        assert part in post.text
    for part in ("Ticket T12", "Status", "open", "Assignee", "Grace", "The rear door, open"):
        assert part in post.text
    for part in ("Paper jam", "Rear door", "12 Oct 2026"):
        assert part in post.text
    assert post.buttons == ("It worked", "Next solution")


@pytest.mark.needs.with_args(PressesButtons)
async def test_a_click_carries_what_the_button_had(rig: Rig) -> None:
    assert isinstance(rig, PressesButtons)
    question = await rig.user_says("the printer is jammed")
    offer = delivery_to(question.conversation, Document((Paragraph("Open the door."), FEEDBACK)))
    await rig.adapter.send(offer)
    click = await rig.user_presses("Next solution")

    assert (click.action, click.value) == ("next", "article-8")
    assert click.conversation == question.conversation
    assert click.author == question.author
    assert click.audience == question.audience
    assert click.key.kind == "click" and click.key.native_id != question.key.native_id
    assert click.delivery in (None, offer.id)
    assert rig.inbox.events == [question, click]


async def test_an_edit_shows_the_new_version_and_keeps_the_id(rig: Rig) -> None:
    first = await rig.adapter.send(delivery_to(rig.desk, "T1 is waiting."))
    second = await rig.adapter.send(delivery_to(rig.desk, "Grace has T1.", replaces=first))
    third = await rig.adapter.send(delivery_to(rig.desk, "T1 is resolved.", replaces=second))
    assert first == second == third
    assert rig.posts()[-1] == Post(rig.desk, "T1 is resolved.", edited=True)


@pytest.mark.needs.with_args(Edits)
async def test_a_message_can_be_edited_and_taken_back_by_its_id(rig: Rig) -> None:
    adapter = rig.adapter
    assert isinstance(adapter, Edits)
    message = await adapter.send(delivery_to(rig.desk, Document((Paragraph("T1 is waiting."), FEEDBACK))))
    await adapter.edit(rig.desk, message, Document((Paragraph("Grace has T1."),)))
    assert rig.posts()[-1] == Post(rig.desk, "Grace has T1.", edited=True)
    shown = len(rig.posts())
    await adapter.delete(rig.desk, message)
    assert len(rig.posts()) <= shown


@pytest.mark.lacks.with_args(FindsPosted)
async def test_what_may_have_been_shown_before_says_so_and_has_the_same_id(rig: Rig) -> None:
    question = await rig.user_says("hello?")
    delivery = delivery_to(question.conversation, "Good morning.")
    repeated = Delivery(
        delivery.conversation, delivery.document, delivery.key, id=delivery.id, number=delivery.number, repeated=True
    )
    assert await rig.adapter.send(delivery) == await rig.adapter.send(repeated)
    assert rig.posts() == [
        Post(question.conversation, "Good morning."),
        Post(question.conversation, "Good morning.", repeated=True),
    ]


@pytest.mark.differs
async def test_hostile_text_is_only_ever_text(rig: Rig) -> None:
    question = await rig.user_says("hello?")
    for text in rig.hostile:
        for written in (text, plain(text)):
            document = Document(
                (
                    Paragraph(f"{written} **{written}** `{written}` [{written}](https://kb.example/{written})"),
                    Steps((written,)),
                    Fields(((written, written),), title=written),
                    Image(written, written),
                    Files((FileItem(new_id(), text, "image/png", 1), FileItem(new_id(), text, "x/y", 1, "gone"))),
                    Sources((Source(written, written, heading=written, link=written),)),
                    Actions((Button("a", written, written),)),
                )
            )
            await rig.adapter.send(delivery_to(question.conversation, document))
    assert rig.harm() == []
    assert len(rig.posts()) == 2 * len(rig.hostile)


async def test_nothing_is_posted_for_an_account_that_is_not_ours(rig: Rig) -> None:
    elsewhere = ConversationRef(rig.adapter.platform, "another-account", "room")
    with pytest.raises(DeliveryError):
        await rig.adapter.send(delivery_to(elsewhere, "Hello?"))
    assert rig.posts() == []
