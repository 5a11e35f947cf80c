"""A public question never meets an internal article: whatever the base, the cache, and the edits in between."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.documents import Actions
from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from bot.ports.language_model import GeneratedAnswer, Passage
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.retrieval import HybridRetriever
from storage.store import open_storage
from tests.engine.desk import TestDesk, make_desk

SUBJECTS = ("printer jam", "vpn tunnel", "mail quota", "wifi login", "phone ring")
ARTICLES = 5


@dataclass(frozen=True)
class Edit:
    """Something that happens between indexing and asking. `mark`: each text carries its own, to be recognised."""

    article: int
    audience: Audience | None = None
    withdrawn: bool = False
    follow: bool = True  # whether the index learns of it before the next question


edits = st.builds(
    Edit,
    article=st.integers(0, ARTICLES - 1),
    audience=st.sampled_from([None, *Audience]),
    withdrawn=st.booleans(),
    follow=st.booleans(),
)
QUESTIONS = (*(f"my {subject} is broken" for subject in SUBJECTS), *SUBJECTS, "no", "no", "1", "2", "none of these")
turns = st.lists(st.one_of(edits, st.sampled_from(QUESTIONS)), min_size=3, max_size=10)


def article(number: int, audience: Audience, edition: int = 0) -> Article:
    subject, mark = SUBJECTS[number % len(SUBJECTS)], f"mark{number}x{edition}"
    return Article(
        id=f"a{number}",
        origin="test",
        title=f"{subject} trouble {mark}",
        body=f"About the {subject} {mark}.\n\n## What to do\n1. Look at the {subject} {mark}.\n2. Try again.\n",
        language=Language.EN,
        category="uncategorised",
        audience=audience,
        revision=mark,
        phrasings=(f"my {subject} is broken",),
    )


class Parrot:
    """A language model that repeats everything it was given: whatever it may not say, it must not see."""

    async def answer(
        self, question: str, passages: tuple[Passage, ...], language: Language, timeout: float
    ) -> GeneratedAnswer:
        return GeneratedAnswer(" ".join(f"{one.title} {one.text} [1]" for one in passages), (1,))


def shown(desk: TestDesk) -> str:
    """All that was posted since, buttons and sources included, but for what only technicians read: their ticket cards
    say which articles were tried."""
    parts = []
    for delivery in desk.wire.posted:
        if delivery.conversation.room == "desk":
            continue
        parts.append(delivery.document.text)
        for block in delivery.document.blocks:
            if isinstance(block, Actions):
                parts += [f"{button.label} {button.value}" for button in block.buttons]
    desk.wire.posted.clear()
    return "\n".join(parts)


async def play(audiences: list[Audience], steps: list[Edit | str], with_model: bool, folder: Path) -> None:
    storage = await open_storage(str(folder / "guichet.db"))
    index = await EmbeddedIndex.open(folder / "index")
    try:
        follower = IndexFollower(storage.unit_of_work, index)
        articles = {number: article(number, audience) for number, audience in enumerate(audiences)}
        async with storage.unit_of_work() as uow:
            for one in articles.values():
                uow.knowledge.put(one)
            await uow.commit()
        await follower.catch_up()
        desk = make_desk(storage, HybridRetriever(index), language_model=Parrot() if with_model else None)
        for edition, step in enumerate(steps, 1):
            if isinstance(step, Edit):
                before = articles[step.article]
                after = article(step.article, step.audience or before.audience, edition)
                articles[step.article] = replace(after, withdrawn=step.withdrawn)
                async with storage.unit_of_work() as uow:
                    uow.knowledge.put(articles[step.article])
                    await uow.commit()
                if step.follow:
                    await follower.catch_up()
            question = step if isinstance(step, str) else f"my {SUBJECTS[step.article]} is broken"
            place = "" if isinstance(step, str) else str(edition)  # after an edit somebody new asks about just that
            # Somebody inside asks first, so that whatever is kept of an answer is there to be misused.
            await desk.says(question, f"inside{place}", who=f"ada{place}", audience=Audience.INTERNAL)
            desk.wire.posted.clear()
            await desk.says(question, f"outside{place}", who=f"eve{place}", audience=Audience.PUBLIC)
            said = shown(desk)
            for one in articles.values():
                if one.audience is Audience.INTERNAL or one.withdrawn:
                    assert one.revision not in said
                    assert one.title not in said
    finally:
        await index.close()
        await storage.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    audiences=st.lists(st.sampled_from([*Audience]), min_size=ARTICLES, max_size=ARTICLES),
    steps=turns,
    with_model=st.booleans(),
)
def test_a_public_question_never_meets_an_internal_article(
    sqlite_template: Path, audiences: list[Audience], steps: list[Edit | str], with_model: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, folder)
        asyncio.run(play(audiences, steps, with_model, Path(folder)))
