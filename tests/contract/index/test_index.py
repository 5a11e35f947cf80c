"""What any engine must do for the index port."""

import asyncio
import math
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.knowledge import Thresholds
from bot.model.values import Audience, Language
from knowledge.dense import Dense, Embedded
from knowledge.index.manifest import Indexed, Manifest
from knowledge.index.port import KnowledgeIndex, Point, Scope, Writer
from knowledge.sparse import SparseVector, Vector
from tests.contract.index.conftest import Open

PUBLIC, INTERNAL = Audience.PUBLIC, Audience.INTERNAL
EVERYBODY = Scope(PUBLIC)
MEMBERS = Scope(INTERNAL)


def point(article: str, *terms: int, ordinal: int = 0, stamp: str = "s1", **fields: object) -> Point:
    """A point with these terms, each of weight 1, in the question's vector."""
    values: dict[str, object] = {
        "id": uuid5(NAMESPACE_URL, f"{article}|{stamp}|{ordinal}"),
        "article_id": article,
        "revision": f"revision {stamp}",
        "stamp": f"{article} {stamp}",
        "audience": PUBLIC,
        "language": Language.EN,
        "category": "network",
        "vectors": {Vector.QUESTION: SparseVector(terms, [1.0] * len(terms))},
        "chunk": ordinal,
    }
    return Point(**(values | fields))  # type: ignore[arg-type]


async def found(index: Writer, *terms: int, scope: Scope = MEMBERS, articles: int = 30) -> list[str]:
    asked = {Vector.QUESTION: SparseVector(terms, [1.0] * len(terms))}
    return [hit.article_id for hit in (await index.search(asked, scope, articles)).get(Vector.QUESTION, [])]


async def test_articles_come_best_first_with_what_is_shown_of_them(index: KnowledgeIndex) -> None:
    await index.upsert([point("a", 1), point("b", 1, 2, ordinal=4, heading="If it comes back"), point("c", 9)])

    hits = (await index.search({Vector.QUESTION: SparseVector([1, 2], [1.0, 1.0])}, MEMBERS))[Vector.QUESTION]

    assert [hit.article_id for hit in hits] == ["b", "a"]
    best = hits[0]
    assert (best.revision, best.language, best.chunk, best.heading) == (
        "revision s1",
        Language.EN,
        4,
        "If it comes back",
    )
    assert hits[0].score > hits[1].score > 0


async def test_scores_are_raw_products_with_the_inverse_document_frequency(index: KnowledgeIndex) -> None:
    weighted = {Vector.QUESTION: SparseVector([1, 2], [2.0, 0.5])}
    await index.upsert([point("a", vectors=weighted), point("b", 1), point("c", 3)])

    hits = (await index.search({Vector.QUESTION: SparseVector([1, 2], [1.0, 1.0])}, MEMBERS))[Vector.QUESTION]

    common, rare = math.log((3 - 2 + 0.5) / 2.5 + 1), math.log((3 - 1 + 0.5) / 1.5 + 1)
    assert hits[0].score == pytest.approx(2.0 * common + 0.5 * rare, rel=1e-4)
    assert hits[1].score == pytest.approx(common, rel=1e-4)


async def test_what_a_query_could_score_counts_unseen_terms_as_the_rarest(index: KnowledgeIndex) -> None:
    await index.upsert([point("a", 1), point("b", 1), point("c", 3)])

    worth = index.worth({Vector.QUESTION: SparseVector([1, 7], [2.0, 1.0])})

    common, unseen = math.log((3 - 2 + 0.5) / 2.5 + 1), math.log((3 - 0 + 0.5) / 0.5 + 1)
    assert worth == {Vector.QUESTION: pytest.approx(2.0 * common + unseen)}


async def test_each_vector_has_its_own_list_and_its_own_frequencies(index: KnowledgeIndex) -> None:
    one, two = SparseVector([1], [1.0]), SparseVector([1], [3.0])
    await index.upsert([point("a", vectors={Vector.QUESTION: one}), point("b", vectors={Vector.TEXT: two})])

    hits = await index.search({Vector.QUESTION: one, Vector.TEXT: one, Vector.CHARACTERS: one}, MEMBERS)

    assert {vector: [hit.article_id for hit in each] for vector, each in hits.items()} == {
        Vector.QUESTION: ["a"],
        Vector.TEXT: ["b"],
        Vector.CHARACTERS: [],
    }


