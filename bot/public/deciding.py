"""What a technician decides about a post, by a button, a command or a form."""

from collections.abc import Awaitable, Callable

from bot.commands.table import may
from bot.engine.rules import commands
from bot.engine.turn import Answer, Turn
from bot.errors import InvalidInput
from bot.model.documents import Document, Paragraph
from bot.model.public import PublicPost
from bot.public.held import approve, edit, edit_command, leave, undo
from bot.public.kept import post_named
from bot.public.tickets import take_up

Act = Callable[[Turn, PublicPost], Awaitable[Document]]
ACTS: dict[str, Act] = {"approve": approve, "leave": leave, "undo": undo, "ticket": take_up}
ACTIONS = frozenset({"post_edit", *(f"post_{name}" for name in ACTS)})


async def pressed(turn: Turn, action: str, value: str) -> Answer:
    """A button on a post's card. Who may not is told so, and everybody else in the room nothing."""
    turn.for_them_alone = await commands.is_read_by_others(turn)
    try:
        document = await act(turn, value, action.removeprefix("post_"))
    except InvalidInput as error:
        document = Document((Paragraph(str(error)),))
    return commands.answered(turn, document)


async def act(turn: Turn, value: str, name: str, text: str | None = None) -> Document:
    """Carry out what is named: `edit` with the new `text`. Raises InvalidInput."""
    if not may(turn.role, "technician"):
        raise InvalidInput(turn.say("command.technicians_only"))
    post = await post_named(turn.uow, value)
    if post is None:
        raise InvalidInput(turn.say("post.unknown", reference=value[:40]))
    if name != "edit":
        return await ACTS[name](turn, post)
    if text is None or not text.strip():
        raise InvalidInput(turn.say("post.how_to_edit", reference=post.reference, command=edit_command(turn, post)))
    return await edit(turn, post, text)
