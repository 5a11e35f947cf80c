from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import IndexUnavailable
from bot.model.knowledge import Retrieval, Thresholds
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.retrieval import DEFAULT_THRESHOLDS, HybridRetriever
from tests.knowledge.memory import MemoryBase, article

WORDS = ("printer", "vpn", "badge", "screen", "mail", "jammed", "slow", "new", "how", "the")


class Desk:
    """A base, its index and a retriever."""

    def __init__(self, index: EmbeddedIndex) -> None:
        self.base = MemoryBase()
        self.index = index
        self.follower = IndexFollower(self.base.unit_of_work, index)
        self.retriever = HybridRetriever(index)

    async def ask(self, text: str, **fields: object) -> Retrieval:
        query = Query(text, Language.EN, Audience.INTERNAL)
        return await self.retriever.search(replace(query, **fields))  # type: ignore[arg-type]

    async def ids(self, text: str, **fields: object) -> list[str]:
        return [hit.article_id for hit in (await self.ask(text, **fields)).hits]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    index = await EmbeddedIndex.open(tmp_path / "index")
    desk = Desk(index)
    desk.base.put(
        article(
            "jam",
            "The printer is jammed",
            "Open the lid.\n\n## If the light is red\n\nUnplug it and call reception.",
            category="hardware/printers",
            applies_to=("HP 4250",),
            phrasings=("paper stuck in the machine",),
        ),
        article("toner", "Replace the toner", category="hardware/printers", applies_to=("Canon X",)),
        article("vpn", "How to connect the VPN", category="network"),
        article("secret", "The door code of the server room", audience=Audience.INTERNAL),
        article("bourrage", "L'imprimante signale un bourrage papier", "Ouvrez le capot.", language=Language.FR),
    )
    await desk.follower.catch_up()
    yield desk
    await index.close()


async def test_a_hit_says_which_article_in_which_state_and_which_passage(desk: Desk) -> None:
    found = await desk.ask("printer jammed and the light is red, unplug it?")

    hit = found.hits[0]
    assert (hit.article_id, hit.revision) == ("jam", desk.base.rows["jam"].revision)
    assert (hit.chunk, hit.heading) == (1, "If the light is red")
    assert 0 < hit.confidence <= 1
    assert found.thresholds == DEFAULT_THRESHOLDS
    assert not found.thresholds.calibrated


async def test_the_title_itself_is_certain_and_a_stranger_is_not(desk: Desk) -> None:
    same = (await desk.ask("How to connect the VPN")).hits[0]
    other = (await desk.ask("how to cook the dinner")).hits[0]

    assert same.article_id == "vpn"
    assert same.confidence > 0.6
    assert other.confidence < same.confidence / 2


async def test_a_phrasing_leads_to_its_article(desk: Desk) -> None:
    assert (await desk.ids("paper is stuck"))[0] == "jam"


async def test_slips_of_the_keyboard_are_forgiven(desk: Desk) -> None:
    assert (await desk.ids("prniter jamed"))[0] == "jam"
    assert (await desk.ids("imprimnte bourage", language=Language.FR))[0] == "bourrage"


async def test_a_question_is_answered_by_an_article_in_its_language_first(desk: Desk) -> None:
    desk.base.put(
        article("wifi.en", "Wi-Fi", "Wi-Fi"),
        article("wifi.fr", "Wi-Fi", "Wi-Fi", language=Language.FR),
    )
    await desk.follower.catch_up()

    assert (await desk.ids("wi-fi", language=Language.FR))[0] == "wifi.fr"
    assert (await desk.ids("wi-fi", language=Language.EN))[0] == "wifi.en"


async def test_audience_devices_and_category_restrict_what_is_found(desk: Desk) -> None:
    assert "secret" in await desk.ids("door code of the server room")
    assert "secret" not in await desk.ids("door code of the server room", audience=Audience.PUBLIC)
    assert set(await desk.ids("printer toner the", devices=("canon x",))) & {"jam", "toner"} == {"toner"}
    assert set(await desk.ids("the printer toner vpn", category="hardware")) == {"jam", "toner"}
    assert len(await desk.ids("the printer toner vpn", category="hardware", audience=Audience.PUBLIC)) == 2


