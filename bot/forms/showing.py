"""What was written in a form, given back to who wrote it."""

from uuid import UUID

from bot.model.documents import Actions, Block, Button, Fields, plain
from bot.model.messages import IncomingForm
from bot.model.values import Language
from bot.texts import Texts

AGAIN = "form_again"  # the action of the button that opens a form as it was filled in; its value is the message's id


def written(form: IncomingForm, texts: Texts, language: Language) -> list[Block]:
    """Every word, under the labels of the form; nothing if nothing was written."""
    items = tuple(
        (texts(f"form.field.{name}", language) if texts.has(f"form.field.{name}") else plain(name), plain(value))
        for name, value in form.values.items()
        if value.strip()
    )
    return [Fields(items, title=texts("form.yours", language))] if items else []


def again(message_id: UUID, texts: Texts, language: Language) -> Actions:
    return Actions((Button(AGAIN, texts("button.form_again", language), str(message_id), "primary"),))