async def test_an_article_is_found_once_however_many_points_it_has(index: KnowledgeIndex) -> None:
    """One with hundreds of phrasings does not hide the others."""
    many = [point("a", 1, 2, ordinal=ordinal) for ordinal in range(400)]
    await index.upsert([*many, *(point(f"b{number:02}", 1) for number in range(40))])

    hits = await found(index, 1, 2)

    assert hits[0] == "a"
    assert len(hits) == len(set(hits)) == 30


async def test_equal_scores_are_in_the_order_of_ids(index: KnowledgeIndex) -> None:
    await index.upsert([point(id, 1) for id in ("d", "b", "a", "c")])

    assert await found(index, 1) == ["a", "b", "c", "d"]


async def test_readers_of_the_public_never_find_what_is_internal(index: KnowledgeIndex) -> None:
    await index.upsert([point("a", 1, audience=INTERNAL), point("b", 1), point("c", 1, 2, 3, audience=INTERNAL)])

    assert await found(index, 1, 2, 3, scope=EVERYBODY) == ["b"]
    assert await found(index, 1, 2, 3, scope=MEMBERS) == ["c", "a", "b"]


async def test_hundreds_of_better_internal_points_do_not_crowd_out_a_public_one(index: KnowledgeIndex) -> None:
    await index.upsert([point(f"i{number}", 1, 2, audience=INTERNAL) for number in range(500)])
    await index.upsert([point("public", 1)])

    assert await found(index, 1, 2, scope=EVERYBODY) == ["public"]


async def test_a_device_excludes_articles_of_other_models_only(index: KnowledgeIndex) -> None:
    await index.upsert(
        [
            point("any", 1),
            point("hp", 1, applies_to=("HP  LaserJet 4250", "HP 9000")),
            point("canon", 1, applies_to=("Canon X",)),
        ]
    )

    assert await found(index, 1) == ["any", "canon", "hp"]
    assert await found(index, 1, scope=Scope(INTERNAL, devices=("hp laserjet 4250",))) == ["any", "hp"]
    assert await found(index, 1, scope=Scope(INTERNAL, devices=("Unknown", "CANON X"))) == ["any", "canon"]


async def test_a_category_includes_those_below_it_and_no_namesakes(index: KnowledgeIndex) -> None:
    await index.upsert(
        [
            point("a", 1, category="hardware"),
            point("b", 1, category="hardware/printers"),
            point("c", 1, category="hardware-store"),
        ]
    )

    assert await found(index, 1, scope=Scope(INTERNAL, category="hardware")) == ["a", "b"]
    assert await found(index, 1, scope=Scope(INTERNAL, category="hardware/printers")) == ["b"]


async def test_articles_and_points_can_be_left_out(index: KnowledgeIndex) -> None:
    asked = point("a", 1, 2, ordinal=1)
    await index.upsert([point("a", 1), asked, point("b", 1)])

    assert await found(index, 1, scope=Scope(INTERNAL, without_articles=("a",))) == ["b"]
    hits = await index.search({Vector.QUESTION: SparseVector([2], [1.0])}, Scope(INTERNAL, without_points=(asked.id,)))
    assert hits == {Vector.QUESTION: []}


async def test_upserting_again_changes_nothing(index: KnowledgeIndex) -> None:
    for _ in range(2):
        await index.upsert([point("a", 1), point("b", 1, 2)])

    fresh = index.worth({Vector.QUESTION: SparseVector([2], [1.0])})
    assert await index.count() == 2
    assert fresh == {Vector.QUESTION: pytest.approx(math.log((2 - 1 + 0.5) / 1.5 + 1))}


async def test_the_old_state_of_an_article_goes_when_the_new_one_is_there(index: KnowledgeIndex) -> None:
    await index.upsert([point("a", 1, ordinal=0), point("a", 1, ordinal=1), point("b", 1)])
    await index.upsert([point("a", 2, stamp="s2")])
    await index.delete(["a"], keep=["a s2"])

    assert await found(index, 1) == ["b"]
    assert await found(index, 2) == ["a"]
    await index.delete(["a"])
    assert await found(index, 2) == []
    await index.delete(["never there"])
    assert await index.count() == 1


