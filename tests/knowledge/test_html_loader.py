import contextlib
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import LoadError
from bot.markdown import markdown_parser, parse
from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from knowledge.loaders.html import load
from knowledge.loaders.source import Source
from tests.knowledge.test_markdown_loader import Tree, loaded, write


def article(page: str | bytes, name: str = "page") -> Article:
    content = page.encode() if isinstance(page, str) else page
    (found,) = load(Source(f"{name}.html", name, (), content, Tree(), "folder"))
    assert isinstance(found, Article)
    return found


def body(page: str) -> str:
    return article(page).body


def test_a_page_is_an_article_without_what_is_around_it(tmp_path: Path) -> None:
    page = """<!doctype html><html lang="fr-FR"><head><meta charset="utf-8"><title>Bourrage papier - Wiki</title>
    <meta name="keywords" content="imprimante, bourrage"><style>p {color: red}</style></head>
    <body><header>Entête</header><nav><a href="/">Accueil</a></nav><aside>Publicité</aside>
    <main><h1>Bourrage papier</h1><p>Ouvrez le   capot<br>avant.</p><form><input></form></main>
    <script>alert("x")</script><footer>Pied</footer></body></html>"""
    write(tmp_path, "08-Materiel/page.html", page)
    write(tmp_path, "08-Materiel/page.html.yaml", "audience: public")

    (found,) = loaded(tmp_path)

    assert (found.title, found.body) == ("Bourrage papier", "Ouvrez le capot  \navant.")
    assert (found.language, found.category, found.audience) == (Language.FR, "hardware", Audience.PUBLIC)
    assert found.keywords == ("imprimante", "bourrage")


def test_headings_lists_tables_and_code_are_kept() -> None:
    page = """<h1>T</h1><h2>Before</h2><p>See <b>Settings</b> or <a href="https://example.org/a(b)">the page</a>.</p>
    <ol><li>One<ul><li>a</li><li>b</li></ul></li><li><p>Two</p><p>more</p></li></ol>
    <table><tr><th>Code</th><th>Means</th></tr><tr><td>13.02</td><td>Jam<br>tray 2</td></tr></table>
    <pre>net use
  Z: `x`</pre>"""

    assert body(page) == (
        "## Before\n\nSee **Settings** or [the page](https://example.org/a%28b%29).\n\n"
        "1. One\n   - a\n   - b\n2. Two\n   more\n\n"
        "| Code | Means |\n|---|---|\n| 13.02 | Jam tray 2 |\n\n"
        "```\nnet use\n  Z: `x`\n```"
    )
    assert parse(body(page)).steps[1].startswith("Two")


def test_tables_that_are_there_for_the_looks_are_text() -> None:
    assert body("<table><tr><td>One</td></tr><tr><td>Two</td></tr></table>") == "One\n\nTwo"


@pytest.mark.parametrize(
    "text",
    ["# no heading", "1. no step", "- no item", "---", "===", "*no* _emphasis_", "`no code`", "[no](http://link)",
     "&lt;b&gt;", "a | b", "~~~", "+ x"],
)  # fmt: skip
def test_text_is_never_taken_for_markdown(text: str) -> None:
    page = f"<p>{text}</p><ul><li>{text}</li></ul>"
    kinds = {token.type for token in markdown_parser().parse(body(page))}
    assert kinds == {
        "paragraph_open", "paragraph_close", "inline", "bullet_list_open", "bullet_list_close", "list_item_open",
        "list_item_close",
    }  # fmt: skip
    assert not re.search(r"(?<!\\)[*_`\[<|~]", body(page))


def test_links_lead_only_where_links_may() -> None:
    assert body('<a href="javascript:alert(1)">x</a> <a href="/local">y</a>') == "x y"
    assert body('<a href="https://e.org/ ](x) <">z</a>') == "z"


def test_a_page_says_its_encoding() -> None:
    page = '<html lang="fr"><meta charset="iso-8859-1"><title>Été</title><p>Réglé à l\'été</p>'
    assert article(page.encode("latin-1")).body == "Réglé à l'été"


def test_a_page_without_a_title_has_its_files_name() -> None:
    assert article("<p>Text</p>", "reset-a-password").title == "Reset a password"


def test_a_page_without_text_is_refused() -> None:
    with pytest.raises(LoadError, match="has no text of its own"):
        article("<html><nav>Menu</nav><script>x</script></html>")


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "deep" + "</div>" * 40_000,
        "<ul><li>" * 50_000 + "deep",
        "<table><tr><td>" * 30_000 + "deep",
        "<b>" * 100_000 + "deep",
        "<a " * 140_000 + "text",
        "<!--" * 1_000_000,
        "<![CDATA[" * 140_000 + "text",
        "</" * 140_000 + "text",
        "<a x='" * 140_000 + "text",
        "<script>" * 140_000 + "text",
        "<" * 5_000_000,
    ],
    ids=lambda page: f"{page[:9]}…",
)
def test_a_hostile_page_is_done_with_soon(page: str) -> None:
    began = time.monotonic()
    with contextlib.suppress(LoadError):
        assert article(page).body
    assert time.monotonic() - began < 30


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/!-&;'\" \n#*`|[]()=aplitdrh12"), max_size=200))
def test_any_text_is_an_article_or_an_error(text: str) -> None:
    try:
        found = article(f"<p>x{text}")
    except LoadError:
        return
    tokens = markdown_parser().parse(found.body)
    assert not [token for token in tokens if token.type in ("html_block", "code_block")]
