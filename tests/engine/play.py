"""A play on two platforms: people say their lines, and everything that anybody reads is written down in its order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.engine.delivery import Deliverer
from bot.engine.dispatcher import Dispatcher
from bot.model.documents import Actions
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingClick, IncomingMessage, MessageKey
from bot.model.values import Audience, Language
from bot.ports.adapters import Inbox
from tests.engine.desk import LEASE, TestDesk

ACCOUNT = "T"


class Stage:
    """A platform that posts onto the record that it shares with the others."""

    accounts = frozenset({ACCOUNT})

    def __init__(self, platform: str, record: list[Delivery]) -> None:
        self.platform = platform
        self._record = record

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, delivery: Delivery) -> str:
        self._record.append(delivery)
        return delivery.replaces or f"p{len(self._record)}"


@dataclass
class Play:
    """`lines` is the transcript. A room of another platform than the first is `platform:room`."""

    desk: TestDesk
    language: Language
    lines: list[str] = field(default_factory=list)
    record: list[Delivery] = field(default_factory=list)
    _number: int = 0
    _read: int = 0

    def __post_init__(self) -> None:
        # One at a time, so that of two who claim at once it is always the first who wins.
        self.desk.dispatcher = Dispatcher(self.desk.services, "play", workers=1, lease=LEASE)
        stages = [Stage(platform, self.record) for platform in ("test", "other")]
        self.desk.deliverer = Deliverer(
            self.desk.storage, stages, "play", lease=LEASE, clock=lambda: datetime.now(UTC),
            texts=self.desk.services.texts,
        )  # fmt: skip

    async def say(self, *said: tuple[str, str, str] | tuple[str, str, str, str]) -> None:
        """(who, room, text[, thread]); several at once are received before any is handled."""
        events = []
        for who, room, text, *thread in said:
            self.lines.append(f"{self._place(room, *thread)} {who}: {text}")
            events.append(self._message(who, room, text, thread[0] if thread else None))
        await self._handle(events)

    async def press(self, who: str, room: str, action: str, value: str | None = None) -> None:
        """A button of the latest message that has it."""
        button = next(
            button
            for delivery in reversed(self.record)
            for block in delivery.document.blocks
            for button in (block.buttons if isinstance(block, Actions) else ())
            if button.action == action and (value is None or button.value == value)
        )
        self.lines.append(f"{self._place(room)} {who} presses [{button.label}]")
        self._number += 1
        platform, _, plain_room = room.rpartition(":")
        event = IncomingClick(
            key=MessageKey(platform or "test", ACCOUNT, "click", f"c{self._number}"),
            conversation=ConversationRef(platform or "test", ACCOUNT, plain_room),
            author=self._identity(who, platform or "test"),
            action=button.action,
            value=button.value,
            sent_at=self.desk.clock(),
            audience=Audience.INTERNAL,
        )
        await self._handle([event])

    async def settle(self) -> None:
        await self.desk.dispatcher.drain()
        while await self.desk.deliverer.deliver_due():
            pass
        for delivery in self.record[self._read :]:
            self.lines.append(self._shown(delivery))
        self._read = len(self.record)

    def card(self) -> str:
        """The thread under the latest card in the desk's room."""
        cards = [n for n, one in enumerate(self.record, 1) if one.conversation.room == "desk" and not one.replaces]
        return f"p{[n for n in cards if self.record[n - 1].conversation.thread is None][-1]}"

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"

    async def _handle(self, events: Sequence[IncomingMessage | IncomingClick]) -> None:
        await self.desk.receive(*events)
        await self.settle()
        self.desk.clock.forward(seconds=20)

    def _message(self, who: str, room: str, text: str, thread: str | None) -> IncomingMessage:
        self._number += 1
        platform, _, plain_room = room.rpartition(":")
        made = self.desk.message(text, plain_room, who=who.lower(), thread=thread, private=not room.startswith("desk"))
        if not platform:
            return replace(made, author=self._identity(who, "test"))
        key = replace(made.key, platform=platform)
        where = replace(made.conversation, platform=platform)
        return replace(made, key=key, conversation=where, author=self._identity(who, platform))

    def _identity(self, who: str, platform: str) -> Identity:
        return Identity(platform, ACCOUNT, who.lower(), who, locale=str(self.language))

    def _place(self, room: str, thread: str | None = None) -> str:
        return f"\n{self.desk.clock():%H:%M:%S} #{room}{' (thread)' if thread else ''} ·"

    def _shown(self, delivery: Delivery) -> str:
        where = delivery.conversation
        room = where.room if where.platform == "test" else f"{where.platform}:{where.room}"
        marks = [
            *(["thread"] if where.thread else []),
            *(["edited"] if delivery.replaces else []),
            *([f"only {delivery.recipient}"] if delivery.recipient else []),
        ]
        text = delivery.document.text
        buttons = [b.label for block in delivery.document.blocks if isinstance(block, Actions) for b in block.buttons]
        shown = "\n".join(f"    {line}" for line in text.splitlines())
        pressed = "\n    " + " ".join(f"[{label}]" for label in buttons) if buttons else ""
        how = f" ({', '.join(marks)})" if marks else ""
        return f"  → #{room}{how}\n{shown}{pressed}"