async def test_points_without_a_term_are_left_out(index: KnowledgeIndex) -> None:
    await index.upsert([point("a"), point("b", 1)])

    assert await index.count() == 1


async def test_a_query_without_a_term_finds_nothing(index: KnowledgeIndex) -> None:
    await index.upsert([point("a", 1)])

    assert await index.search({}, MEMBERS) == {}
    assert await index.search({Vector.QUESTION: SparseVector([], [])}, MEMBERS) == {}


MANIFEST = Manifest(
    articles={"a": Indexed("s1", ((1, 1), (2, 1), (3, 1))), "b": Indexed("s2", ((1, 1), (2, 1), (3, 1)))},
    base="7/2",
    means=dict.fromkeys(Vector, 2.5),
    thresholds={Language.FR: Thresholds(0.3, 0.2)},
    unsettled=3,
)


async def test_a_new_index_holds_nothing(index: KnowledgeIndex) -> None:
    assert index.manifest == Manifest()
    assert await index.count() == 0
    assert await found(index, 1) == []


async def test_what_was_saved_is_there_again(open_index: Open, tmp_path: Path) -> None:
    first = await open_index(tmp_path / "index")
    await first.upsert([point("a", 1), point("b", 1, 2)])
    await first.delete(["a"])
    await first.save(MANIFEST)
    worth = first.worth({Vector.QUESTION: SparseVector([1, 2], [1.0, 1.0])})
    await first.close()

    second = await open_index(tmp_path / "index")
    assert second.manifest == MANIFEST
    assert await found(second, 1) == ["b"]
    assert second.worth({Vector.QUESTION: SparseVector([1, 2], [1.0, 1.0])}) == worth
    await second.close()


async def test_the_old_generation_answers_until_the_new_one_takes_over(index: KnowledgeIndex) -> None:
    await index.upsert([point("old", 1)])

    generation = await index.rebuild()
    await generation.upsert([point("new", 1)])
    assert await found(generation, 1) == ["new"]
    assert await found(index, 1) == ["old"]
    await generation.save(MANIFEST)
    await index.switch_to(generation)

    assert await found(index, 1) == ["new"]
    assert index.manifest == MANIFEST


async def test_a_rebuild_that_was_given_up_leaves_nothing(open_index: Open, tmp_path: Path) -> None:
    first = await open_index(tmp_path / "index")
    await first.upsert([point("old", 1)])
    await first.save(MANIFEST)
    await (await first.rebuild()).upsert([point("given up", 1)])
    generation = await first.rebuild()
    await generation.upsert([point("given up too", 1)])
    await first.close()

    second = await open_index(tmp_path / "index")
    assert await found(second, 1) == ["old"]
    await second.close()


async def test_searches_go_on_while_generations_change(index: KnowledgeIndex) -> None:
    await index.upsert([point("a", 1)])
    done = asyncio.Event()

    async def search() -> int:
        searches = 0
        while not done.is_set():
            assert await found(index, 1) == ["a"]
            searches += 1
            await asyncio.sleep(0)  # an engine in memory may never wait for anything
        return searches

    searching = [asyncio.create_task(search()) for _ in range(4)]
    for _ in range(3):
        generation = await index.rebuild()
        await generation.upsert([point("a", 1)])
        await generation.save(MANIFEST)
        await index.switch_to(generation)
        await asyncio.sleep(0)
    done.set()
    assert all(await asyncio.gather(*searching))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcde"), st.sets(st.integers(1, 6), min_size=1), st.sampled_from(Audience), st.booleans()
        ),
        max_size=12,
    ),
    st.sets(st.integers(1, 6), min_size=1),
)
async def test_filters_and_frequencies_hold_after_any_changes(
    open_index: Open,
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[str, set[int], Audience, bool]],
    asked: set[int],
) -> None:
    index = await open_index(tmp_path_factory.mktemp("index"))
    try:
        rows: dict[str, tuple[set[int], Audience]] = {}
        for number, (article, terms, audience, remove) in enumerate(changes):
            if remove:
                await index.delete([article])
                rows.pop(article, None)
            else:
                stamp = f"s{number}"
                await index.upsert([point(article, *sorted(terms), stamp=stamp, audience=audience)])
                await index.delete([article], keep=[f"{article} {stamp}"])
                rows[article] = (terms, audience)

        for reader in Audience:
            readable = {id for id, (terms, audience) in rows.items() if terms & asked and reader.may_read(audience)}
            assert set(await found(index, *asked, scope=Scope(reader))) == readable
        having = {term: sum(term in terms for terms, _ in rows.values()) for term in asked}
        expected = sum(math.log((len(rows) - n + 0.5) / (n + 0.5) + 1) for n in having.values())
        worth = index.worth({Vector.QUESTION: SparseVector(sorted(asked), [1.0] * len(asked))})
        assert worth[Vector.QUESTION] == pytest.approx(expected)
    finally:
        await index.close()


