"""The index gets the embeddings of a model, and of another one, while it goes on answering."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.errors import ModelUnavailable
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.dense import Embedder, Embedding
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.retrieval import HybridRetriever
from tests.knowledge.memory import MemoryBase, article

MEANINGS = (
    {"password", "credentials", "passphrase"},
    {"laptop", "computer", "workstation"},
    {"invoice", "bill"},
    {"tunnel", "vpn"},
)


class ByMeaning:
    """Words that mean the same point the same way."""

    languages = (Language.EN,)

    def __init__(self, name: str, *, backwards: bool = False) -> None:
        self.name = name
        self.size = len(MEANINGS) + 1
        self.broken = False
        self.embedded = 0
        self._backwards = backwards

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        if self.broken:
            raise ModelUnavailable("the model is gone")
        self.embedded += len(texts)
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Embedding:
        said = set(text.lower().split())
        meant = [float(bool(said & words)) for words in MEANINGS]
        vector = [*(reversed(meant) if self._backwards else meant), 0.0 if any(meant) else 1.0]
        length = sum(value * value for value in vector) ** 0.5
        return [value / length for value in vector]


class Models:
    def __init__(self, *models: ByMeaning) -> None:
        self.models = {model.name: model for model in models}
        self.wanted: Embedder | None = None

    def get(self, name: str) -> Embedder | None:
        return self.models.get(name)


class Desk:
    def __init__(self, index: EmbeddedIndex, models: Models) -> None:
        self.base = MemoryBase()
        self.index = index
        self.models = models
        self.follower = IndexFollower(self.base.unit_of_work, index, models)
        self.retriever = HybridRetriever(index, models)

    async def best(self, text: str) -> str | None:
        found = await self.retriever.search(Query(text, Language.EN, Audience.PUBLIC))
        return found.hits[0].article_id if found.hits else None


@pytest.fixture
def one() -> ByMeaning:
    return ByMeaning("one@1")


@pytest.fixture
def other() -> ByMeaning:
    return ByMeaning("other@1", backwards=True)


@pytest.fixture
async def desk(tmp_path: Path, one: ByMeaning, other: ByMeaning) -> AsyncIterator[Desk]:
    index = await EmbeddedIndex.open(tmp_path / "index")
    desk = Desk(index, Models(one, other))
    desk.base.put(
        article("reset", "password forgotten"),
        article("slow", "laptop sluggish"),
        article("vpn", "tunnel fails"),
        *(article(f"filler-{number}", f"matter number {number}") for number in range(5)),
    )
    await desk.follower.catch_up()
    yield desk
    await index.close()


async def test_until_a_model_is_wanted_words_answer(desk: Desk, one: ByMeaning) -> None:
    assert not desk.follower.wants_embedding
    assert desk.index.manifest.model is None
    assert await desk.best("credentials") != "reset"
    assert one.embedded == 0


async def test_with_a_model_what_means_the_same_is_found(desk: Desk, one: ByMeaning) -> None:
    desk.models.wanted = one
    assert desk.follower.wants_embedding
    assert await desk.best("password") == "reset"

    done = await desk.follower.embed_anew()

    assert (done.rebuilt, done.indexed) == (True, 8)
    assert not desk.follower.wants_embedding
    assert await desk.best("credentials") == "reset"
    assert await desk.best("my workstation") == "slow"


async def test_a_model_is_changed_while_the_one_before_answers(desk: Desk, one: ByMeaning, other: ByMeaning) -> None:
    desk.models.wanted = one
    await desk.follower.embed_anew()
    desk.models.wanted = other

    assert desk.follower.wants_embedding
    assert await desk.best("credentials") == "reset"
    assert desk.index.manifest.model == "one@1"
    await desk.follower.embed_anew()
    assert desk.index.manifest.model == "other@1"
    assert await desk.best("credentials") == "reset"


async def test_what_changes_during_the_embedding_is_in_both(desk: Desk, one: ByMeaning) -> None:
    desk.models.wanted = one
    embedding = asyncio.create_task(desk.follower.embed_anew())
    await asyncio.sleep(0)
    desk.base.put(article("bill", "invoice too high"))
    desk.base.withdraw("vpn")
    await desk.follower.catch_up()
    assert await desk.best("invoice") == "bill"

    await embedding

    assert await desk.best("the bill") == "bill"
    assert set(desk.index.manifest.articles) == {row.id for row in desk.base.rows.values() if not row.withdrawn}
    assert (await desk.follower.catch_up()).indexed == 0


async def test_articles_that_come_later_are_embedded_as_the_index_is(desk: Desk, one: ByMeaning) -> None:
    desk.models.wanted = one
    await desk.follower.embed_anew()
    desk.base.put(article("bill", "invoice too high"))

    await desk.follower.catch_up()

    assert await desk.best("bill") == "bill"


@pytest.mark.parametrize("gone", [False, True], ids=["broken", "removed"])
async def test_without_its_model_the_index_goes_by_words_until_it_is_back(
    desk: Desk, one: ByMeaning, gone: bool
) -> None:
    desk.models.wanted = one
    await desk.follower.embed_anew()
    if gone:
        del desk.models.models["one@1"]
        desk.models.wanted = None
    one.broken = True
    assert await desk.best("password") == "reset"
    desk.base.put(article("bill", "invoice too high"))

    await desk.follower.catch_up()

    assert await desk.best("invoice") == "bill"
    assert desk.index.manifest.model is None
    one.broken = False
    desk.models.models["one@1"], desk.models.wanted = one, one
    assert desk.follower.wants_embedding
    await desk.follower.embed_anew()
    assert await desk.best("the bill") == "bill"


async def test_a_model_that_fails_leaves_the_index_as_it_was(desk: Desk, one: ByMeaning) -> None:
    desk.models.wanted = one
    one.broken = True
    with pytest.raises(ModelUnavailable):
        await desk.follower.embed_anew()

    assert await desk.best("password") == "reset"
    assert desk.follower.wants_embedding
    one.broken = False
    await desk.follower.embed_anew()
    assert await desk.best("credentials") == "reset"


async def test_no_model_is_wanted_any_more(desk: Desk, one: ByMeaning) -> None:
    desk.models.wanted = one
    await desk.follower.embed_anew()
    desk.models.wanted = None

    assert desk.follower.wants_embedding
    await desk.follower.embed_anew()

    assert desk.index.manifest.model is None
    assert not desk.follower.wants_embedding
    assert await desk.best("credentials") != "reset"


async def test_the_public_never_gets_what_is_internal(desk: Desk, one: ByMeaning) -> None:
    desk.base.put(article("secret", "credentials of the vault", audience=Audience.INTERNAL))
    desk.models.wanted = one
    await desk.follower.catch_up()
    await desk.follower.embed_anew()

    found = await desk.retriever.search(Query("passphrase", Language.EN, Audience.PUBLIC))
    assert [hit.article_id for hit in found.hits][:1] == ["reset"]
    assert "secret" not in {hit.article_id for hit in found.hits}
