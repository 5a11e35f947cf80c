"""A person who left traces in every table, and ways to look for them and for the figures they are part of."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Text, Uuid, func, select, type_coerce
from sqlalchemy.types import TypeDecorator

from bot.model.contact import ContactGuest, ContactVisit
from bot.model.conversations import Conversation, Matter, Message, Outcome, ProcessingStep, ScoredSource
from bot.model.documents import Document, Paragraph
from bot.model.ids import new_id
from bot.model.knowledge import AskedQuestion, CachedAnswer, GapGroup, KnowledgeGap, Phrasing
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Entities, Identity, IncomingMessage, MessageKey
from bot.model.people import (
    Company,
    Device,
    LinkCode,
    Person,
    PersonIdentity,
    SignInCode,
    Technician,
)
from bot.model.public import OptOut, PublicPost, PublicTarget
from bot.model.tickets import (
    Attachment,
    HeldReply,
    Intervention,
    Note,
    ProblemSubscription,
    Proposal,
    Survey,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketPlace,
)
from bot.model.values import (
    AnswerKind,
    Audience,
    Intent,
    Language,
    Role,
    Sentiment,
    TicketStatus,
    Urgency,
    Visibility,
)
from storage.models import metadata
from storage.store import SqlStorage
from tests.contract.storage.makers import AT, MINUTE, Everything, article

NAME = "Zoé Quandalle-Ñuñez"
EMAIL = "zoe.quandalle@brumaire.example"
HANDLE = "zoeq1987"
WORDS = "xylophone-words-of-hers"
MARKERS = (NAME, "Quandalle", "QUANDALLE-ÑUÑEZ", EMAIL, HANDLE, WORDS, "SERIAL-OF-HERS", "+33 6 99 88 77 66", "D-ZOE")


@dataclass
class Life:
    """A person who left traces wherever one can, beside others who must keep theirs."""

    person: Person = field(
        default_factory=lambda: Person(NAME, EMAIL, None, "fr-FR", "Europe/Paris", AT, "E3", "expert")
    )
    other: Person = field(default_factory=lambda: Person("Bob Bystander", "bob@acme.example"))
    grace: Person = field(default_factory=lambda: Person("Grace", "grace@acme.example"))
    technician: Technician = field(init=False)
    ticket: Ticket = field(init=False)
    others_ticket: Ticket = field(init=False)
    question: Message = field(init=False)
    post: PublicPost = field(init=False)
    files: tuple[str, ...] = ("f" * 32, "e" * 32)

    async def lived(self, storage: SqlStorage) -> "Life":
        self.technician = Technician(self.grace.id, 1, Role.LEAD)
        me, company, about = (
            self.person.id,
            Company("Acme", "acme.example"),
            Entities(serials=("SERIAL-OF-HERS",), phones=("+33 6 99 88 77 66",), emails=(EMAIL,)),
        )
        own = Conversation(
            ConversationRef("slack", "T1", "D-ZOE"), me, Language.FR, Matter(WORDS, new_id(), entities=about)
        )
        desk = Conversation(ConversationRef("slack", "T1", "desk"))
        thread = Conversation(ConversationRef("slack", "T1", "desk", "card-1"))
        shared = Conversation(ConversationRef("slack", "T1", "lobby", "9"), self.other.id)
        grace_room = Conversation(ConversationRef("slack", "T1", "D-GRACE"), self.grace.id)
        public = Conversation(ConversationRef("mastodon", "M", "public", "900"), me)
        outcome = Outcome(
            AnswerKind.ANSWER, Language.FR, Intent.FAULT, Urgency.LOW, Sentiment.NEUTRAL, "network", entities=about,
            confidence=0.5, sources=(ScoredSource("a", "A", 0.5),), text=WORDS, ms=3.0,
        )  # fmt: skip
        self.question = asked = Message(own.id, "person", WORDS, AT, "m1", me, Language.FR, outcome=outcome)
        answer = Message(own.id, "bot", f"{NAME}: {WORDS}", AT, "m2", me, in_reply_to=asked.id, document=doc(WORDS))
        reply = Message(desk.id, "technician", f"Bonjour {NAME}", AT, "d1", self.grace.id)
        relayed = Message(own.id, "technician", f"Bonjour {NAME}", AT, "m3", self.grace.id, relay_of=reply.id)
        card = Message(desk.id, "bot", f"T41 · {WORDS}", AT, "card-1", document=doc(f"{NAME} {WORDS}"))
        in_thread = Message(thread.id, "technician", f"she said {WORDS}", AT, "d2", self.grace.id)
        line = Message(desk.id, "bot", f"T41: adds {WORDS}", AT, "d3", document=doc(WORDS))
        told_lead = Message(grace_room.id, "bot", f"Nobody is on duty: T41, {WORDS}", AT, "g1", self.grace.id)
        in_shared = Message(shared.id, "person", WORDS, AT, "s1", me, outcome=outcome)
        answered = Message(
            shared.id, "bot", WORDS, AT, "s2", self.other.id, in_reply_to=in_shared.id, document=doc(WORDS)
        )
        others = Message(shared.id, "person", "the printer of Bob is T410, not T41", AT, "s3", self.other.id)
        mention = Message(shared.id, "person", f"ask zoé  quandalle-ñuñez or {EMAIL.upper()}", AT, "s4", self.other.id)
        published = Message(public.id, "person", WORDS, AT, "900", me)
        published_reply = Message(public.id, "bot", WORDS, AT, "901", me, in_reply_to=published.id)
        post_card = Message(desk.id, "bot", f"P9 · {HANDLE}: {WORDS}", AT, "card-9", document=doc(WORDS))
        self.post = PublicPost(
            "mastodon", "M", "900", "900", f"{HANDLE}@pouet.example", me, public.id, "hashtag", "public", WORDS,
            Language.FR, AT, AT, published.id, "t0k", f"https://pouet.example/@{HANDLE}/900", WORDS, complaint=True,
            state="held", number=9, reply=doc(WORDS), cards=(post_card.id,), held_at=AT, reply_id=published_reply.id,
        )  # fmt: skip
        self.ticket = Ticket(
            41, WORDS, f"{NAME}: {WORDS}", "network", Urgency.HIGH, me, own.id, "human", AT, Language.FR,
            entities=about, deadline=WORDS, status=TicketStatus.CLOSED, resolution=WORDS, resolved_at=AT, closed_at=AT,
            assignee_id=self.technician.id, claimed_at=AT,
        )  # fmt: skip
        self.others_ticket = Ticket(
            410, "Bob's printer", f"{NAME} has it too", "network", Urgency.LOW, self.other.id, shared.id, "asked", AT,
            Language.EN, entities=Entities(emails=(EMAIL,)),
        )  # fmt: skip
        device = Device(me, "ThinkPad", "SERIAL-OF-HERS", f"Portable de {NAME}")
        kept = Device(me, "LX-420", "COMPANY-SERIAL", f"Imprimante de {NAME}", company.id)
        self.ticket = replace(self.ticket, device_id=kept.id)
        async with storage.unit_of_work() as work:
            for one in (company, self.person, self.other, self.grace, device, kept, self.technician):
                work.people.add(one)
            work.people.add(PersonIdentity(me, "slack", "T1", HANDLE, NAME, EMAIL))
            work.people.add(PersonIdentity(me, "mastodon", "M", "42", HANDLE))
            work.people.add(PersonIdentity(self.other.id, "slack", "T1", "bob", "Bob"))
            work.people.add(LinkCode(me, "hash", AT, AT + MINUTE, conversation_id=own.id))
            for place in (own, desk, thread, shared, grace_room, public):
                work.conversations.add(place)
            for message in (
                published, published_reply, post_card,
                asked, answer, reply, relayed, card, in_thread, line, told_lead, in_shared, answered, others, mention,
            ):  # fmt: skip
                work.conversations.add(message)
            work.conversations.add_steps(
                [ProcessingStep(asked.id, 1, "identify", "known", 1.5, {"person": str(me), "x": HANDLE})]
            )
            work.tickets.add(self.ticket)
            work.tickets.add(self.others_ticket)
            for record in (
                TicketPlace(self.ticket.id, own.id, "asker"),
                TicketPlace(self.ticket.id, desk.id, "desk", card.id),
                TicketPlace(self.others_ticket.id, shared.id, "asker"),
                TicketLink(self.ticket.id, self.others_ticket.id, "related", AT, me),
                Note(self.ticket.id, self.grace.id, f"she says {WORDS}", AT),
                Note(self.others_ticket.id, self.grace.id, f"as with {NAME}", AT),
                HeldReply(self.ticket.id, self.grace.id, WORDS, AT, "not_assignee"),
                Intervention("INT-2026-03-NET-001", self.ticket.id, "network", WORDS, (WORDS,), self.grace.id, AT,
                             title=WORDS, symptoms=WORDS, keywords=(WORDS,), remark=WORDS),
                Intervention("INT-2026-03-NET-002", self.ticket.id, "network", "a loose cable", ("plug in",),
                             self.grace.id, AT, state="approved", masked=("email",)),
                Survey("csat", me, AT, self.ticket.id, own.id, 5, WORDS, AT),
                Attachment(asked.id, f"{NAME}.png", "image/png", 12, "F-ZOE", self.files[0]),
                Attachment(relayed.id, "fix.pdf", "application/pdf", 12, "F2", self.files[1]),
                Attachment(others.id, "bob.png", "image/png", 12, "F3", self.files[1]),
            ):  # fmt: skip
                work.tickets.add(record)
            work.tickets.add_event(TicketEvent(self.ticket.id, "opened", AT, me, TicketStatus.OPEN, {"by": str(me)}))
            work.knowledge.put(article("a"))
            work.tickets.add(Proposal(own.id, asked.id, "a", 1, AT, False, AT, self.ticket.id, feedback=WORDS))
            everything = Everything()
            problem = replace(everything.problem, author_id=self.grace.id, draft=None)
            work.problems.add(problem)
            work.problems.add(ProblemSubscription(problem.id, own.id, me, AT, wants_end=True))
            group = GapGroup(1, f"{WORDS} …", Language.FR, "network", AT)
            question = AskedQuestion(
                WORDS, Language.FR, Audience.INTERNAL, AT, "answered", "network", 0.5, "a", True, asked.id, me
            )
            work.knowledge.add(question)
            work.knowledge.add(Phrasing("a", WORDS, Language.FR, "confirmed", True, question_id=question.id))
            work.knowledge.add(group)
            gap = KnowledgeGap(f"please {WORDS} now", Language.FR, Audience.INTERNAL, AT, asked.id, "network")
            work.knowledge.add(replace(gap, group_id=group.id))
            work.knowledge.add(replace(gap, id=new_id()))
            work.knowledge.add(
                replace(gap, id=new_id(), text="what of the others?", message_id=others.id, group_id=group.id)
            )
            work.knowledge.cache(CachedAnswer("k", f"for {WORDS}", Audience.INTERNAL, (("a", "r1"),), AT + MINUTE))
            sent: list[tuple[ConversationRef, Message | None, dict[str, Any]]] = [
                (own.ref, answer, {}),
                (own.ref, None, {"visibility": Visibility.DIRECT, "recipient": HANDLE}),
                (desk.ref, card, {"coalesce": f"card:{self.ticket.id}"}),
                (ConversationRef("email", "desk@acme.example", EMAIL), None, {"recipient": EMAIL}),
                (ConversationRef("email", "desk@acme.example", "grace@acme.example"), None, {}),
                (shared.ref, answered, {}),
            ]
            for number, (ref, of, more) in enumerate(sent):
                key = f"{asked.id}:{number}"
                message_id = of.id if of is not None else None
                work.outbox.add(Delivery(ref, doc(f"{NAME} {WORDS}"), key, message_id=message_id, **more))
            work.outbox.add(Delivery(shared.ref, doc("for Bob"), f"{others.id}:1", message_id=others.id))
            await work.commit()
        async with storage.unit_of_work() as work:
            visit = ContactVisit("b", own.id, me, AT, AT, way="email", address=EMAIL, others=EMAIL)
            work.contact.add(visit)
            work.contact.add(ContactGuest(visit.id, "b2", AT))
            work.public.add(self.post)
            work.public.add(OptOut("mastodon", "M", "42", AT))
            target = PublicTarget("900", f"{HANDLE}@pouet.example", "unlisted", WORDS)
            said = Delivery(public.ref, doc(WORDS), "x:7", message_id=published_reply.id, public=target)
            work.outbox.add(said)
            await work.commit()
        await storage.sign_in_codes.add(SignInCode(EMAIL, "h", AT, AT + MINUTE))
        await self.heard(storage, "m0", WORDS, HANDLE)
        await self.heard(storage, "s3", f"where does {NAME} sit?", "bob", "lobby")
        for row in await storage.inbox.claim("test", MINUTE, 9):
            async with storage.unit_of_work() as work:
                work.inbox.done(row)
                await work.commit()
        for delivery in await deliveries(storage):
            if delivery.key.endswith((":0", ":5")):
                await storage.outbox.sent(delivery, f"p-{delivery.key[-1]}", AT)
            else:
                await storage.outbox.postpone(delivery, AT, "later")
        return self

    async def heard(self, storage: SqlStorage, id: str, text: str, who: str, where: str = "D-ZOE") -> None:
        key = MessageKey("slack", "T1", "message", id)
        author = Identity("slack", "T1", who, NAME if who == HANDLE else who, EMAIL if who == HANDLE else None)
        await storage.inbox.receive(IncomingMessage(key, ConversationRef("slack", "T1", where), author, text, AT))


def doc(text: str) -> Document:
    return Document((Paragraph(text.replace("-", "\\-")), Paragraph(text)))


async def deliveries(storage: SqlStorage) -> list[Delivery]:
    accounts = [("slack", "T1"), ("email", "desk@acme.example")]
    return await storage.outbox.claim("test", MINUTE, accounts, 50)


async def texts(storage: SqlStorage) -> dict[str, list[str]]:
    """Every text of every table, as it is stored, by column."""

    def read(connection: Any) -> dict[str, list[str]]:
        return {
            str(column): list(map(str, connection.execute(select(raw).where(column.is_not(None))).scalars()))
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, Text | TypeDecorator) and not isinstance(column.type, Uuid)
            if issubclass(getattr(column.type, "impl_instance", column.type).__class__, Text)
            for raw in [type_coerce(column, Text)]
        }  # fmt: skip

    return await storage._context.database.read(read)


def found_in(texts: dict[str, list[str]], markers: Collection[str]) -> dict[str, str]:
    """Where a marker still is, in whatever case and however escaped."""

    def bare(text: str) -> str:
        return "".join(character for character in text.casefold() if character.isalnum())

    return {
        column: value
        for column, values in texts.items()
        for value in values
        for marker in markers
        if bare(marker) in bare(value)
    }


async def figures(storage: SqlStorage) -> dict[str, Any]:
    """What statistics are made of: how many there are of each thing, in each state, for each person there is."""
    from storage.models import conversations as c
    from storage.models import knowledge as k
    from storage.models import ledger as x
    from storage.models import tickets as t

    def read(connection: Any) -> dict[str, Any]:
        def by(*columns: Any) -> list[Any]:
            return sorted(map(str, connection.execute(select(*columns, func.count()).group_by(*columns)).all()))

        def distinct(column: Any) -> int:
            return int(connection.execute(select(func.count(column.distinct()))).scalar_one())

        outcomes = [
            (one.kind, one.language, one.intent, one.category, one.confidence, one.ms)
            for (one,) in connection.execute(select(c.messages.c.outcome))
            if one
        ]
        tk, q = t.tickets.c, k.asked_questions.c
        return {
            "tickets": by(tk.number, tk.category, tk.status, tk.priority, tk.created_at, tk.resolved_at, tk.closed_at),
            "askers": (distinct(tk.asker_id), distinct(q.asker_id), distinct(c.messages.c.person_id)),
            "events": by(t.ticket_events.c.kind, t.ticket_events.c.at),
            "messages": by(c.messages.c.author, c.messages.c.sent_at, c.messages.c.language, c.messages.c.deleted),
            "outcomes": sorted(map(str, outcomes)),
            "steps": by(c.processing_steps.c.step, c.processing_steps.c.outcome, c.processing_steps.c.ms),
            "asked": by(q.outcome, q.category, q.asked_at, q.confirmed, q.confidence, q.best_article),
            "surveys": by(t.surveys.c.kind, t.surveys.c.score, t.surveys.c.sent_at),
            "proposals": by(t.proposals.c.article_id, t.proposals.c.helped),
            "interventions": by(t.interventions.c.reference, t.interventions.c.state),
            "inbox": by(x.inbox.c.state),
            "devices": distinct(t.tickets.c.device_id),
        }

    return await storage._context.database.read(read)
