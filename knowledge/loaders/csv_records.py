"""CSV with a row of names, each row an entry of a FAQ or a past ticket (`knowledge.loaders.records`).

Commas, semicolons, tabs or bars between the values: whichever makes names out of the first row that are known.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from bot.errors import LoadError
from knowledge.loaders.records import known, loaded
from knowledge.loaders.source import Loaded, Source

DELIMITERS = ",;\t|"
LONGEST_ROW_OF_NAMES = 20_000  # characters


def load(source: Source) -> Iterator[Loaded]:
    """One article or past ticket a row; those that cannot be used are reported by their line."""
    text = source.text().lstrip("\ufeff\r\n")
    if text[:4].lower() == "sep=":  # a line for Excel
        text = text.partition("\n")[2]
    delimiter, names = _names(source, text)
    yield from loaded(source, _rows(source, text, delimiter, names))


def _names(source: Source, text: str) -> tuple[str, list[str]]:
    """The delimiter with which the first row has most names that are known, and the row."""
    head = text[:LONGEST_ROW_OF_NAMES]
    best: tuple[int, str, list[str]] = (0, "", [])
    for delimiter in DELIMITERS:
        try:
            row = next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        if (score := len(known(dict.fromkeys(row, "")))) > best[0]:
            best = (score, delimiter, row)
    if best[0] < 2:
        shown = " ".join(head.split("\n", 1)[0][:80].split())
        raise source.error(
            f"its first row should name the columns: question and answer, or those of past tickets; it is: {shown}"
        )
    return best[1], best[2]


def _rows(source: Source, text: str, delimiter: str, names: list[str]) -> Iterator[tuple[str, int, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        next(reader)
        for row in reader:
            at, line = line + 1, reader.line_num
            if not any(value.strip() for value in row):
                continue
            if any(value.strip() for value in row[len(names) :]):
                problem = f"has {len(row)} values for {len(names)} columns: put quotes around texts"
                yield "line", at, LoadError(f"{source.name}, line {at}", problem)
            else:
                yield "line", at, dict(zip(names, row, strict=False))
    except csv.Error as error:
        raise source.error(f"is not CSV that can be used, from line {line + 1} on: {error}") from error
