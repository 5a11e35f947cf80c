"""With a language model: its words only when they cite what was retrieved, and never past an audience."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.engine.services import Policy
from bot.errors import ModelError
from bot.model.values import AnswerKind, Audience, Language
from bot.ports.language_model import GeneratedAnswer, Passage
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import TestDesk, make_desk

VPN = "the vpn wont connect from home"


@dataclass
class ScriptedModel:
    """A language model that says what the test tells it to."""

    text: str = "Approve the prompt on your phone [1]."
    error: Exception | None = None
    delay: float = 0
    asked: list[tuple[Passage, ...]] = field(default_factory=list)

    async def answer(
        self, question: str, passages: tuple[Passage, ...], language: Language, timeout: float
    ) -> GeneratedAnswer:
        self.asked.append(passages)
        await asyncio.sleep(self.delay)
        if self.error:
            raise self.error
        return GeneratedAnswer(self.text, (1,))


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture
def worded_desk(sampled: tuple[SqlStorage, Reader], model: ScriptedModel) -> TestDesk:
    storage, index = sampled
    return make_desk(storage, HybridRetriever(index), language_model=model, policy=Policy(model_timeout=0.3))


async def test_a_cited_answer_is_shown_with_its_source(worded_desk: TestDesk) -> None:
    message = await worded_desk.asked(VPN)
    assert message.outcome and message.outcome.kind is AnswerKind.ANSWER
    assert "Approve the prompt on your phone [1]." in message.outcome.text
    assert message.outcome.sources[0].id.endswith("vpn-does-not-connect.en")


@pytest.mark.parametrize("text", ["Just restart it.", "See [7].", ""])
async def test_an_answer_that_cites_nothing_it_was_given_falls_back_to_the_article(
    worded_desk: TestDesk, model: ScriptedModel, text: str
) -> None:
    model.text = text
    message = await worded_desk.asked(VPN)
    assert message.outcome and "vpn.example.org" in message.outcome.text
    assert not text or text not in message.outcome.text


async def test_a_model_that_fails_or_is_late_costs_no_answer(worded_desk: TestDesk, model: ScriptedModel) -> None:
    model.error = ModelError("overloaded")
    message = await worded_desk.asked(VPN)
    assert message.outcome and "vpn.example.org" in message.outcome.text
    model.error, model.delay = None, 5
    late = await worded_desk.asked(VPN, "other", who="bob")
    assert late.outcome and "vpn.example.org" in late.outcome.text


async def test_the_models_markup_is_not_trusted(worded_desk: TestDesk, model: ScriptedModel) -> None:
    model.text = "Click [here](http://evil.example) [1]"
    await worded_desk.says(VPN)
    paragraph = worded_desk.wire.posted[-1].document.blocks[0]
    assert paragraph.type == "paragraph" and "\\[here\\]" in paragraph.text


async def test_the_model_sees_nothing_that_the_asker_may_not(worded_desk: TestDesk, model: ScriptedModel) -> None:
    await worded_desk.says(VPN, audience=Audience.PUBLIC)
    await worded_desk.says("wifi connected but no internet", "other", audience=Audience.PUBLIC, who="bob")
    async with worded_desk.storage.unit_of_work() as uow:
        rows = await uow.knowledge.articles({one.article_id for passages in model.asked for one in passages})
    assert model.asked
    assert {row.audience for row in rows.values()} == {Audience.PUBLIC}


async def test_a_kept_answer_is_used_again_for_the_same_audience_only(
    worded_desk: TestDesk, model: ScriptedModel
) -> None:
    await worded_desk.says(VPN)
    again = await worded_desk.asked(VPN, "other", who="bob")
    assert again.outcome and "Approve the prompt" in again.outcome.text
    assert len(model.asked) == 1
    model.text = "For everybody [1]."
    public = await worded_desk.asked(VPN, "third", who="eve", audience=Audience.PUBLIC)
    assert public.outcome and "Approve the prompt" not in public.outcome.text


@pytest.mark.parametrize("change", [{"withdrawn": True}, {"audience": Audience.PUBLIC, "revision": "new"}])
async def test_a_kept_answer_falls_with_what_it_cites(
    worded_desk: TestDesk, model: ScriptedModel, change: dict[str, object]
) -> None:
    message = await worded_desk.asked(VPN)
    assert message.outcome
    async with worded_desk.storage.unit_of_work() as uow:
        article = await uow.knowledge.article(message.outcome.sources[0].id)
        assert article
        uow.knowledge.put(replace(article, **change))  # type: ignore[arg-type]
        await uow.commit()
    model.text = "Something else [1]."
    again = await worded_desk.asked(VPN, "other", who="bob")
    assert again.outcome and "Approve the prompt" not in again.outcome.text


async def test_a_kept_answer_expires(worded_desk: TestDesk, model: ScriptedModel) -> None:
    await worded_desk.says(VPN)
    worded_desk.clock.at += timedelta(days=2)
    await worded_desk.says(VPN, "other", who="bob")
    assert len(model.asked) == 2
