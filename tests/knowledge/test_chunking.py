import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.chunking import LONGEST, OVERLAP, chunks, is_page, sentences

SENTENCE = "The paper tray must be closed before the printer starts. "


def test_each_section_is_a_chunk_below_its_heading() -> None:
    found = chunks("Intro.\n\n## First *thing*\n\nOne.\n\nTwo.\n\n### Second\n\nThree.\n")

    assert [(chunk.position, chunk.heading, chunk.text) for chunk in found] == [
        (0, None, "Intro."),
        (1, "First *thing*", "One.\n\nTwo."),
        (2, "Second", "Three."),
    ]


def test_short_text_is_one_chunk_as_it_is() -> None:
    assert [chunk.text for chunk in chunks("  1. One\n2. Two\n")] == ["1. One\n2. Two"]


def test_an_article_without_text_is_still_one_chunk() -> None:
    for body in ("", "## Heading only\n"):
        (chunk,) = chunks(body)
        assert chunk.text == ""


def test_long_sections_are_cut_between_paragraphs_and_overlap() -> None:
    paragraphs = [f"Paragraph {number}. " + SENTENCE * 8 for number in range(8)]

    found = chunks("## Long\n\n" + "\n\n".join(paragraphs))

    assert len(found) > 2
    assert {chunk.heading for chunk in found} == {"Long"}
    for before, after in itertools.pairwise(found):
        repeated = after.text.split("\n\n")[0]
        assert before.text.endswith(repeated)
        assert 0 < len(repeated) <= OVERLAP
    for number in range(8):
        assert any(f"Paragraph {number}." in chunk.text for chunk in found)


def test_a_list_and_a_table_stay_whole() -> None:
    steps = "\n".join(f"{number}. Do this, then that, and this again." for number in range(1, 45))
    table = "| a | b |\n|---|---|\n" + "\n".join(f"| row {number} | value of the row |" for number in range(50))

    found = chunks(f"## Long\n\n{SENTENCE * 20}\n\n{steps}\n\n{SENTENCE * 20}\n\n{table}")

    assert any(steps in chunk.text for chunk in found)
    assert any(table in chunk.text for chunk in found)


def test_a_list_too_long_for_any_chunk_is_cut_between_lines() -> None:
    steps = "\n".join(f"{number}. {SENTENCE}" for number in range(1, 200))

    found = chunks(steps)

    assert len(found) > 2
    assert all(line == "" or line[0].isdigit() or line in steps for chunk in found for line in chunk.text.splitlines())


def test_line_ends_of_other_systems_move_nothing() -> None:
    text = "Intro with a form feed \x0c and \x85 inside.\r\n\r\n## One\r\n\r\nText one.\r\n\r\n## Two\r\n\r\nText two."

    assert [(chunk.heading, chunk.text) for chunk in chunks(text)][1:] == [("One", "Text one."), ("Two", "Text two.")]


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("#-1. \n|ab`"), max_size=400), st.integers(1, 60))
def test_chunks_are_bounded_and_in_order_whatever_the_text(text: str, times: int) -> None:
    found = chunks(text * times)

    assert [chunk.position for chunk in found] == list(range(len(found)))
    assert all(len(chunk.text) <= 2 * LONGEST + OVERLAP + 100 for chunk in found)


def test_a_long_paragraph_is_cut_and_overlaps() -> None:
    found = chunks(SENTENCE * 120)

    assert len(found) > 2
    assert all(len(chunk.text) <= 2 * LONGEST + OVERLAP for chunk in found)
    for before, after in itertools.pairwise(found):
        assert before.text.endswith(after.text.split("\n\n")[0])


def test_a_table_too_long_for_any_chunk_is_cut_between_rows_below_its_header() -> None:
    header = "| code | meaning |\n|---|---|"
    rows = [f"| 13.{number:03} | paper jam in area {number}, open the door |" for number in range(300)]

    found = chunks(f"## Codes\n\nAll codes.\n\n{header}\n" + "\n".join(rows) + "\n\nAfter the table.")

    assert len(found) > 3
    parts = [chunk.text for chunk in found]
    assert all(header in part for part in parts[1:-1])
    seen = [line for part in parts for line in part.splitlines() if line.startswith("| 13.")]
    assert seen == rows  # each row whole, and once
    assert parts[-1].endswith("After the table.")


def test_what_follows_a_long_list_repeats_whole_lines_of_it() -> None:
    steps = "\n".join(f"{number}. Do this, then that, and this again." for number in range(1, 45))

    _, after = chunks(f"{steps}\n\n{SENTENCE * 20}")

    assert after.text.startswith("40. Do this")


def test_the_sentences_of_a_page_without_the_very_short_and_the_very_long() -> None:
    text = (
        "Yes. The badge costs ten euros.\nIt is ready\nthe next morning! "
        + "x" * 500
        + ".\n- one item of a list\n- two"
    )
    assert sentences(text) == [
        "The badge costs ten euros.",
        "It is ready the next morning!",
        "- one item of a list",
    ]


@pytest.mark.parametrize(("heading", "page"), [("Page 3", True), ("Page 3 of the form", False), (None, False)])
def test_a_page_is_a_heading_that_is_only_its_number(heading: str | None, page: bool) -> None:
    assert is_page(heading) is page
