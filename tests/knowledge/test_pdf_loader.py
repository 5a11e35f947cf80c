"""Documents made here with fpdf2, whole and broken ones."""

import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from bot.errors import LoadError
from bot.markdown import markdown_parser
from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from knowledge.chunking import chunks
from knowledge.loaders import Loaded, Notice, load_folder
from knowledge.loaders.pdf import Limits, load
from knowledge.loaders.pdf_text import tidied
from knowledge.loaders.source import Source
from tests.knowledge.test_markdown_loader import Tree, write

LIMITS = Limits()
LONG = "The fuser unit heats the toner until it melts into the paper, so let it cool before you open the rear door. "


def document(*pages: str, change: Callable[[FPDF], None] = lambda pdf: None) -> bytes:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=11)
    change(pdf)
    for text in pages:
        pdf.add_page()
        if text:
            pdf.multi_cell(0, 6, text)
    return bytes(pdf.output())


def load_one(content: bytes, limits: Limits = LIMITS, name: str = "guide") -> list[Loaded]:
    return list(load(Source(f"{name}.pdf", name, (), content, Tree(), "folder"), limits))


def article_in(loaded: list[Loaded]) -> Article:
    (article,) = [each for each in loaded if isinstance(each, Article)]
    return article


def raw_pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, numbered from 1, with a table that says where they are."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, start)


def stream(content: bytes, dictionary: bytes = b"") -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (dictionary, len(content), content)


def test_each_page_is_a_section_and_says_which_page_it_is(tmp_path: Path) -> None:
    write(tmp_path, "08-Materiel/guide.pdf", document("Open the front cover.", LONG * 32, "Close it."))

    (article,) = load_folder(tmp_path, Tree())

    assert isinstance(article, Article)
    assert (article.id, article.title, article.category) == ("08-Materiel/guide", "Guide", "hardware")
    assert article.audience is Audience.INTERNAL
    found = chunks(article.body)
    assert [chunk.heading for chunk in found][:2] == ["Page 1", "Page 2"]
    assert {chunk.heading for chunk in found} == {"Page 1", "Page 2", "Page 3"}
    assert len([chunk for chunk in found if chunk.heading == "Page 2"]) == 2


def test_a_file_beside_it_says_what_a_pdf_cannot(tmp_path: Path) -> None:
    write(tmp_path, "guide.fr.pdf", document("Ouvrez le capot."))
    write(tmp_path, "guide.fr.pdf.yaml", "title: Guide M404\naudience: public\ncategory: '8.1'\nreviewed: 2026-03-01\n")

    (article,) = load_folder(tmp_path, Tree())

    assert isinstance(article, Article)
    assert (article.title, article.category, article.language) == ("Guide M404", "hardware/printers", Language.FR)
    assert article.audience is Audience.PUBLIC
    assert article.reviewed is not None


def test_a_broken_file_beside_it_keeps_the_document_out(tmp_path: Path) -> None:
    write(tmp_path, "guide.pdf", document("Open the cover."))
    write(tmp_path, "guide.pdf.yaml", "audience: [public")

    (error,) = load_folder(tmp_path, Tree())

    assert isinstance(error, LoadError)
    assert error.document == "guide.pdf"
    assert "guide.pdf.yaml" in error.reason


def test_the_title_and_the_language_are_the_documents_own() -> None:
    def told(pdf: FPDF) -> None:
        pdf.set_title("Manuel de la M404")
        pdf.set_lang("fr-FR")

    article = article_in(load_one(document("OK", change=told)))
    assert (article.title, article.language) == ("Manuel de la M404", Language.FR)

    nameless = document("Open it.", change=lambda pdf: pdf.set_title("Microsoft Word - draft7.docx"))
    assert article_in(load_one(nameless, name="printer-guide")).title == "Printer guide"


def test_pages_without_text_are_named_and_the_others_used() -> None:
    *notices, article = load_one(document("One.", "", "Three.", "Four.", "", "", "Seven."))

    assert [str(notice) for notice in notices if isinstance(notice, Notice)] == [
        "guide.pdf: has no text on pages 2, 5-6, scanned? The rest is used"
    ]
    assert isinstance(article, Article)
    assert [chunk.heading for chunk in chunks(article.body)] == ["Page 1", "Page 3", "Page 4", "Page 7"]


