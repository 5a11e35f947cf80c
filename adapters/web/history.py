"""What was said in a conversation, as its pages show it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from adapters.web.translate import CLICK, form_id_of
from bot.attachments.showing import files_block
from bot.model.conversations import Message
from bot.model.documents import Actions, Document, Paragraph, Steps, plain
from bot.model.messages import ConversationRef
from bot.model.tickets import Attachment
from bot.model.values import Language
from bot.ports.storage import UnitOfWork

Mark = Literal["delivered", "waiting", "undelivered"]

OfMessages = Mapping[UUID, Sequence[Attachment]]

NO_FILES: OfMessages = {}
LONGEST = 200  # messages of a conversation that a page shows


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the page. `id` stays the same when its text changes; `form_id` is that of the form that said it, or
    for an answer of the form that it answers."""

    id: str
    author: Literal["person", "bot", "technician"]
    document: Document
    language: Language
    at: datetime
    form_id: str = ""
    is_click: bool = False
    edited: bool = False
    by: str = ""  # the name of who said it, where several people speak
    mark: Mark | None = None  # of a technician's words: whether they have arrived

    @property
    def has_buttons(self) -> bool:
        return any(isinstance(block, Actions) and block.buttons for block in self.document.blocks)

    @property
    def has_steps(self) -> bool:
        """Whether it is a whole article, which a technician unfolds when they want to."""
        first, *rest = self.document.blocks
        return isinstance(first, Paragraph) and any(isinstance(block, Steps) for block in rest)

    @property
    def rest(self) -> Document:
        """All but the first block."""
        return Document(self.document.blocks[1:])


@dataclass(frozen=True, slots=True)
class History:
    """`after` is the number of the latest delivery that is shown: what comes later is news."""

    items: tuple[Item, ...] = ()
    after: int = 0

    @property
    def offer(self) -> str | None:
        """The item whose buttons can be pressed: those before it have been overtaken."""
        return next((item.id for item in reversed(self.items) if item.has_buttons), None)


async def history_of(uow: UnitOfWork, ref: ConversationRef) -> History:
    conversation = await uow.conversations.by_ref(ref)
    if conversation is None:
        return History()
    messages = await uow.conversations.messages(conversation.id, LONGEST)
    numbers = [int(one.native_id) for one in messages if one.document and one.native_id and one.native_id.isdecimal()]
    return History(tuple(items_of(messages, await files_of(uow, messages))), max(numbers, default=0))


async def files_of(uow: UnitOfWork, messages: Iterable[Message]) -> OfMessages:
    """What people sent with these; what the desk says has it in its document."""
    found: dict[UUID, list[Attachment]] = {}
    for one in await uow.attachments.of([message.id for message in messages if message.document is None]):
        found.setdefault(one.message_id, []).append(one)
    return found


def items_of(messages: Iterable[Message], files: OfMessages = NO_FILES) -> list[Item]:
    """In order; a bot's message is there once it was delivered, its later versions are in its place."""
    messages = list(messages)
    forms = {one.id: form_id_of(one.native_id) for one in messages if one.document is None and one.native_id}
    shown: dict[str, Item] = {}
    for message in messages:
        if message.deleted or message.native_id is None:
            continue
        item = item_of(message, forms, files)
        if item.id in shown:
            before = shown[item.id]
            item = Item(item.id, item.author, item.document, item.language, before.at, item.form_id, edited=True)
        shown[item.id] = item
    return list(shown.values())


def item_of(message: Message, forms: Mapping[UUID, str], files: OfMessages = NO_FILES) -> Item:
    language = message.language or Language.EN
    native = message.native_id or ""
    if message.document is not None:
        form = forms.get(message.in_reply_to, "") if message.in_reply_to else ""
        return Item(f"d-{native}", message.author, message.document, language, message.sent_at, form)
    is_click = native.startswith(CLICK)
    text = message.text[1:-1] if is_click and message.text.startswith("[") else message.text
    form = form_id_of(native)
    block = files_block(files.get(message.id, ()))
    words = [Paragraph(plain(text))] if text or not block else []
    document = Document((*words, block) if block else tuple(words))
    return Item(f"p-{native}", message.author, document, language, message.sent_at, form, is_click)
