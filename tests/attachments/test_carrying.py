"""Which files are brought to where a message stands."""

from bot.attachments.carrying import items_of
from bot.model.documents import Document, FileItem, Files, Paragraph
from bot.model.ids import new_id


def test_what_can_be_had_and_is_not_hidden_is_brought() -> None:
    shown = FileItem(new_id(), "a.png", "image/png", 1)
    hidden = FileItem(new_id(), "b.png", "image/png", 1, sensitive=True)
    missing = FileItem(new_id(), "c.png", "image/png", 1, "in_public")
    document = Document((Paragraph("look"), Files((hidden, shown)), Files((missing,))))
    assert items_of(document) == [shown]
