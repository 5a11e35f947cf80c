"""An outage on two platforms: who asks where, and a transcript of all that is said."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.engine.delivery import Deliverer
from bot.model.documents import Actions
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingClick, IncomingMessage, MessageKey
from bot.model.tickets import Problem, ProblemSubscription
from bot.model.values import Audience
from jobs.tell_problems import tell_problems
from tests.engine.desk import LEASE, TestDesk, Wire

DRAFT = """/ticket problem announce VPN down
en: The VPN gateway GW-7 is down until noon.
fr: La passerelle VPN GW-7 est en panne jusqu'à midi.
public fr: Certains accès à distance sont interrompus.
workaround en: Use the web mail.
category: network
words: vpn"""
ASKERS = {  # where, who, what they say, and as whom they read
    ("test", "r1"): ("ann", "the vpn wont connect from home", Audience.INTERNAL),
    ("test", "r2"): ("bob", "mon vpn ne marche plus", Audience.INTERNAL),
    ("test", "r3"): ("cem", "VPN fails with error 809", Audience.PUBLIC),
    ("other", "s1"): ("dot", "cannot connect to the vpn", Audience.INTERNAL),
    ("other", "s2"): ("eve", "le vpn est en panne ?", Audience.PUBLIC),
    ("other", "s3"): ("fay", "impossible de se connecter au vnp", Audience.INTERNAL),
}
TECHNICIAN_ROOM = "desk-tess"


class OtherWire(Wire):
    platform = "other"
    accounts = frozenset({"O"})


@dataclass
class Outage:
    """A desk with two platforms, and everything that was said there in order."""

    desk: TestDesk
    other: OtherWire = field(default_factory=OtherWire)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        wires = [self.desk.wire, self.other]
        self.desk.deliverer = Deliverer(
            self.desk.storage,
            wires,
            "test",
            lease=LEASE,
            clock=lambda: datetime.now(UTC),
            texts=self.desk.services.texts,
        )

    async def says(
        self, text: str, room: str, who: str, audience: Audience = Audience.INTERNAL, platform: str = "test"
    ) -> str:
        """What is answered there."""
        self.lines.append(f"{platform}/{room} {who}: {text}")
        account = "T" if platform == "test" else "O"
        event = IncomingMessage(
            MessageKey(platform, account, "message", str(new_id())),
            ConversationRef(platform, account, room),
            Identity(platform, account, who, name=who.title()),
            text,
            self.desk.clock(),
            private=True,
            audience=audience,
        )
        await self.desk.receive(event)
        return await self.heard(platform, room)

    async def presses(
        self, action: str, room: str, who: str, *, platform: str = "test", value: str | None = None, sub: str = ""
    ) -> str:
        """Press the latest button of that action; `sub` is how its value begins."""
        account = "T" if platform == "test" else "O"
        value = self.value(action, platform, room, sub) if value is None else value
        self.lines.append(f"{platform}/{room} {who} presses [{action} {value}]")
        event = IncomingClick(
            MessageKey(platform, account, "click", str(new_id())),
            ConversationRef(platform, account, room),
            Identity(platform, account, who, name=who.title()),
            action,
            value,
            self.desk.clock(),
            Audience.INTERNAL,
        )
        await self.desk.receive(event)
        return await self.heard(platform, room)

    async def heard(self, platform: str, room: str) -> str:
        """Let the desk work; what was posted there meanwhile."""
        posted = await self.settle()
        return "\n".join(
            one.document.text
            for one in posted
            if (one.conversation.platform, one.conversation.room) == (platform, room)
        )

    async def settle(self) -> list[Delivery]:
        before = len(self.desk.wire.posted), len(self.other.posted)
        await self.desk.settle()
        posted = [*self.desk.wire.posted[before[0] :], *self.other.posted[before[1] :]]
        for one in posted:
            said = one.document.text_with_choices.replace("\n", "\n    ")
            self.lines.append(f"{one.conversation.platform}/{one.conversation.room} guichet: {said}")
        return posted

    async def tell(self, seconds: int = 31) -> list[Delivery]:
        """Let the time for taking back pass; what everybody is told then."""
        self.desk.clock.forward(seconds=seconds)
        await tell_problems(self.desk.services)
        return await self.settle()

    async def command(self, text: str) -> str:
        return await self.says(text, TECHNICIAN_ROOM, "tess")

    async def confirm(self) -> str:
        return await self.presses("ticket_problem", TECHNICIAN_ROOM, "tess", sub="send")

    async def announce(self, draft: str = DRAFT) -> str:
        await self.command(draft)
        return await self.confirm()

    async def all_ask(self) -> dict[tuple[str, str], str]:
        return {
            (platform, room): await self.says(text, room, who, audience, platform)
            for (platform, room), (who, text, audience) in ASKERS.items()
        }

    def value(self, action: str, platform: str, room: str, sub: str) -> str:
        wire = self.desk.wire if platform == "test" else self.other
        for delivery in reversed(wire.posted):
            if delivery.conversation.room == room:
                for block in delivery.document.blocks:
                    for button in block.buttons if isinstance(block, Actions) else ():
                        if button.action == action and button.value.startswith(sub):
                            return button.value
        raise AssertionError(f"no button {action} {sub} in {room}")

    def to(self, posted: list[Delivery]) -> dict[tuple[str, str], list[str]]:
        """What was posted, by platform and room; the desk's own rooms left out."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in posted:
            if not one.conversation.room.startswith("desk"):
                key = one.conversation.platform, one.conversation.room
                found.setdefault(key, []).append(one.document.text)
        return found

    @property
    def transcript(self) -> str:
        return "\n".join(self.lines)


async def problem(outage: Outage, number: int = 1) -> Problem:
    async with outage.desk.storage.unit_of_work() as uow:
        found = await uow.problems.by_number(number)
    assert found is not None
    return found


async def subscriptions(outage: Outage) -> list[ProblemSubscription]:
    async with outage.desk.storage.unit_of_work() as uow:
        found = await uow.problems.by_number(1)
        return await uow.problems.subscriptions(found.id) if found else []


async def open_tickets(outage: Outage, *texts: str, first: str = "p") -> None:
    """A ticket each, of people of their own."""
    for number, text in enumerate(texts, 1):
        room, who = f"{first}{number}", f"{first}{number}"
        await outage.says(text, room, who)
        if not any(ticket.title == text for ticket in await outage.desk.tickets()):
            await outage.presses("human", room, who, value="")