NEAR = {Dense.QUESTION: [1.0, 0.0, 0.0], Dense.TEXT: [0.0, 0.6, 0.8]}
ASKED = Embedded("m", [0.6, 0.8, 0.0])


async def with_room(index: KnowledgeIndex, model: str = "m") -> None:
    generation = await index.rebuild(3)
    await generation.save(Manifest(means=dict.fromkeys(Vector, 1.0), model=model, size=3))
    await index.switch_to(generation)


async def test_embeddings_are_found_by_their_cosine_and_filtered_like_words(index: KnowledgeIndex) -> None:
    await with_room(index)
    opposite = {Dense.QUESTION: [-1.0, 0.0, 0.0], Dense.TEXT: [0.0, -1.0, 0.0]}
    await index.upsert(
        [
            point("near", 1, embeddings=NEAR),
            point("far", 1, embeddings=opposite),
            point("secret", 1, audience=INTERNAL, embeddings=NEAR),
        ]
    )

    found = await index.search({}, EVERYBODY, embedded=ASKED)

    assert [hit.article_id for hit in found[Dense.QUESTION]] == ["near", "far"]
    assert [hit.score for hit in found[Dense.QUESTION]] == pytest.approx([0.6, -0.6], abs=1e-3)
    assert [hit.score for hit in found[Dense.TEXT]] == pytest.approx([0.48, -0.8], abs=1e-3)
    within = await index.search({}, MEMBERS, embedded=ASKED)
    assert {hit.article_id for hit in within[Dense.QUESTION]} == {"near", "far", "secret"}


async def test_words_and_embeddings_are_searched_together(index: KnowledgeIndex) -> None:
    await with_room(index)
    await index.upsert([point("words", 7), point("both", 8, embeddings=NEAR)])

    found = await index.search({Vector.QUESTION: SparseVector([7], [1.0])}, MEMBERS, embedded=ASKED)

    assert {name: [hit.article_id for hit in hits] for name, hits in found.items()} == {
        Vector.QUESTION: ["words"],
        Dense.QUESTION: ["both"],
        Dense.TEXT: ["both"],
    }


async def test_what_another_model_embedded_is_not_searched_with(index: KnowledgeIndex) -> None:
    await index.upsert([point("a", 1)])
    assert await index.search({}, MEMBERS, embedded=ASKED) == {}  # a generation without embeddings
    await with_room(index, model="another")
    await index.upsert([point("a", 1, embeddings=NEAR)])
    assert await index.search({}, MEMBERS, embedded=ASKED) == {}


async def test_an_article_with_many_points_is_one_candidate_by_its_nearest(index: KnowledgeIndex) -> None:
    await with_room(index)
    far = {Dense.QUESTION: [0.0, 0.0, 1.0]}
    await index.upsert([point("a", 1, ordinal=n, embeddings=far) for n in range(60)])
    await index.upsert([point("a", 1, ordinal=99, embeddings=NEAR), point("b", 1, embeddings=far)])

    hits = (await index.search({}, MEMBERS, articles=2, embedded=ASKED))[Dense.QUESTION]

    assert [(hit.article_id, hit.chunk) for hit in hits] == [("a", 99), ("b", 0)]


async def test_an_index_with_embeddings_is_found_again(open_index: Open, tmp_path: Path) -> None:
    first = await open_index(tmp_path / "index")
    await with_room(first)
    await first.upsert([point("a", 1, embeddings=NEAR)])
    await first.save(first.manifest)
    await first.close()

    again = await open_index(tmp_path / "index")
    assert (again.manifest.model, again.manifest.size) == ("m", 3)
    assert [hit.article_id for hit in (await again.search({}, MEMBERS, embedded=ASKED))[Dense.TEXT]] == ["a"]
    await again.close()
