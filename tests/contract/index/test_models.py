"""A device model named in a question, in any engine."""

from knowledge.index.port import KnowledgeIndex, Scope
from tests.contract.index.test_index import INTERNAL, found, point


async def test_hundreds_of_better_articles_of_other_models_do_not_crowd_out_the_right_one(
    index: KnowledgeIndex,
) -> None:
    await index.upsert([point(f"c{number}", 1, 2, applies_to=("Canon LBP226dw",)) for number in range(500)])
    await index.upsert([point("hp", 1, applies_to=("HP LaserJet Pro M404dn",))])

    assert await found(index, 1, 2, scope=Scope(INTERNAL, devices=("m404dn",))) == ["hp"]
    assert await found(index, 1, 2, scope=Scope(INTERNAL, devices=("HP LaserJet Pro M404dn",))) == ["hp"]
