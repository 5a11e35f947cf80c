"""A technician words a held reply anew: in a form, scanned, within a post, and approved as any other."""

from dataclasses import replace

import pytest

from bot.model.messages import Identity
from bot.public.writing import proposed_text
from bot.reception import DeskReception
from tests.public.stage import SITE, Stage, a_held

QUESTION = "How do I reset my password with #acme?"


async def test_edited_words_are_shown_and_wait_for_approval(stage: Stage) -> None:
    post = await a_held(stage)
    said = await stage.fills_in(post, f"So sorry! Please write to us at {SITE}/c/{post.token}")
    assert "So sorry!" in said
    post = await stage.last()
    assert (post.state, post.edited) == ("held", True)
    assert "So sorry!" in stage.card().text
    assert await stage.rows("s1") == []
    await stage.presses("post_approve", post)
    [row] = await stage.rows("s1")
    assert row.document.text == f"So sorry! Please write to us at {SITE}/c/{post.token}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Call Tess on 06 12 34 56 78", "telephone"),
        ("Write to tess@acme.example", "e-mail"),
        ("We have you as Ada Lovelace, customer number 123456789", "name"),
        ("It is T12 in our system", "internal reference"),
        ("   ", ""),
    ],
)
async def test_edited_words_that_identify_somebody_are_refused_with_the_reason(
    stage: Stage, text: str, found: str
) -> None:
    async with stage.desk.storage.unit_of_work() as uow:
        known = await uow.people.known(stage.post("x").author)
    assert known is None
    post = await a_held(stage)
    async with stage.desk.storage.unit_of_work() as uow:
        person = await uow.people.person(post.person_id)
        assert person is not None
        uow.people.save(replace(person, name="Ada Lovelace"))
        await uow.commit()
    said = await stage.fills_in(post, text)
    assert found in said
    assert not (await stage.last()).edited


async def test_edited_words_must_fit_a_post_with_the_name_and_the_hashtags(stage: Stage) -> None:
    stage.settle_policy(signature=("acme",))
    post = await a_held(stage)
    room = 500 - len("@ada@example.social ") - len("\n\n#acme")
    assert "too long" in await stage.fills_in(post, "x" * (room + 1))
    assert not (await stage.last()).edited
    await stage.fills_in(post, "x" * room)
    assert (await stage.last()).edited


async def test_a_handle_in_edited_words_calls_nobody(stage: Stage) -> None:
    post = await a_held(stage)
    await stage.fills_in(post, "Hello @ada, we are on it")
    post = await stage.last()
    assert post.reply is not None
    assert "@" not in post.reply.text


async def test_the_form_has_the_reply_as_it_would_be_typed(stage: Stage) -> None:
    stage.settle_policy(signature=("acme",))
    post = await a_held(stage, QUESTION)
    reception = DeskReception(stage.desk.services)
    click = stage.click("post_edit", post)
    form = await reception.form_of(click)
    assert form is not None
    [field] = form.fields
    assert (form.name, form.subject) == ("post_edit", "P1")
    assert f"{SITE}/c/{post.token}" in field.value
    assert "#acme" not in field.value
    assert await stage.fills_in(post, field.value)  # what the desk proposes itself is never refused
    assert (await stage.last()).edited
    assert await reception.form_of(replace(click, author=Identity("test", "T", "ada"))) is None
    await stage.presses("post_leave", post)
    assert await reception.form_of(click) is None


async def test_with_a_ticket_the_notes_on_it_are_not_repeated_in_public(stage: Stage) -> None:
    post = await a_held(stage)
    await stage.presses("post_ticket", post)
    await stage.desk.says("/ticket note T1 the splice box at the corner is broken again", "desk", who="tess")
    said = await stage.fills_in(post, "We know: the splice box at the corner is broken again")
    assert "note" in said
    assert not (await stage.last()).edited
    form = proposed_text(stage.desk.services, await stage.last())
    assert "T1" in form
    await stage.fills_in(post, form)
    assert (await stage.last()).edited
