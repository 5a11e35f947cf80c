"""Where articles come from, and how those of one origin go."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import InvalidInput
from tests.cli.conftest import Run

Json = Callable[..., Any]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "zebra.en.md").write_text("# Zebra proxy\nSet the zebra proxy to auto.\n", encoding="utf-8")
    (folder / "girafe.fr.md").write_text("# Girafe\nRedémarrez la girafe.\n", encoding="utf-8")
    return folder


def test_origins_are_listed_and_samples_are_hinted_at_and_removed(run: Run, json_of: Json, articles: Path) -> None:
    (samples,) = json_of("kb", "list", "--json")
    assert samples["origin"] == "samples"
    assert sum(samples["languages"].values()) == samples["articles"] > 0
    hint = f"{samples['articles']} sample articles are still loaded too: guichet kb remove samples"
    assert hint in run("kb", "sync", str(articles)).stdout
    own = {"origin": str(articles), "articles": 2, "languages": {"en": 1, "fr": 1}}
    assert json_of("kb", "list", "--json") == [own, samples]
    assert f"     2  {articles}  (" in run("kb", "list").stdout

    with pytest.raises(InvalidInput, match=f"{samples['articles']} articles from samples.*--yes"):
        run("kb", "remove", "samples")
    assert json_of("kb", "list", "--json") == [own, samples]
    assert f"{samples['articles']} removed" in run("kb", "remove", "samples", "--yes").stdout
    assert json_of("kb", "list", "--json") == [own]
    assert "sample articles" not in run("kb", "sync", str(articles)).stdout
    hits = json_of("kb", "search", "zebra printer jammed vpn", "--json")["hits"]
    assert {hit["id"] for hit in hits} <= {"zebra.en", "girafe.fr"} and hits


def test_removed_samples_do_not_come_back(run: Run, json_of: Json) -> None:
    run("kb", "remove", "samples", "--yes")
    assert json_of("kb", "list", "--json") == []
    assert json_of("ask", "my printer says the paper is jammed but there is none", "--json")["sources"] == []
    assert json_of("kb", "search", "printer", "--json")["hits"] == []
    assert json_of("kb", "list", "--json") == []
    assert "No articles." in run("kb", "list").stderr
    with pytest.raises(InvalidInput, match="no article comes from samples; there are: none"):
        run("kb", "remove", "samples", "--yes")


def test_a_folder_is_removed_by_its_name_and_comes_back_when_synchronised(
    run: Run, json_of: Json, articles: Path
) -> None:
    run("kb", "sync", str(articles))
    assert "2 removed" in run("kb", "remove", "articles", "--yes").stdout
    assert [row["origin"] for row in json_of("kb", "list", "--json")] == ["samples"]
    assert "2 added" in run("kb", "sync", str(articles)).stdout


def test_an_origin_that_is_not_there_is_answered_with_those_that_are(run: Run, articles: Path) -> None:
    run("kb", "sync", str(articles))
    with pytest.raises(InvalidInput, match=f"no article comes from nowhere; there are: {articles}, samples"):
        run("kb", "remove", "nowhere", "--yes")


def test_what_is_found_is_shown_in_columns_best_first(run: Run) -> None:
    header, *rows, thresholds = run("kb", "search", "my printer is jammed").stdout.splitlines()
    assert header.split() == ["score", "confidence", "article"]
    figures = [tuple(map(float, row.split()[:2])) for row in rows]
    assert len(figures) > 2
    assert [score for score, _ in figures] == sorted((score for score, _ in figures), reverse=True)
    assert thresholds.startswith("answered from")


def test_a_link_out_of_the_folder_is_named_and_not_loaded(run: Run, json_of: Json, articles: Path) -> None:
    (articles / "passwd.md").symlink_to("/etc/passwd")
    result = run("kb", "sync", str(articles))
    assert "2 added" in result.stdout and "1 not used" in result.stdout
    assert "not used: passwd.md: is a link that leads out of the folder" in result.stderr
