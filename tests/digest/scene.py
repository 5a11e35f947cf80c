"""A desk's fortnight for the digest: things happen at the times that they are said to."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digest.gathering import Days, Digest, Kind, gather
from bot.digest.posting import wording
from bot.digest.writing import Writer
from bot.model.conversations import Conversation, Message
from bot.model.documents import Document
from bot.model.ids import new_id
from bot.model.knowledge import AskedQuestion, GapGroup, KnowledgeGap
from bot.model.messages import ConversationRef
from bot.model.people import Person, Technician
from bot.model.public import PublicPost
from bot.model.tickets import Intervention, SlaTarget, Ticket
from bot.model.values import Audience, ClosedReason, Language, Role, TicketStatus, Urgency
from bot.ports.storage import Storage
from tests.engine.desk import TestDesk, make_desk
from tests.jobs.making import NoArticles

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 11, 16)  # on which the digest of the week before is due
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(day: int, hour: float = 10.0, month: int = 11) -> datetime:
    """By the clocks of Paris."""
    return datetime(2026, month, day, tzinfo=PARIS) + timedelta(hours=hour)


@dataclass
class Scene:
    storage: Storage
    desk: TestDesk
    now: datetime
    askers: list[Person] = field(default_factory=lambda: [Person("Ada Lovelace"), Person("Jean-Luc Moreau")])
    records: list[object] = field(default_factory=list)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.place = Conversation(ConversationRef("test", "T", "dm"), self.askers[0].id)
        self.desk.clock.at = self.now
        lead = Person("Léa Dubois")
        self.lead = Technician(lead.id, 1, Role.LEAD)
        self.askers.append(lead)

    def asks(self, text: str, when: datetime, times: int = 1, language: Language = Language.EN, **more: object) -> None:
        for _ in range(times):
            asker = self.askers[len(self.records) % 2]
            message = Message(self.place.id, "person", text, when, person_id=asker.id)
            values = {"outcome": "answered", "confirmed": True} | more
            question = AskedQuestion(
                text, language, Audience.INTERNAL, when, message_id=message.id, asker_id=asker.id, **values  # type: ignore[arg-type]
            )  # fmt: skip
            self.records += [message, question]

    def opens(self, title: str, when: datetime, due: datetime | None = None, **more: object) -> Ticket:
        self.numbers += 1
        target = SlaTarget("first_contact", 3600, when, due)
        values = {"sla": (target,) if due else ()} | more
        ticket = Ticket(
            self.numbers, title, "", "network", Urgency.HIGH, self.askers[0].id, self.place.id, "human", when,
            Language.EN, **values,  # type: ignore[arg-type]
        )  # fmt: skip
        self.records.append(ticket)
        return ticket

    def closed(self, when: datetime, reason: ClosedReason = ClosedReason.CONFIRMED) -> Ticket:
        return self.opens(
            "done",
            when - HOUR,
            status=TicketStatus.CLOSED,
            closed_reason=reason,
            claimed_at=when - HOUR,
            closed_at=when,
        )

    def lacks(self, title: str, when: datetime, times: int) -> None:
        self.numbers += 1
        group = GapGroup(self.numbers, title, Language.EN, None, when)
        self.records.append(group)
        for _ in range(times):
            gap = KnowledgeGap(title, Language.EN, Audience.INTERNAL, when, None, group_id=group.id)
            self.records.append(gap)

    def holds(self, when: datetime) -> None:
        self.numbers += 1
        id = str(self.numbers)
        self.records.append(
            PublicPost(
                "mastodon", "acme.example", id, id, "mallory@evil.example", self.askers[0].id, self.place.id, "hashtag",
                "unlisted", "the network is down AGAIN", Language.EN, when, when, new_id(), f"token-{id}",
                complaint=True, state="held", number=self.numbers, held_at=when,
            )
        )  # fmt: skip

    def writes_up(self, title: str, ticket: Ticket, when: datetime, state: str = "approved") -> None:
        self.numbers += 1
        self.records.append(
            Intervention(
                f"INT-2026-11-NET-{self.numbers:03}", ticket.id, "network", "worn out", ("replace it",), self.lead.id,
                when - HOUR, state=state, title=title, reviewed_at=when if state != "draft" else None,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    async def digest(self, kind: Kind = "weekly", days: Days | None = None) -> Digest:
        await self.keep()
        days = days or Days(MONDAY - 7 * DAY, MONDAY - DAY, PARIS)
        async with self.storage.unit_of_work() as uow:
            return await gather(uow, self.desk.services, kind, days, self.now)

    async def keep(self) -> None:
        async with self.storage.unit_of_work() as uow:
            if self.askers:
                for person in self.askers:
                    uow.people.add(person)
                uow.people.add(self.lead)
                uow.conversations.add(self.place)
            for one in self.records:
                if isinstance(one, Message):
                    uow.conversations.add(one)
                elif isinstance(one, AskedQuestion | GapGroup | KnowledgeGap):
                    uow.knowledge.add(one)
                elif isinstance(one, PublicPost):
                    uow.public.add(one)
                elif isinstance(one, Ticket | Intervention):
                    uow.tickets.add(one)
            await uow.commit()
        self.records, self.askers = [], []

    def writer(self, language: Language = Language.EN, zone: ZoneInfo = PARIS) -> Writer:
        return Writer(self.desk.services.texts, wording(self.desk.services, zone, language))

    def said(self, digest: Digest, language: Language = Language.EN, zone: ZoneInfo = PARIS) -> str:
        """The message, and what stands below it."""
        writer = self.writer(language, zone)
        documents: Collection[Document | None] = (writer.message(digest), writer.details(digest))
        return "\n\n".join(document.text for document in documents if document) + "\n"

    def message(self, digest: Digest, language: Language = Language.EN) -> list[str]:
        return self.writer(language).message(digest).text.splitlines()


def made(storage: Storage, now: datetime) -> Scene:
    return Scene(storage, make_desk(storage, NoArticles()), now)
