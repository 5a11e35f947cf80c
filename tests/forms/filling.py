"""Pressing buttons that open forms, and sending them."""

from collections.abc import Mapping

from bot.model.documents import Actions, Button
from bot.model.forms import Form
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingClick, IncomingForm, MessageKey, Quoted
from bot.model.values import Audience
from bot.reception import DeskReception
from tests.engine.desk import START, TestDesk

CARD = ConversationRef("test", "T", "desk", "p2")  # the first ticket's: its asker was told first


def person(who: str, locale: str | None = "en") -> Identity:
    return Identity("test", "T", who, who.title(), locale=locale)


def pressed(action: str, value: str, who: str = "tess", where: ConversationRef = CARD) -> IncomingClick:
    key = MessageKey("test", "T", "click", str(new_id()))
    return IncomingClick(key, where, person(who), action, value, START, Audience.INTERNAL)


async def opened(reception: DeskReception, action: str, value: str = "T1", who: str = "tess") -> Form:
    form = await reception.form_of(pressed(action, value, who))
    assert form is not None
    return form


def values_in(form: Form) -> dict[str, str]:
    return {field.name: field.value for field in form.fields}


async def send(
    desk: TestDesk,
    form: Form | str,
    who: str = "tess",
    *,
    subject: str = "T1",
    where: ConversationRef = CARD,
    quoted: Quoted | None = None,
    words: Mapping[str, str] | None = None,
    **written: str,
) -> list[Delivery]:
    """Send a form as it stands, with some fields written anew; what was posted."""
    stands = values_in(form) if isinstance(form, Form) else {}
    event = IncomingForm(
        MessageKey("test", "T", "form", str(new_id())),
        where,
        person(who),
        form.name if isinstance(form, Form) else form,
        {**stands, **(words or {}), **written},
        desk.clock(),
        form.subject if isinstance(form, Form) else subject,
        quoted,
        Audience.INTERNAL,
    )
    await desk.receive(event)
    return await desk.settle()


def buttons_of(delivery: Delivery) -> dict[str, Button]:
    blocks = delivery.document.blocks
    return {button.action: button for block in blocks if isinstance(block, Actions) for button in block.buttons}


def to(posted: list[Delivery], who: str) -> Delivery:
    """What one person alone was told."""
    (said,) = [one for one in posted if one.recipient == who]
    return said
