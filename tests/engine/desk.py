"""A whole desk in one process, without a platform: people say things in it and read what was delivered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from bot.categories import Categories
from bot.commands.catalogue import COMMANDS
from bot.commands.table import CommandTable
from bot.engine.delivery import Deliverer
from bot.engine.dispatcher import Dispatcher
from bot.engine.receiving import Receiver
from bot.engine.services import Clocks, DeskRooms, NoPromises, Policy, Services
from bot.model.conversations import Message
from bot.model.documents import Actions, Button
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import (
    ConversationRef,
    Identity,
    Incoming,
    IncomingClick,
    IncomingDeletion,
    IncomingMessage,
    MessageKey,
)
from bot.model.people import PersonIdentity
from bot.model.tickets import Ticket
from bot.model.values import Audience, Language, Role
from bot.ports.adapters import Inbox
from bot.ports.knowledge import Retriever
from bot.ports.language_model import LanguageModel
from bot.ports.storage import Storage
from bot.technicians import appoint
from bot.texts import Texts
from bot.understanding import Understander
from knowledge.clustering import Clusterer

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
DESK_ROOM = ConversationRef("test", "T", "desk")


class Wire:
    """A platform that remembers what it was told to post, in order."""

    platform = "test"
    accounts = frozenset({"T"})

    def __init__(self) -> None:
        self.posted: list[Delivery] = []

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, delivery: Delivery) -> str:
        self.posted.append(delivery)
        return delivery.replaces or f"p{len(self.posted)}"


@dataclass(frozen=True)
class OneDeskRoom:
    """With `cards`, tickets have a card that is edited in place and a thread under it, as on Slack."""

    rooms: tuple[ConversationRef, ...] = (DESK_ROOM,)
    cards: bool = False
    forms: bool = False

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        return self.rooms

    def contains(self, ref: ConversationRef) -> bool:
        return ref.room.startswith("desk")

    def shows_cards(self, ref: ConversationRef) -> bool:
        return self.cards and ref.room == DESK_ROOM.room

    def opens_forms(self, ref: ConversationRef) -> bool:
        return self.forms and self.contains(ref)

    def new_thread(self, ref: ConversationRef, name: str) -> ConversationRef:
        return replace(ref, thread=name) if self.cards else ref

    def private_room(self, identity: PersonIdentity) -> ConversationRef | None:
        return ConversationRef("test", "T", f"desk-{identity.native_id}") if identity.platform == "test" else None


@dataclass
class FakeClock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class TestDesk:
    """`says` sends a message, lets the engine work until all is done, and returns what was posted meanwhile."""

    __test__ = False

    storage: Storage
    services: Services
    wire: Wire
    clock: FakeClock
    dispatcher: Dispatcher = field(init=False)
    deliverer: Deliverer = field(init=False)
    _number: int = 0

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.services, "test", lease=LEASE)
        self.deliverer = Deliverer(
            self.storage, [self.wire], "test", lease=LEASE, clock=lambda: datetime.now(UTC), texts=self.services.texts
        )

    async def receive(self, *events: Incoming) -> int:
        return await Receiver(self.storage.inbox).receive(*events)

    async def settle(self) -> list[Delivery]:
        """Handle and deliver everything that is due; what was posted."""
        before = len(self.wire.posted)
        await self.dispatcher.drain()
        while await self.deliverer.deliver_due():
            pass
        return self.wire.posted[before:]

    def message(
        self,
        text: str,
        room: str = "dm",
        *,
        who: str = "ada",
        audience: Audience = Audience.INTERNAL,
        thread: str | None = None,
        language: Language | None = None,
        native_id: str | None = None,
        revision: str = "",
        private: bool = True,
        mentioned: bool = False,
    ) -> IncomingMessage:
        self._number += 1
        native_id = native_id or f"m{self._number}"
        return IncomingMessage(
            key=MessageKey("test", "T", "message", native_id, revision),
            conversation=ConversationRef("test", "T", room, thread),
            author=Identity("test", "T", who, name=who.title()),
            text=text,
            sent_at=self.clock(),
            private=private,
            mentioned=mentioned,
            audience=audience,
            language=language,
        )

    def deletion(self, native_id: str, room: str = "dm") -> IncomingDeletion:
        return IncomingDeletion(
            key=MessageKey("test", "T", "deletion", native_id),
            conversation=ConversationRef("test", "T", room),
            author=Identity("test", "T", "ada"),
            message=native_id,
            sent_at=self.clock(),
        )

    async def says(self, text: str, room: str = "dm", **options: object) -> str:
        """What the desk answers in that room; nothing is an empty string."""
        await self.receive(self.message(text, room, **options))  # type: ignore[arg-type]
        posted = await self.settle()
        return "\n".join(one.document.text for one in posted if one.conversation.room == room)

    async def clicks(
        self,
        action: str,
        value: str | None = None,
        room: str = "dm",
        *,
        who: str = "ada",
        thread: str | None = None,
        locale: str | None = None,
    ) -> str:
        """Press the latest button of that action in the room (and of that value, if given)."""
        button = self.button(action, room) if value is None else Button(action, "", value)
        event = IncomingClick(
            key=MessageKey("test", "T", "click", str(new_id())),
            conversation=ConversationRef("test", "T", room, thread),
            author=Identity("test", "T", who, name=who.title(), locale=locale),
            action=button.action,
            value=button.value,
            sent_at=self.clock(),
            audience=Audience.INTERNAL,
        )
        await self.receive(event)
        posted = await self.settle()
        return "\n".join(one.document.text for one in posted if one.conversation.room == room)

    def button(self, action: str, room: str = "dm") -> Button:
        for delivery in reversed(self.wire.posted):
            if delivery.conversation.room == room:
                for block in delivery.document.blocks:
                    for button in block.buttons if isinstance(block, Actions) else ():
                        if button.action == action:
                            return button
        raise AssertionError(f"no button {action} in {room}")

    def posts(self, room: str = "dm") -> list[str]:
        return [one.document.text for one in self.wire.posted if one.conversation.room == room]

    async def tickets(self) -> list[Ticket]:
        async with self.storage.unit_of_work() as uow:
            return await uow.tickets.find(order="oldest", limit=1000)

    async def history(self, room: str = "dm") -> Sequence[Message]:
        async with self.storage.unit_of_work() as uow:
            conversation = await uow.conversations.by_ref(ConversationRef("test", "T", room))
            return await uow.conversations.messages(conversation.id) if conversation else []

    async def asked(self, text: str, room: str = "dm", **options: object) -> Message:
        """Say something and return the message with its outcome."""
        await self.says(text, room, **options)
        return [message for message in await self.history(room) if message.author != "bot"][-1]

    async def appoint(self, who: str, role: Role = Role.TECHNICIAN) -> None:
        async with self.storage.unit_of_work() as uow:
            await appoint(uow, Identity("test", "T", who, name=who.title()), role)
            await uow.commit()


@cache
def shipped() -> tuple[Categories, Understander, Texts]:
    """What ships, which no desk changes: read once for all of them."""
    categories = Categories.load(None)
    return categories, Understander(categories), Texts.load()


def make_desk(
    storage: Storage,
    retriever: Retriever,
    *,
    policy: Policy | None = None,
    language_model: LanguageModel | None = None,
    desk: DeskRooms | None = None,
    sla: Clocks | None = None,
) -> TestDesk:
    (categories, understander, texts), clock = shipped(), FakeClock()
    services = Services(
        storage=storage,
        understander=understander,
        categories=categories,
        retriever=retriever,
        texts=texts,
        commands=CommandTable(COMMANDS),
        clock=clock,
        policy=policy or Policy(),
        desk=desk or OneDeskRoom(),
        language_model=language_model,
        grouper=Clusterer(),
        sla=sla or NoPromises(),
    )
    return TestDesk(storage, services, Wire(), clock)
