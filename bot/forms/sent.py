"""What was written in a form, kept so that nobody has to write it twice."""

from bot.model.documents import Document, Fields
from bot.model.messages import IncomingForm

_BETWEEN = "\x1f"


def main_words(form: IncomingForm) -> str:
    """What a form says, for histories: the words in it, else what was picked."""
    return form.values.get("text") or " · ".join(value for value in form.values.values() if value)


def kept(form: IncomingForm, name: str | None = None) -> Document:
    """Everything that was written, as it is stored with the message, never shown. `name`: the form to open again."""
    items = tuple(form.values.items())
    return Document((Fields(items, title=_BETWEEN.join((name or form.form, form.subject))),))


def kept_form(document: Document | None) -> tuple[str, str, dict[str, str]] | None:
    """The form's name, its subject, and what was written in it; None for a message that was no form."""
    block = document.blocks[0] if document and document.blocks else None
    if not isinstance(block, Fields) or _BETWEEN not in block.title:
        return None
    name, _, subject = block.title.partition(_BETWEEN)
    return name, subject, dict(block.items)
