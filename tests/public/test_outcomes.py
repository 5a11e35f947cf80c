"""What technicians read of a public reply once it stands, or was refused."""

from dataclasses import replace

import pytest

from bot.errors import DeliveryRefused
from bot.model.documents import Actions, Button, Document
from bot.model.ledger import Delivery
from bot.model.public import PublicPost
from bot.model.values import Language, OutboxState
from jobs.show_outcomes import any_outcomes, show_outcomes
from tests.public.stage import Stage

COMPLAINT = {"en": "Three days without internet and nobody answers", "fr": "Trois jours sans internet, quelle honte"}
THERE = "https://example.social/@desk/r(1)"


class Linking:
    """The stage's wire, which knows where its posts are read."""

    platform = "test"

    accounts = frozenset({"T"})

    async def run(self, inbox: object) -> None: ...

    async def send(self, delivery: Delivery) -> str:
        raise AssertionError("nothing is sent by it")

    async def link_to(self, message: str) -> str | None:
        return THERE


def refuse_in_public(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    sends = stage.desk.wire.send

    async def send(delivery: Delivery) -> str:
        if delivery.conversation.is_public:
            raise DeliveryRefused("gone")
        return await sends(delivery)

    monkeypatch.setattr(stage.desk.wire, "send", send)


async def work(stage: Stage) -> int:
    """The job, as the scheduler runs it."""
    adapter = Linking()
    done = await show_outcomes(stage.desk.services, [adapter]) if await any_outcomes(stage.desk.services) else 0
    await stage.desk.settle()
    return done


async def approved(stage: Stage, language: str = "en") -> PublicPost:
    await stage.posts(COMPLAINT[language], found_by="hashtag")
    await stage.presses("post_approve", await stage.last())
    return await stage.last()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Tess approved it, and it has been posted."), ("fr", "Approuvée par Tess, elle est publiée.")],
)
async def test_the_card_of_a_reply_that_stands_says_so_and_where(stage: Stage, language: str, said: str) -> None:
    made = stage.desk.services
    stage.desk.services = replace(made, policy=replace(made.policy, desk_language=Language(language)))
    stage.desk.__post_init__()
    post = await approved(stage, language)
    assert "post_undo" in stage.buttons()
    while (await stage.rows("s1"))[0].state is not OutboxState.SENT:
        await stage.desk.settle()
    assert await work(stage) == 1
    card = stage.desk.wire.posted[-1]
    assert card.edits in post.cards
    assert said in card.document.text
    assert THERE.replace("(", "%28").replace(")", "%29") in str(card.document)
    assert "post_undo" not in str(card.document)
    post = await stage.last()
    assert (post.state, post.reply_link) == ("answered", THERE)
    assert post.decided_by is not None
    assert "Tess" in await stage.presses("post_approve", post, who="tom")
    assert len(await stage.rows("s1")) == 1
    assert await work(stage) == 0  # once


async def test_a_reply_that_is_refused_waits_again_and_the_card_says_why(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_in_public(stage, monkeypatch)
    await approved(stage)
    while (await stage.rows("s1"))[0].state is not OutboxState.FAILED:
        await stage.desk.settle()
    assert await work(stage) == 1
    post = await stage.last()
    assert (post.state, post.because, post.replied_at, post.decided_by) == ("held", "refused", None, None)
    assert "It could not be posted" in stage.card().text
    assert stage.buttons() == ["post_approve", "post_edit", "post_leave", "post_ticket"]
    assert await work(stage) == 0


async def test_an_answer_that_is_refused_is_shown_to_the_desk(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It went out by itself: nobody had seen it."""
    refuse_in_public(stage, monkeypatch)
    await stage.posts("How do I reset my password?")
    assert (await stage.last()).state == "answered"
    assert await work(stage) == 1
    assert (await stage.last()).reference == "P1"
    assert "It could not be posted" in stage.card().text


async def test_nothing_is_to_be_decided_of_what_was_refused_once_its_author_deleted_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_in_public(stage, monkeypatch)
    post = await approved(stage)
    while (await stage.rows("s1"))[0].state is not OutboxState.FAILED:
        await stage.desk.settle()
    async with stage.desk.storage.unit_of_work() as uow:
        uow.public.save(replace(await stage.heard("s1"), text=""))
        await uow.commit()
    assert await work(stage) == 1
    post = await stage.last()
    assert (post.state, post.because) == ("withdrawn", "refused")
    assert "post_approve" not in str(stage.desk.wire.posted[-1].document)


@pytest.mark.parametrize("why", ["deleted", "said_stop"])
async def test_what_a_technician_said_in_public_is_not_said_once_the_author_wants_no_answer(
    stage: Stage, why: str
) -> None:
    """In the half minute before it goes out; the desk is told."""
    await stage.posts("It is an emergency: our whole office has had no internet since this morning")
    await stage.desk.says("/ticket reply T1 public We found a cut cable and repair it today.", "desk", who="tess")
    buttons = [one for said in stage.desk.wire.posted for one in buttons_of(said.document)]
    send = [one.value for one in buttons if one.action == "public_send"][-1]
    accounts, stage.desk.wire.accounts = stage.desk.wire.accounts, frozenset()  # nobody delivers meanwhile
    await stage.desk.clicks("public_send", send, room="desk", who="tess")
    assert (await stage.rows("s1"))[-1].state is OutboxState.PENDING
    if why == "deleted":
        await stage.deletes("s1")
    else:
        await stage.posts("stop", root="s1")
    stage.desk.wire.accounts = accounts
    await stage.desk.settle()
    assert (await stage.rows("s1"))[-1].state is OutboxState.WITHDRAWN
    assert [one for one in stage.said() if "cable" in one.document.text] == []
    told = [text for text in stage.desk.posts("desk") if "was not published" in text]
    assert len(told) == 1 and "T1" in told[0] and why.removeprefix("said_") in told[0]


def buttons_of(document: Document) -> list[Button]:
    return [button for block in document.blocks if isinstance(block, Actions) for button in block.buttons]
