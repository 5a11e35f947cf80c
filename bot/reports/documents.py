"""Tables of words as a Document: for a chat, and for a page."""

from collections.abc import Iterable, Sequence

from bot.model.documents import Block, Document, Fields, Paragraph, plain
from bot.reports.sheets import Sheet


def document(title: str, sheets: Sequence[Sheet], notes: Iterable[str] = (), most_rows: int | None = None) -> Document:
    """`most_rows`: of each table, the last rows of a longer one are left out; None: none."""
    blocks: list[Block] = [Paragraph(f"**{plain(title)}**")] if title else []
    for sheet in sheets:
        rows = sheet.rows if most_rows is None else sheet.rows[:most_rows]
        heading = plain(sheet.title)
        if len(rows) < len(sheet.rows):
            heading = f"{heading} ({len(rows)}/{len(sheet.rows)})"
        blocks.append(Fields(tuple((plain(row[0]), _cells(sheet.columns[1:], row[1:])) for row in rows), title=heading))
    blocks += [Paragraph(f"_{plain(note)}_") for note in notes]
    return Document(tuple(blocks))


def _cells(columns: Sequence[str], cells: Sequence[str]) -> str:
    """One cell stands for itself; of several, each but the first of a pair says what it is."""
    named = [plain(f"{column}: {cell}" if column else cell) for column, cell in zip(columns, cells, strict=True)]
    if len(cells) == 1 or (len(cells) == 2 and cells[1] in ("", "–")):
        return plain(cells[0])
    return " · ".join(named)
