"""Who wrote in public and goes on in private is known, and does not repeat themselves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.engine.services import Policy
from bot.model.conversations import Conversation, Message
from bot.model.messages import ConversationRef
from bot.model.public import PublicPost
from bot.model.values import Urgency
from bot.public.policy import PublicPolicy
from tests.engine.desk import TestDesk
from tests.public.posts import a_post

THREAD = ConversationRef("test", "T", "public", "s1")
JAM = "my printer says the paper is jammed but there is none"
COMPLAINT = "Three weeks, and my parcel is still not here. Shame on you!"


@pytest.fixture
def desk(desk: TestDesk) -> TestDesk:
    policy = Policy(public=PublicPolicy(platforms=("test",)))
    desk.services = replace(desk.services, policy=policy)
    desk.__post_init__()
    return desk


async def posted(desk: TestDesk, text: str = COMPLAINT, **changes: Any) -> PublicPost:
    """Ada, whom the desk knows, has posted that."""
    await desk.says("stop", "ada")
    await desk.says("start", "ada")
    desk.clock.forward(seconds=60)
    async with desk.storage.unit_of_work() as uow:
        known = await uow.people.known(desk.message("", "ada").author)
        assert known
        there = Conversation(THREAD, person_id=known.person.id)
        said = Message(there.id, "person", text, desk.clock(), native_id="s1", person_id=known.person.id)
        post = a_post(
            native_id="s1",
            root="s1",
            person_id=known.person.id,
            conversation_id=there.id,
            message_id=said.id,
            text=text,
            sent_at=desk.clock(),
            seen_at=desk.clock(),
            link="https://example.social/@ada/s1",
        )
        post = replace(post, **changes)
        uow.conversations.add(there)
        uow.conversations.add(said)
        uow.public.add(post)
        await uow.commit()
    desk.clock.forward(minutes=5)
    return post


async def kept(desk: TestDesk) -> PublicPost:
    async with desk.storage.unit_of_work() as uow:
        found = await uow.public.by_native_id("test", "T", "s1")
    assert found
    return found


async def test_words_after_a_complaint_open_its_ticket_with_the_post(desk: TestDesk) -> None:
    await posted(desk, complaint=True)
    said = await desk.says("It is order 4711 from the shop in Lyon", "ada")
    assert "About your post of" in said and "Three weeks" in said and "T1" in said
    (ticket,) = await desk.tickets()
    assert ticket.link == "https://example.social/@ada/s1" and "Shame on you" in ticket.summary
    assert (await kept(desk)).ticket_id == ticket.id
    await desk.says("and it was a gift", "ada")
    assert len(await desk.tickets()) == 1, "one ticket, not two"


async def test_a_hello_after_a_complaint_is_enough(desk: TestDesk) -> None:
    await posted(desk, complaint=True)
    await desk.says("hello", "ada")
    (ticket,) = await desk.tickets()
    assert ticket.title.startswith("Three weeks")


async def test_words_after_a_complaint_with_a_ticket_go_to_it(desk: TestDesk) -> None:
    await posted(desk, complaint=True)
    await desk.says("hello", "ada")
    (ticket,) = await desk.tickets()
    async with desk.storage.unit_of_work() as uow:
        there = await uow.conversations.by_ref(ConversationRef("test", "T", "ada"))
        assert there  # as if the ticket had been opened of the post, and nothing written here
        uow.conversations.save(replace(there, last_message_at=None))
        await uow.commit()
    said = await desk.says("the printer of order 4711 is missing", "ada")
    assert "About your post of" in said and "added" in said.lower()
    assert "order 4711" in desk.posts("desk")[-1]
    assert len(await desk.tickets()) == 1
    assert ticket.reference in said


async def test_who_says_only_hello_is_answered_what_they_asked_in_public(desk: TestDesk) -> None:
    await posted(desk, JAM)
    said = await desk.says("hello", "ada")
    assert "About your post of" in said and "paper jam but there is no paper" in said
    assert not await desk.tickets()
    assert desk.button("worked", "ada").label


@pytest.mark.parametrize("changes", [{"state": "withdrawn"}, {"text": ""}])
async def test_a_post_that_was_taken_back_is_not_spoken_of(desk: TestDesk, changes: dict[str, Any]) -> None:
    await posted(desk, complaint=True, **changes)
    assert "About your post" not in await desk.says("hello", "ada")
    assert not await desk.tickets()


async def test_another_matter_an_old_post_and_a_later_message_are_not_about_it(desk: TestDesk) -> None:
    await posted(desk, complaint=True)
    assert "About your post" not in await desk.says("Another question: " + JAM, "ada")
    assert "About your post" not in await desk.says("my screen stays black", "ada"), "they have written since"
    desk.clock.forward(days=1)
    assert not await desk.tickets()


async def test_after_days_it_is_another_matter(desk: TestDesk) -> None:
    await posted(desk, complaint=True)
    desk.clock.forward(days=3 + timedelta(hours=1) / timedelta(days=1))
    assert "About your post" not in await desk.says("hello", "ada")


async def test_elsewhere_nobody_is_reminded_of_posts(desk: TestDesk) -> None:
    desk.services = replace(desk.services, policy=Policy())
    desk.__post_init__()
    await posted(desk, complaint=True)
    assert "About your post" not in await desk.says("hello", "ada")


async def test_what_a_message_does_not_tell_is_known_from_the_post(desk: TestDesk) -> None:
    await posted(
        desk, "Three days without internet and nobody answers. Shame on you!", complaint=True, urgency=Urgency.HIGH
    )
    await desk.says("It is still the same since Monday, the box blinks red", "ada")
    [ticket] = await desk.tickets()
    assert ticket.category.startswith("network")
    assert ticket.priority is Urgency.HIGH


@pytest.mark.parametrize(
    ("text", "said"),
    [("My printer is jammed, call me on 06 12 34 56 78", "not confidential"),
     ("Mon imprimante est bloquée, appelez-moi au 06 12 34 56 78", "ne sont pas confidentiels")],
)  # fmt: skip
async def test_who_writes_what_is_theirs_alone_in_a_direct_message_is_told_once_who_reads_there(
    desk: TestDesk, text: str, said: str
) -> None:
    policy = replace(desk.services.policy.public, site="https://desk.example.org", link_key="k" * 40)
    desk.services = replace(desk.services, policy=replace(desk.services.policy, public=policy))
    desk.__post_init__()
    answer = await desk.says(text, "ada")
    assert said in answer and "https://desk.example.org/d/" in answer
    assert said not in await desk.says(text, "ada")
    assert said not in await desk.says(text, "dm", who="bob")  # a room of another kind
    assert said not in await desk.says(JAM, "eve", who="eve")
