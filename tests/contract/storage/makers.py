"""Records for tests: short ways to make one, and one of each kind with every field set."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.model.contact import ContactGuest, ContactVisit, UsedLink
from bot.model.conversations import (
    AwaitsChoice,
    Choice,
    Conversation,
    Matter,
    Message,
    Outcome,
    ProcessingStep,
    ScoredSource,
)
from bot.model.documents import Actions, Button, Document, Fields, Image, Paragraph, Source, Sources, Steps
from bot.model.ids import new_id
from bot.model.knowledge import (
    Article,
    AskedQuestion,
    CachedAnswer,
    Calibration,
    GapGroup,
    KnowledgeGap,
    Link,
    Phrasing,
    Solution,
)
from bot.model.ledger import Cursor, Delivery
from bot.model.messages import ConversationRef, Entities, Identity, Incoming, IncomingFile, IncomingMessage, MessageKey
from bot.model.people import Account, Company, Device, LinkCode, Person, PersonIdentity, Technician
from bot.model.public import Line, OptOut, Post, PublicPost, PublicTarget
from bot.model.tickets import (
    Attachment,
    Category,
    HeldReply,
    Intervention,
    Note,
    Problem,
    ProblemDraft,
    ProblemSubscription,
    ProblemText,
    Proposal,
    SlaNotice,
    SlaTarget,
    Survey,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketPlace,
)
from bot.model.values import (
    AnswerKind,
    Audience,
    ClosedReason,
    Intent,
    Language,
    Role,
    Sentiment,
    TicketStatus,
    Urgency,
    Visibility,
)
from bot.ports.storage import UnitOfWork

AT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA = Identity("slack", "T1", "U1", "Ada")


def room(name: str = "C1", thread: str | None = None, platform: str = "slack", account: str = "T1") -> ConversationRef:
    return ConversationRef(platform, account, name, thread)


def said(text: str, id: str, where: ConversationRef | None = None, revision: str = "") -> IncomingMessage:
    where = where or room()
    key = MessageKey(where.platform, where.account, "message", id, revision)
    return IncomingMessage(key, where, ADA, text, AT)


def document(text: str = "Hello") -> Document:
    return Document((Paragraph(text),))


def delivery(key: str, where: ConversationRef | None = None, text: str = "Hello", **more: Any) -> Delivery:
    return Delivery(where or room(), document(text), key, **more)


def article(id: str = "network/vpn", **more: Any) -> Article:
    return Article(
        **{
            "id": id,
            "origin": "samples",
            "title": "VPN",
            "body": "Connect.",
            "language": Language.EN,
            "category": "network",
            "audience": Audience.PUBLIC,
            "revision": "r1",
            **more,
        }
    )


def ticket(asker: Person, conversation: Conversation, number: int = 1, **more: Any) -> Ticket:
    return Ticket(
        **{
            "number": number,
            "title": "Printer jam",
            "summary": "No paper in it",
            "category": "hardware/printers",
            "priority": Urgency.MEDIUM,
            "asker_id": asker.id,
            "conversation_id": conversation.id,
            "opened_because": "human",
            "created_at": AT + number * MINUTE,
            "language": Language.EN,
            **more,
        }
    )


class Everything:
    """One record of each kind, every field set to something that is not its default."""

    def __init__(self) -> None:
        self.account = Account("slack", "T1", "Acme")
        self.company = Company("Acme", "acme.example")
        self.person = Person("Ada", "ada@acme.example", self.company.id, "fr-CA", "America/Montreal", AT)
        self.identity = PersonIdentity(self.person.id, "slack", "T1", "U1", "ada", "ada@acme.example", True)
        self.device = Device(self.person.id, "LX-420", "SN1", "desk printer", self.company.id)
        self.technician = Technician(self.person.id, 42, Role.LEAD, True)
        choices = (Choice("Printers", "hardware/printers"), Choice("Wi-Fi", "network"))
        self.entities = Entities(("LX-420",), ("E05",), ("SN1",), ("+33 1",), ("a@b.example",), ("Word",))
        self.conversation = Conversation(
            ConversationRef("slack", "T1", "C1", "17.5"),
            self.person.id,
            Language.FR,
            Matter(
                "paper jam", new_id(), AwaitsChoice(choices), ("a",), ("b", "c"), 2, 1, "hardware", Intent.FAULT,
                Urgency.HIGH, Sentiment.NEGATIVE, "at 9", self.entities,
            ),
            True,
            AT,
        )  # fmt: skip
        self.document = Document(
            (
                Paragraph("**Hello**"),
                Steps(("one", "two")),
                Sources((Source("network/vpn", "VPN", date(2026, 1, 2), "https://kb.example/vpn", "Connect"),)),
                Fields((("Status", "open"),), "Ticket"),
                Actions((Button("worked", "It worked", "network/vpn", "primary"),)),
                Image("https://kb.example/i.png", "a printer"),
            )
        )
        self.outcome = Outcome(
            AnswerKind.ANSWER, Language.FR, Intent.FAULT, Urgency.HIGH, Sentiment.NEGATIVE, "hardware", True, True,
            self.entities, 0.875, True, (ScoredSource("network/vpn", "VPN", 0.5),), "T12", "text", 12.5,
        )  # fmt: skip
        self.message = Message(
            self.conversation.id, "person", "It jams", AT, "17.6", self.person.id, Language.FR, new_id(),
            Audience.INTERNAL, self.document, self.outcome, True,
        )  # fmt: skip
        self.step = ProcessingStep(
            self.message.id, 1, "retrieve", "confident", 3.25, {"hits": 3, "best": "a", "x": [1]}
        )
        self.article = Article(
            "network/vpn", "samples", "VPN", "# VPN\nConnect.", Language.FR, "network", Audience.INTERNAL, "r1",
            ("vpn", "remote"), ("how do I connect?",), ("LX-420",), (Link("Portal", "https://vpn.example"),),
            date(2026, 1, 2), "network/vpn-en", True,
        )  # fmt: skip
        self.asked = AskedQuestion(
            "vpn?", Language.FR, Audience.INTERNAL, AT, "answered", "network", 0.75, "network/vpn", True,
            self.message.id, self.person.id, "tickets", "tickets.json#TK-1",
            intent=Intent.FAULT,
        )  # fmt: skip
        self.phrasing = Phrasing(
            self.article.id, "vpn broken", Language.FR, "merged", True, question_id=self.asked.id, rejected_at=AT
        )
        self.calibration = Calibration(
            Language.FR, "minilm", 2.5, -1.25, 0.75, 0.5, 0.03125, 0.875, 120, "labelled", 0.125, AT
        )
        self.solution = Solution(self.article.id, "Connect again", 3, 1, 12.5)
        self.answer = CachedAnswer("k1", "Connect.", Audience.INTERNAL, (("network/vpn", "r1"),), AT + MINUTE)
        self.group = GapGroup(
            3, "Why?", Language.FR, "network", AT, self.technician.id, "planned", AT + MINUTE, "network/vpn"
        )
        self.gap = KnowledgeGap(
            "why?", Language.FR, Audience.INTERNAL, AT, self.message.id, "network", "network/vpn", 0.25, "planned",
            group_id=self.group.id,
        )  # fmt: skip
        self.category = Category(
            "hardware/printers", "08", "HAR", {"fr": "Imprimantes", "en": "Printers"}, "hardware", 3
        )
        self.problem = Problem(
            7,
            "Mail is down",
            "mail",
            (ProblemText(Audience.INTERNAL, Language.FR, "Panne", "Le web"),),
            ("mail", "outlook"),
            AT,
            AT + MINUTE,
            AT + 2 * MINUTE,
            self.person.id,
            ProblemDraft("end", (ProblemText(Audience.PUBLIC, Language.EN, "Over", "", 3),), self.person.id, AT),
            (ProblemText(Audience.PUBLIC, Language.FR, "Fini"),),
            (ProblemText(Audience.INTERNAL, Language.EN, "Before"),),
            3,
            AT + 3 * MINUTE,
        )
        self.ticket = Ticket(
            12, "Printer jam", "No paper", "hardware/printers", Urgency.URGENT, self.person.id, self.conversation.id,
            "human", AT, Language.FR, Audience.INTERNAL, Intent.FAULT, Sentiment.VERY_NEGATIVE, self.entities, "at 9",
            AT + 7 * MINUTE,
            TicketStatus.CLOSED, ClosedReason.CONFIRMED, self.technician.id, AT + MINUTE, AT + 2 * MINUTE,
            AT + 3 * MINUTE, AT + 4 * MINUTE, AT + 5 * MINUTE, "Fixed", "duplicate", 2, self.problem.id, None, None,
            self.device.id, self.message.id, (SlaTarget("resolution", 60, AT, AT + MINUTE, AT + MINUTE, 1.5, 2, AT),),
            "standard", AT, "https://acme.example/archives/C1/p17",
        )  # fmt: skip
        self.other = Ticket(
            13, "Again", "", "mail", Urgency.LOW, self.person.id, self.conversation.id, "asked", AT, Language.EN,
            merged_into_id=self.ticket.id, previous_id=self.ticket.id,
        )  # fmt: skip
        self.link = TicketLink(self.other.id, self.ticket.id, "merged", AT, self.person.id)
        self.held = HeldReply(self.ticket.id, self.person.id, "wait", AT, "lost_race", "kept", self.message.id)
        self.notice = SlaNotice(self.ticket.id, "resolution", 1, 2, AT, AT + MINUTE)
        self.subscription = ProblemSubscription(
            self.problem.id, self.conversation.id, self.person.id, AT, True, AT + MINUTE, Audience.INTERNAL,
            Language.FR, 3,
        )  # fmt: skip
        self.link_code = LinkCode(self.person.id, "hash", AT, AT + MINUTE, 2, AT, self.conversation.id)
        self.place = TicketPlace(self.ticket.id, self.conversation.id, "desk", new_id())
        self.event = TicketEvent(self.ticket.id, "claimed", AT, self.person.id, TicketStatus.IN_PROGRESS, {"by": "x"})
        self.note = Note(self.ticket.id, self.person.id, "internal", AT, self.message.id)
        self.proposal = Proposal(
            self.conversation.id, self.message.id, self.article.id, 1, AT, True, AT + MINUTE, self.ticket.id,
            self.person.id, AT, "it did",
        )  # fmt: skip
        self.intervention = Intervention(
            "INT-2026-01-HAR-001", self.ticket.id, "hardware", "worn roller", ("open", "clean"), self.person.id, AT,
            ("jam",), Audience.PUBLIC, "approved", "Jam", "it jams", Language.FR, (self.message.id,), ("email",),
            self.person.id, AT, "write-ups/int-1", "outdated",
        )  # fmt: skip
        self.survey = Survey(
            "nps", self.person.id, AT, self.ticket.id, self.conversation.id, 9, "fine", AT + MINUTE, Language.FR
        )
        self.attachment = Attachment(
            self.message.id, "a.png", "image/png", 5_000_000_000, "F1", "ab/cd", "https://files.example/F1", "gone",
            3, AT, "it shows error 42", True,
        )  # fmt: skip
        self.post = PublicPost(
            "mastodon", "acme.example", "110", "109", "ada@acme.example", self.person.id, self.conversation.id,
            "hashtag", "unlisted", "it is down", Language.FR, AT, AT + MINUTE, self.message.id, "t0ken",
            "https://acme.example/@ada/110", "food", True, Urgency.URGENT, Sentiment.VERY_NEGATIVE, "complaint", "held",
            4, self.document, True, (new_id(), new_id()), AT, AT, AT + MINUTE, self.person.id, AT + 2 * MINUTE,
            self.message.id, "https://acme.example/@desk/111", AT + 3 * MINUTE, AT + 4 * MINUTE, self.ticket.id,
        )  # fmt: skip
        self.opt_out = OptOut("mastodon", "acme.example", "U7", AT)
        self.visit = ContactVisit(
            "b1", self.conversation.id, self.person.id, AT, AT + MINUTE, self.post.id, self.conversation.id,
            Language.FR, AT + 2 * MINUTE, AT + 3 * MINUTE, "email", "ada@acme.example", "+33 1", AT,
        )  # fmt: skip
        self.guest = ContactGuest(self.visit.id, "b9", AT)
        self.used_link = UsedLink("l1", self.visit.id, AT)
        self.cursor = Cursor("slack/C1", "17.5")
        self.delivery = Delivery(
            self.conversation.ref, self.document, "d1", Language.FR, Visibility.DIRECT, "U1", self.message.id, "17.8",
            "card", AT, edits=self.message.id, reaction="x", confirms=self.message.id,
            public=PublicTarget("110", "ada@acme.example", "unlisted", "food"),
        )  # fmt: skip
        self.event_received = IncomingMessage(
            MessageKey("slack", "T1", "message", "99.1", "r2"), self.conversation.ref,
            replace(ADA, email="ada@acme.example", locale="fr-CA", timezone="America/Montreal", guest=True),
            "hello", AT, True, True, Audience.INTERNAL, Language.FR,
            (IncomingFile("F1", "a.png", "image/png", 12, "https://files.example/F1", "ab/cd", "empty", "42", True),),
            ("password",),
            post=Post(
                "hashtag", "unlisted", "109", "ada@acme.example", "109", ("acme",), "food",
                (Line("bo@acme.example", "hm", AT, True),), True, True, True,
            ),
        )  # fmt: skip

    @property
    def incoming(self) -> Incoming:
        return self.event_received

    def add_to(self, work: UnitOfWork) -> None:
        for person in (
            self.account,
            self.company,
            self.person,
            self.identity,
            self.device,
            self.technician,
            self.link_code,
        ):
            work.people.add(person)
        work.conversations.add(self.conversation)
        work.conversations.add(self.message)
        work.conversations.add_steps([self.step])
        work.knowledge.put(self.article)
        for known in (self.phrasing, self.solution, self.group, self.gap, self.asked):
            work.knowledge.add(known)
        work.knowledge.put_calibration(self.calibration)
        work.knowledge.cache(self.answer)
        work.categories.replace([self.category])
        work.problems.add(self.problem)
        work.problems.add(self.subscription)
        work.tickets.add(self.ticket)
        work.tickets.add(self.other)
        work.tickets.add_event(self.event)
        work.tickets.add_notice(self.notice)
        for of_ticket in (
            self.place, self.link, self.held, self.note, self.proposal, self.intervention, self.survey, self.attachment,
        ):  # fmt: skip
            work.tickets.add(of_ticket)
        work.public.add(self.post)
        work.public.add(self.opt_out)
        work.contact.add(self.visit)
        work.contact.add(self.guest)
        work.contact.add(self.used_link)
        work.cursors.save(self.cursor)
        work.outbox.add(self.delivery)
