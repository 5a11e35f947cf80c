"""The type of what is said in public: nothing gets into it that is not for everybody."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.engine.services import Policy
from bot.engine.work import Work
from bot.model.conversations import Conversation
from bot.model.documents import Document, Paragraph, Source, Sources, Steps
from bot.model.ids import new_id
from bot.model.knowledge import Article, Link
from bot.model.messages import ConversationRef
from bot.model.public import PublicTarget
from bot.model.values import Audience, Language
from bot.public.policy import PublicPolicy
from bot.public.reply import (
    Confirmed,
    NotPublic,
    Passage,
    PublicReply,
    Sentence,
    as_stored,
    composed,
    defused,
    of_technician,
    target_of,
)
from tests.engine.desk import TestDesk
from tests.public.posts import a_post

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TARGET = PublicTarget("1", "ada@example.social", "unlisted")
SITE = "https://desk.example.org"


def with_site(desk: TestDesk, **public: object) -> TestDesk:
    policy = Policy(public=PublicPolicy(site=SITE, **public))  # type: ignore[arg-type]
    desk.services = replace(desk.services, policy=policy)
    return desk


async def reply(desk: TestDesk, *parts: Sentence | Passage, articles: tuple[Article, ...] = ()) -> PublicReply:
    async with desk.storage.unit_of_work() as uow:
        for article in articles:
            uow.knowledge.put(article)
        await uow.commit()
    async with desk.storage.unit_of_work() as uow:
        return await composed(desk.services, uow, NOW, TARGET, Language.EN, parts)


def article(body: str, **options: object) -> Article:
    made = Article(
        "net/wifi", "test", "No wifi", body, Language.EN, "network", Audience.PUBLIC, "r1",
        links=(Link("Wifi", "https://help.example.org/wifi"),),
    )  # fmt: skip
    return replace(made, **options)  # type: ignore[arg-type]


def test_nobody_else_makes_one() -> None:
    document = Document((Paragraph("hello"),))
    with pytest.raises(NotPublic):
        PublicReply(document, TARGET, Language.EN)
    with pytest.raises(NotPublic):
        PublicReply(document, TARGET, Language.EN, object())


async def test_one_that_was_made_cannot_be_changed(desk: TestDesk) -> None:
    made = await reply(desk, Sentence("public.say.thanks"))
    with pytest.raises((NotPublic, ValueError, TypeError)):
        replace(made, document=Document((Paragraph("something else"),)))


async def test_only_sentences_for_the_public_are_said(desk: TestDesk) -> None:
    with pytest.raises(NotPublic):
        await reply(desk, Sentence("desk.name"))


async def test_an_address_must_be_the_desks_own(desk: TestDesk) -> None:
    with_site(desk)
    said = await reply(desk, Sentence("public.say.private_link", link=f"{SITE}/c/abc"))
    assert f"{SITE}/c/abc" in said.document.text
    for link in ("https://evil.example/c/abc", f"{SITE}.evil.example/c/abc", f"{SITE}/c/abc) [x](https://evil.example"):
        with pytest.raises(NotPublic):
            await reply(desk, Sentence("public.say.private_link", link=link))


async def test_an_article_that_not_everybody_may_read_is_not_shown(desk: TestDesk) -> None:
    with pytest.raises(NotPublic):
        await reply(desk, Passage("net/wifi"), articles=(article("Secret.", audience=Audience.INTERNAL),))


async def test_an_article_that_was_withdrawn_is_not_shown(desk: TestDesk) -> None:
    with pytest.raises(NotPublic):
        await reply(desk, Passage("net/wifi"), articles=(article("Old.", withdrawn=True),))


async def test_steps_that_fit_are_shown_with_their_source(desk: TestDesk) -> None:
    said = await reply(desk, Passage("net/wifi"), articles=(article("Try this.\n\n1. Unplug.\n2. Plug in.\n"),))
    assert said.document.blocks == (
        Steps(("Unplug.", "Plug in.")),
        Sources((Source("net/wifi", "No wifi", None, "https://help.example.org/wifi"),)),
    )


async def test_steps_that_do_not_fit_are_left_to_the_source(desk: TestDesk) -> None:
    body = "Restart the box first. " + "1. Unplug.\n".join([""] * 2) + "\n\n" + "\n".join(
        f"{number}. {'word ' * 20}" for number in range(1, 9)
    )  # fmt: skip
    said = await reply(desk, Passage("net/wifi", longest=100), articles=(article(body),))
    assert isinstance(said.document.blocks[0], Paragraph)
    assert len(said.document.blocks[0].text) <= 100


async def test_personal_data_in_an_article_is_masked(desk: TestDesk) -> None:
    body = "Ask @bob@example.social or write to bob.smith@example.org, 06 12 34 56 78."
    said = (await reply(desk, Passage("net/wifi"), articles=(article(body),))).document.text
    assert "bob.smith" not in said
    assert "12 34" not in said
    assert "@" not in said


def test_handles_call_nobody() -> None:
    assert defused("ask @bob@example.social and @eve.") == "ask bob and eve."
    assert defused("@@bob") == "bob"
    assert defused("@a\\_b") == "a\\_b"
    assert defused("https://example.social/@bob") == "https://example.social/@bob"


def test_words_that_were_not_scanned_are_refused(desk: TestDesk) -> None:
    with pytest.raises(NotPublic):
        of_technician(desk.services, Confirmed("Call 06 12 34 56 78", new_id()), TARGET, Language.EN)


def test_a_technicians_words_are_text_and_nothing_else(desk: TestDesk) -> None:
    said = of_technician(desk.services, Confirmed("**Hi** @bob\n\nSee [x](y)", new_id()), TARGET, Language.EN)
    assert said.document.text == "**Hi** bob\nSee [x](y)"
    assert said.document.blocks[0] == Paragraph("\\*\\*Hi\\*\\* bob")


def test_hashtags_of_the_organisation_come_last(desk: TestDesk) -> None:
    with_site(desk, signature=("acme", "help"))
    said = of_technician(desk.services, Confirmed("Hello", new_id()), TARGET, Language.EN)
    assert said.document.text == "Hello\n#acme #help"


def test_a_reply_reaches_no_further_than_the_post() -> None:
    unlisted = PublicPolicy(visibility="unlisted")
    assert target_of(a_post(reach="public"), unlisted).reach == "unlisted"
    assert target_of(a_post(reach="private"), unlisted).reach == "private"
    assert target_of(a_post(reach="unlisted"), PublicPolicy(visibility="public")).reach == "unlisted"
    assert target_of(a_post(warning="Rant"), unlisted).warning == "Rant"


async def test_a_stored_reply_stands_while_its_article_does(desk: TestDesk) -> None:
    first = article("Restart the box, and wait for the light to turn green before you try again.")
    said = await reply(desk, Passage("net/wifi"), articles=(first,))
    post = a_post(reply=said.document)

    async def again(**changes: object) -> PublicReply | None:
        async with desk.storage.unit_of_work() as uow:
            now = await uow.knowledge.article("net/wifi")
            assert now is not None
            uow.knowledge.put(replace(now, **changes))  # type: ignore[arg-type]
            await uow.commit()
        async with desk.storage.unit_of_work() as uow:
            return await as_stored(desk.services, uow, post)

    stands = await again()
    assert stands is not None
    assert stands.document == said.document
    assert await again(body="Something else by now.") is None
    assert await again(body=first.body, audience=Audience.INTERNAL) is None
    assert await again(audience=Audience.PUBLIC, withdrawn=True) is None


async def test_nothing_but_a_public_reply_is_said_in_public(desk: TestDesk) -> None:
    said = of_technician(desk.services, Confirmed("Hello", new_id()), TARGET, Language.EN)
    public = Conversation(ConversationRef("test", "T", "public", "1"))
    private = Conversation(ConversationRef("test", "T", "dm"))
    async with desk.storage.unit_of_work() as uow:
        work = Work(uow=uow, services=desk.services, now=NOW, key="k")
        with pytest.raises(ValueError, match="public replies"):
            work.post(public, said.document)
        with pytest.raises(ValueError, match="in public"):
            work.post_public(private, said)
        uow.conversations.add(public)
        work.post_public(public, said)
        await uow.commit()
    [row] = await desk.storage.outbox.of_conversation(public.ref)
    assert row.public == TARGET
