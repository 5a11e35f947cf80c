"""Forms that were filled in: each is carried out by the command that would be typed for it.

What cannot be done gives every word back, with a button that opens the form again as it was filled in.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.attachments.receiving import attachments_of
from bot.commands import ticket_new
from bot.commands.table import may
from bot.engine.pointed import keep_thread
from bot.engine.rules.commands import answered
from bot.engine.turn import Answer, Turn
from bot.errors import InvalidInput
from bot.forms.sent import kept
from bot.forms.showing import again, written
from bot.forms.specs import FORMS, ONESELF
from bot.interventions.written import PARTS
from bot.model.documents import Block, Document, Paragraph
from bot.model.messages import IncomingForm
from bot.model.values import Urgency
from bot.public import deciding

Sent = Callable[[Turn, IncomingForm], Awaitable[Document]]


def is_for_author(form: IncomingForm) -> bool:
    """Whether a ticket on a message is for who wrote it, rather than for who sent the form."""
    return form.quoted is not None and form.quoted.author is not None and form.values.get("asker") != ONESELF


async def submitted(turn: Turn, form: IncomingForm) -> Answer:
    """What comes of a form is for who sent it, and for nobody else in the room."""
    turn.for_them_alone = True
    spec = FORMS.get(form.form)
    if spec is None:
        return answered(turn, given_back(turn, form, turn.say("click.outdated")))
    if not may(turn.role, spec.right):
        return answered(turn, given_back(turn, form, turn.say("command.technicians_only")))
    try:
        document = await SENT.get(form.form, by_command)(turn, form)
    except InvalidInput as error:
        document = given_back(turn, form, str(error))
    return answered(turn, document)


def given_back(turn: Turn, form: IncomingForm, why: str, name: str | None = None) -> Document:
    """Why it was not done, what was written, and the way back into the form."""
    turn.message = replace(turn.message, document=kept(form, name))
    blocks: list[Block] = [Paragraph(why), *written(form, turn.services.texts, turn.language)]
    if (name or form.form) in FORMS:
        blocks.append(again(turn.message.id, turn.services.texts, turn.language))
    return Document(tuple(blocks))


async def by_command(turn: Turn, form: IncomingForm) -> Document:
    """As if the command had been typed with the form's one field."""
    spec = FORMS[form.form]
    return await command(turn, spec.command or "", f"{form.subject} {form.values.get(spec.fields[0].name, '')}")


async def command(turn: Turn, name: str, argument: str) -> Document:
    found = turn.services.commands.named("ticket", name)
    return await found.run(turn, argument.strip())


async def new(turn: Turn, form: IncomingForm) -> Document:
    """A ticket in so many words, for oneself."""
    text, values, quoted = form.values.get("text", ""), form.values, form.quoted
    category = values["category"] if values.get("category") in turn.services.categories else None
    priority = Urgency(values["priority"]) if values.get("priority") in tuple(Urgency) else None
    if quoted:
        keep_thread(turn, quoted)
        files = attachments_of(quoted.files, turn.message.id, turn.services.files, turn.now)
        turn.files |= {turn.message.id: files} if files else {}
    return await ticket_new.opened(turn, text, category, priority, quoted)


async def resolve(turn: Turn, form: IncomingForm) -> Document:
    """The message to the person; apart from it the write-up, or the reason for none."""
    values = form.values
    reason = f"--reason {values['reason']} " if values.get("reason") else ""
    document = await command(turn, "resolve", f"{form.subject} {reason}{values.get('text', '')}")
    if reason or not (values.get("cause", "").strip() or values.get("steps", "").strip()):
        return document
    rest = replace(form, values={name: value for name, value in values.items() if name not in ("text", "reason")})
    try:
        learnt = await write_up(turn, rest)
    except InvalidInput as error:  # resolved it is all the same
        learnt = given_back(turn, rest, str(error), "ticket_write-up")
    blocks = tuple(block for block in document.blocks if not _offers_write_up(block))
    return Document((*blocks, *learnt.blocks))


def _offers_write_up(block: Block) -> bool:
    buttons = getattr(block, "buttons", ())
    return any(button.action == "ticket_write-up" for button in buttons)


async def write_up(turn: Turn, form: IncomingForm) -> Document:
    """What was learnt; what the form does not ask for is as it was drafted."""
    said = {part: form.values[part] for part in PARTS if part in form.values}
    return await command(turn, "write-up", f"{form.subject} {_labelled(said)}")


def _labelled(said: dict[str, str]) -> str:
    """Parts with the labels that a write-up's text has; those that were not asked for are left out."""
    return "\n" + "\n".join(f"{part}: {_indented(value)}" for part, value in said.items()) + "\n"


def _indented(value: str) -> str:
    """On lines of its own, so that nothing in it is taken for another part's label."""
    return "".join(f"\n  {line}" for line in value.splitlines())


async def post(turn: Turn, form: IncomingForm) -> Document:
    """Other words for a public reply that is held."""
    return await deciding.act(turn, form.subject, "edit", form.values.get("text", ""))


SENT: dict[str, Sent] = {
    "ticket_new": new,
    "ticket_resolve": resolve,
    "ticket_write-up": write_up,
    "post_edit": post,
}