async def test_no_more_than_asked_for_and_each_article_once(desk: Desk) -> None:
    desk.base.put(*(article(f"p{number}", f"The printer number {number}") for number in range(60)))
    await desk.follower.catch_up()

    assert len(await desk.ids("the printer")) == 10
    found = await desk.retriever.search(Query("the printer", Language.EN, Audience.PUBLIC), limit=45)
    assert len({hit.article_id for hit in found.hits}) == len(found.hits) == 45
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "👍",
        "🎉" * 1000,
        "؟",
        "\0",
        "\ud800",
        "%$#@!",
        "<script>",
        "' OR 1=1 --",
        "מדפסת תקועה",
        "打印机卡纸",
    ],
)
async def test_any_text_can_be_asked(desk: Desk, text: str) -> None:
    assert (await desk.ask(text)).thresholds == DEFAULT_THRESHOLDS


async def test_ten_megabytes_are_a_question_like_any_other(desk: Desk) -> None:
    assert (await desk.ids("printer jammed " * 700_000))[0] == "jam"


async def test_an_empty_base_answers_nothing(tmp_path: Path) -> None:
    index = await EmbeddedIndex.open(tmp_path / "empty")
    desk = Desk(index)
    with pytest.raises(IndexUnavailable, match="being filled"):  # nobody knows yet that it is empty
        await desk.ask("printer")
    await desk.follower.catch_up()
    assert (await desk.ask("printer")).hits == ()
    await index.close()


async def test_thresholds_are_those_of_the_language_asked_in(desk: Desk) -> None:
    french = Thresholds(0.42, 0.2)
    await desk.index.save(replace(desk.index.manifest, thresholds={Language.FR: french}))

    assert (await desk.ask("imprimante", language=Language.FR)).thresholds == french
    assert (await desk.ask("printer")).thresholds == DEFAULT_THRESHOLDS


titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
edits = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        titles,
        st.sampled_from(Audience),
        st.lists(titles, max_size=2),
        st.sampled_from(["edit", "withdraw", "phrasing", "index"]),
    ),
    max_size=20,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits, titles)
async def test_the_public_never_gets_what_is_internal(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, str, Audience, list[str], str]], asked: str
) -> None:
    """Whatever the base, whatever was edited since it was indexed: what was internal when the index last looked is not
    found, and what became internal since is told by its row, which has another revision than the hit."""
    index = await EmbeddedIndex.open(tmp_path_factory.mktemp("index"))
    try:
        desk = Desk(index)
        indexed: dict[str, Audience] = {}
        await desk.follower.catch_up()
        for id, title, audience, phrasings, what in changes:
            known = desk.base.rows.get(id)
            if what == "withdraw" and known:
                desk.base.withdraw(id)
            elif what == "phrasing" and known:
                desk.base.approve(id, title)
            elif what == "index":
                await desk.follower.catch_up()
                indexed = {row.id: row.audience for row in desk.base.rows.values() if not row.withdrawn}
            else:
                desk.base.put(article(id, title, f"About the {title}.", audience=audience, phrasings=tuple(phrasings)))
            hits = (await desk.ask(asked, audience=Audience.PUBLIC)).hits
            for hit in hits:
                row = desk.base.rows[hit.article_id]
                assert indexed[hit.article_id] is Audience.PUBLIC
                if row.audience is Audience.INTERNAL:
                    assert hit.revision != row.revision
        await desk.follower.catch_up()
        for hit in (await desk.ask(asked, audience=Audience.PUBLIC)).hits:
            row = desk.base.rows[hit.article_id]
            assert (row.audience, row.withdrawn, row.revision) == (Audience.PUBLIC, False, hit.revision)
    finally:
        await index.close()


async def test_a_manual_is_found_by_what_a_sentence_of_a_page_says(desk: Desk) -> None:
    pages = (
        "The office opens at eight. Meals are served between noon and two.",
        "A lost badge must be reported at once. A new one costs ten euros and is ready the next morning.",
    )
    body = "\n\n".join(f"## Page {number}\n\n{text}" for number, text in enumerate(pages, 1))
    desk.base.put(
        article("handbook", "Handbook", body),
        *(article(f"how-{number}", f"How much does it cost to {number}", "Nothing at all.") for number in range(20)),
    )
    await desk.follower.catch_up()

    best, second = (await desk.ask("how much does a new badge cost")).hits[:2]

    assert (best.article_id, best.heading) == ("handbook", "Page 2")
    assert best.confidence > second.confidence
