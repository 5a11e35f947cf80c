"""What a server takes as one post is known to whoever words a reply: one post where that can be, and said where not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.mastodon.render import rendered
from bot.engine.work import Work
from bot.model.ledger import Cursor
from bot.model.values import Language, Sentiment, Urgency
from bot.policies import public_policy_of
from bot.public.composing import compose, timeless
from bot.public.limits import PostLimits, limits_name, limits_of
from bot.public.reading import Kind, Reading
from bot.public.reply import target_of
from bot.public.splitting import Counting
from bot.reception import DeskReception
from bot.settings import Settings
from bot.sla.policies import SlaPolicies
from tests.fakes.mastodon.writing import length
from tests.public.posts import a_post
from tests.public.stage import SITE, Stage, a_held

FEW = PostLimits(200, Counting(23), names_alone=True, domain="example.social")
PERSONAL = ("personal", "short.personal")
KINDS: tuple[Kind, ...] = ("complaint", "question", "praise", "insult", "greeting")


async def takes(stage: Stage, limits: PostLimits) -> None:
    """As the account's adapter keeps it."""
    async with stage.desk.storage.unit_of_work() as uow:
        name = limits_name("test", "T")
        kept = await uow.cursors.get(name)
        uow.cursors.save(replace(kept, value=limits.written()) if kept else Cursor(name, limits.written()))
        await uow.commit()


def test_what_is_kept_is_read_again_and_nonsense_is_nothing() -> None:
    for limits in (FEW, PostLimits(5_000), PostLimits(500, Counting(None, by_letters=True), domain="a.example")):
        assert PostLimits.of(limits.written()) == limits
    for nonsense in ("", "[]", "{}", "[1]", '["x",1,1,1,""]', "null", "[500"):
        assert PostLimits.of(nonsense) is None


def test_there_is_room_beside_who_is_mentioned_and_the_warning() -> None:
    handle = "ada@elsewhere.example"
    assert FEW.room(handle) == 200 - len("@ada ")
    assert replace(FEW, names_alone=False).room(handle) == 200 - len("@ada@elsewhere.example ")
    assert replace(FEW, names_alone=False).room("ada@example.social") == 200 - len("@ada ")
    assert FEW.room(handle, "health") == 200 - len("@ada health")
    assert FEW.room(handle, "x" * 400) == 200 - len("@ada ") - 50, "as much of it as goes out"


@pytest.mark.parametrize(
    ("setting", "told", "known"),
    [(None, None, 500), (300, None, 300), (1_000, None, 1_000), (None, 200, 200), (100, 200, 100), (1_000, 200, 200)],
)
async def test_the_setting_goes_before_where_it_is_less(
    stage: Stage, setting: int | None, told: int | None, known: int
) -> None:
    if told:
        await takes(stage, replace(FEW, characters=told))
    values: dict[str, Any] = {"_env_file": None, "mastodon_max_characters": setting}
    policy = public_policy_of(Settings(**values))
    async with stage.desk.storage.unit_of_work() as uow:
        assert (await limits_of(uow, policy, a_post())).characters == known


@pytest.mark.parametrize("language", list(Language))
async def test_where_200_characters_are_taken_all_that_matters_is_in_one_post_but_for_personal_details(
    stage: Stage, language: Language
) -> None:
    await takes(stage, FEW)
    services = replace(stage.desk.services, sla=SlaPolicies.load(None, "Europe/Paris"))
    post = a_post(handle="ada.lovelace@an-instance-with-a-long-name.example", language=language, token="t" * 16)
    now = stage.desk.clock().replace(day=20, hour=18)  # Friday evening: nobody works before Monday
    said = services.understander.understand("", language=language, post=True)
    async with stage.desk.storage.unit_of_work() as uow:
        for kind in KINDS:
            for urgency in Urgency:
                for angry, serious, personal in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)):
                    mood = Sentiment.VERY_NEGATIVE if angry else Sentiment.NEUTRAL
                    reading = Reading(
                        kind, replace(said, urgency=urgency, sentiment=mood), bool(serious), bool(angry), bool(personal)
                    )
                    made, later = [
                        await compose(Work(uow=uow, services=services, now=at, key="k"), post, reading)
                        for at in (now, now + timedelta(days=3))
                    ]
                    assert made is not None and later is not None
                    body = rendered(made.document, language, public=True)
                    posts = FEW.posts(made.document, made.target)
                    if personal and kind != "insult":
                        pointed_out = [services.texts(f"public.say.{key}", language) for key in PERSONAL]
                        assert any(words in body for words in pointed_out), (kind, urgency, body)
                        assert posts <= 2, (kind, urgency, body)
                    else:
                        assert length(f"@{post.handle} {body}") <= 200, (kind, urgency, body)
                        assert posts == 1
                    if kind in ("complaint", "question"):
                        assert f"{SITE}/c/{post.token}" in body
                        assert ("utomatic assistant" if language is Language.EN else "ssistant automatique") in body
                        assert ("Monday" if language is Language.EN else "lundi") in body
                        timed = timeless(services, made.document, language)
                        assert timed == timeless(services, later.document, language), "but for the time it is the same"


async def test_a_technicians_words_have_the_room_that_the_server_gives(stage: Stage) -> None:
    await takes(stage, FEW)
    post = await a_held(stage)
    room = 200 - len("@ada ")
    said = await stage.fills_in(post, "x" * (room + 7))
    assert "7 characters too long" in said and "200" in said
    assert not (await stage.last()).edited
    link = f"{SITE}/c/{post.token}"
    assert len(link) > 23
    await stage.fills_in(post, f"{'x' * (room - 24)} {link}")
    assert (await stage.last()).edited, "an address counts as the server counts it"
    await takes(stage, PostLimits(5_000))
    await stage.fills_in(post, "y" * 900)
    assert "yyy" in stage.card().text


async def test_the_card_says_in_how_many_posts_a_reply_would_go_out(stage: Stage) -> None:
    await a_held(stage)
    assert "too long for one post" not in stage.card().text
    await takes(stage, PostLimits(60))
    post = await a_held(stage, who="bob")
    assert post.reply is not None
    count = PostLimits(60).posts(post.reply, target_of(post, stage.desk.services.policy.public))
    assert count > 2
    assert f"too long for one post (60 characters): it goes out in {count}" in stage.card().text


async def test_the_form_says_how_much_a_post_takes(stage: Stage) -> None:
    await takes(stage, FEW)
    post = await a_held(stage)
    form = await DeskReception(stage.desk.services).form_of(stage.click("post_edit", post))
    assert form is not None
    assert "200 characters" in form.fields[0].hint
