import json
import math
from pathlib import Path
from typing import Any

import pytest

from bot.errors import InvalidInput
from bot.model.knowledge import Hit, Retrieval, Thresholds
from bot.model.values import Language
from knowledge.evaluation import Question, evaluate, measures


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def retrieval(confidence: float, *ids: str) -> Retrieval:
    hits = tuple(Hit(id, "1", 1.0 - rank / 100, confidence) for rank, id in enumerate(ids))
    return Retrieval(hits, Thresholds(0.5, 0.25))


def question(*relevant: str) -> Question:
    return Question("?", Language.EN, frozenset(relevant))


def test_figures_computed_by_hand() -> None:
    """Ranks 1; 3; missing; 1 and 4 of two relevant ones."""
    figures = measures(
        [question("a"), question("a"), question("a"), question("a", "b")],
        [
            retrieval(0.9, "a", "x"),
            retrieval(0.4, "x", "y", "a"),
            retrieval(0.6, "x"),
            retrieval(0.8, "a", "x", "y", "b"),
        ],
        [4.0, 1.0, 3.0, 2.0],
    )

    two = (1 + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    assert figures == {
        "ndcg10": round((1 + 1 / math.log2(4) + 0 + two) / 4, 4),
        "recall1": round((1 + 0 + 0 + 0.5) / 4, 4),
        "recall5": 0.75,
        "mrr10": round((1 + 1 / 3 + 0 + 1) / 4, 4),
        "p50_ms": 2.0,
        "p95_ms": 4.0,
    }


def test_questions_without_an_answer_measure_the_confidence() -> None:
    """Answerable .9 .4 .6, others .6 .1 and nothing found: of nine pairs seven and a half are in the right order."""
    figures = measures(
        [question("a"), question("a"), question("a"), question(), question(), question()],
        [
            retrieval(0.9, "a"),
            retrieval(0.4, "a"),
            retrieval(0.6, "a"),
            retrieval(0.6, "x"),
            retrieval(0.1, "x"),
            retrieval(0.0),
        ],
        [1.0] * 6,
    )

    assert figures["auroc"] == round(7.5 / 9, 4)
    assert figures["coverage"] == round(2 / 3, 4)
    assert figures["false_answer_rate"] == round(1 / 3, 4)
    assert figures["recall1"] == 1.0


def test_only_questions_without_an_answer_have_no_ranking_to_measure() -> None:
    figures = measures([question()], [retrieval(0.1, "x")], [1.0])

    assert (figures["ndcg10"], figures["auroc"], figures["coverage"]) == (None, None, None)
    assert figures["false_answer_rate"] == 0.0


BASE = (
    {"id": "jam", "lang": "en", "question": "The printer is jammed", "answer": "Open the lid and pull the paper out."},
    {"id": "vpn", "lang": "en", "question": "How do I connect the VPN?", "answer": "Start the client and sign in."},
    {"id": "bourrage", "lang": "fr", "question": "L'imprimante est bloquée", "answer": "Ouvrez le capot."},
)
QUESTIONS = (
    {"query": "printer jammed again", "relevant": ["jam"]},
    {"query": "mon imprimante est bloquée", "relevant": ["bourrage"]},
    {"query": "connect to the vpn", "relevant": ["vpn"], "lang": "en"},
    {"query": "recipe for pancakes", "relevant": []},
)


def test_a_small_base_is_indexed_and_asked(tmp_path: Path) -> None:
    first, second = lines(tmp_path / "1.jsonl", *BASE[:2]), lines(tmp_path / "2.jsonl", *BASE[2:], "")

    figures = evaluate([first, second], [lines(tmp_path / "q.jsonl", *QUESTIONS)])

    assert (figures["documents"], figures["queries"]) == (3, 4)
    assert (figures["ndcg10"], figures["recall1"], figures["recall5"], figures["mrr10"]) == (1.0, 1.0, 1.0, 1.0)
    assert figures["auroc"] == 1.0
    assert figures["false_answer_rate"] == 0.0
    assert isinstance(figures["p95_ms"], float)
    assert set(figures) == {
        *("documents", "queries", "ndcg10", "recall1", "recall5", "mrr10", "p50_ms", "p95_ms"),
        *("auroc", "coverage", "false_answer_rate"),
    }


def test_without_unanswerable_questions_there_is_nothing_to_refuse(tmp_path: Path) -> None:
    figures = evaluate([lines(tmp_path / "kb", *BASE)], [lines(tmp_path / "q", *QUESTIONS[:3])])

    assert not {"auroc", "coverage", "false_answer_rate"} & set(figures)


@pytest.mark.parametrize(
    ("base", "queries", "message"),
    [
        (["{"], [], "kb, line 1: is not valid JSON"),
        ([BASE[0], "[]"], [], "kb, line 2: should be a JSON object"),
        ([{"id": "a", "lang": "en", "answer": "x"}], [], "kb, line 1: question: is missing"),
        ([{"id": 3, "question": "x", "answer": "x"}], [], "kb, line 1: id: is missing, or not text"),
        ([{"id": "a", "question": "x", "answer": ["x"]}], [], "kb, line 1: answer: is missing, or not text"),
        ([{"id": "a", "lang": "en", "question": "x"}], [], "kb, line 1: answer: is missing, or not text"),
        ([{"id": "a", "question": "x", "answer": ""}], [], "kb, line 1: lang: is missing"),
        ([*BASE[:2], BASE[0]], [], "kb, line 3: id: jam is already that of .*kb, line 1"),
        ([BASE[0] | {"lang": "de"}], [], "kb, line 1: lang: should be one of fr, en"),
        ([], [QUESTIONS[0]], "have no rows"),
        (BASE, [], "have no rows"),
        (BASE, ["", {"query": "x"}], "q, line 2: relevant: should be a list"),
        (BASE, [{"query": "x", "relevant": [1]}], "q, line 1: relevant: should be a list"),
        (BASE, [{"relevant": []}], "q, line 1: query: should be text"),
    ],
)
def test_a_malformed_row_is_named_by_file_and_line(
    tmp_path: Path, base: list[Any], queries: list[Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        evaluate([lines(tmp_path / "kb", *base)], [lines(tmp_path / "q", *queries)])


def test_an_id_may_not_come_twice_in_several_files_either(tmp_path: Path) -> None:
    first, second = lines(tmp_path / "1.jsonl", *BASE), lines(tmp_path / "2.jsonl", "", BASE[1])

    with pytest.raises(InvalidInput, match=r"2\.jsonl, line 2: id: vpn is already that of .*1\.jsonl, line 2"):
        evaluate([first, second], [lines(tmp_path / "q", *QUESTIONS)])


def test_an_empty_answer_and_further_keys_are_fine(tmp_path: Path) -> None:
    rows = [*BASE[:2], BASE[2] | {"answer": "", "tags": ["printer"]}]

    assert evaluate([lines(tmp_path / "kb", *rows)], [lines(tmp_path / "q", *QUESTIONS)])["documents"] == 3


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'{"id": "caf\xe9"}')
    with pytest.raises(InvalidInput, match="missing: cannot be read"):
        evaluate([tmp_path / "missing"], [])
    with pytest.raises(InvalidInput, match="latin: is not text in UTF-8"):
        evaluate([tmp_path / "latin"], [])