def test_a_scanned_document_is_refused_with_the_reason() -> None:
    with pytest.raises(LoadError, match="no text on any page: scanned"):
        load_one(document("", ""))


def test_a_document_with_a_password_is_refused_with_the_reason() -> None:
    locked = document("Secret.", change=lambda pdf: pdf.set_encryption("owner", "user"))
    with pytest.raises(LoadError, match="protected by a password"):
        load_one(locked)


def test_one_that_only_forbids_printing_is_read() -> None:
    restricted = document("Open the cover.", change=lambda pdf: pdf.set_encryption("owner"))
    assert "Open the cover." in article_in(load_one(restricted)).body


def test_text_is_what_people_wrote() -> None:
    page = (
        "L'instal-\nlation de l'imprimante est ﬁnie. Prenez rendez-\nvous à l’accueil, étage 2, avec votre\n"
        "badge et cet appareil-\nci. Le rendez-vous est court.\n1. Ouvrez\n2. Fer\xadmez le N° ½"
    )
    (text,) = tidied([page])

    assert text == (
        "L'installation de l'imprimante est finie. Prenez rendez-vous à l’accueil, étage 2, avec votre "
        "badge et cet appareil-ci. Le rendez-vous est court.\n1. Ouvrez\n2. Fermez le N° 1⁄2"
    )


def test_running_heads_are_left_out() -> None:
    pages = [f"LaserJet guide {number}\nText of page {'abcdef'[number]}.\n{number} / 6" for number in range(6)]
    assert tidied(pages) == [f"Text of page {letter}." for letter in "abcdef"]


def test_nothing_in_a_page_is_taken_for_markdown() -> None:
    page = "# Not a heading\n\n1. Not a step\n\n- no *item* <b>x</b> [a](http://x) | `y`\n\n=====\n\n    code\n"
    article = article_in(load_one(document(page)))

    kinds = {token.type for token in markdown_parser().parse(article.body)}
    assert kinds == {"heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close"}
    assert r"\*item\* \<b\>x\</b\>" in article.body


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7\nnothing else", "damaged, or no PDF"),
        (b"MZ" + b"\0" * 2000, "is no PDF"),
        (document("Some text.")[:700], "damaged"),
        (raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), "damaged|no text|stopped"),
        (raw_pdf(b"<</Type/Catalog/Pages 1 0 R>>"), "damaged|no text"),
    ],
    ids=["empty", "other", "cut off", "a tree in a circle", "a catalogue as pages"],
)
def test_what_is_no_document_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        load_one(content)


def bomb(times: int) -> bytes:
    """Text that unpacks to `times` megabytes and paints a letter for every few of them."""
    content = zlib.compress(b"BT (x) Tj ET " * 80_000 * times, 9)
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>",
        stream(content, b"/Filter/FlateDecode"),
    )


def wide_tree() -> bytes:
    """Ten kids a level, all the same, nine levels deep: a thousand million pages in a kilobyte."""
    levels = [
        b"<</Type/Pages/Count 1000000000/Kids[%s]>>" % (b" ".join([b"%d 0 R" % (level + 3)] * 10)) for level in range(9)
    ]
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", *levels, b"<</Type/Page/MediaBox[0 0 9 9]>>")


@pytest.mark.skipif(sys.platform == "win32", reason="no limits but the time-out there")
@pytest.mark.parametrize("content", [bomb(60), bomb(300), wide_tree()], ids=["60 MB", "300 MB", "pages"])
def test_a_bomb_costs_no_more_than_it_may(content: bytes) -> None:
    assert len(content) < 2_000_000
    began = time.monotonic()
    with pytest.raises(LoadError, match=r"too much|damaged|no text"):
        load_one(content, Limits(processor_seconds=2, seconds=20, memory=400_000_000))
    assert time.monotonic() - began < 15


def test_patience_has_an_end_without_limits_of_the_system() -> None:
    with pytest.raises(LoadError, match="takes too long to read: more than 0"):
        load_one(document("Text."), Limits(seconds=0))


def test_of_a_very_long_document_the_first_pages_are_used() -> None:
    *notices, article = load_one(document(*[f"Page of text {n}." for n in range(12)]), Limits(pages=5))

    assert [str(each) for each in notices] == ["guide.pdf: only the first 5 of 12 pages are used: it is too long"]
    assert isinstance(article, Article)
    assert "## Page 5" in article.body
    assert "## Page 6" not in article.body
