"""The codecs of all records, in the order in which rows must be written so that what they point to is there."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from bot.model.contact import ContactGuest, ContactVisit, UsedLink
from bot.model.conversations import Conversation, Message, ProcessingStep
from bot.model.installations import Installation
from bot.model.knowledge import (
    Article,
    AskedQuestion,
    CachedAnswer,
    Calibration,
    GapGroup,
    KnowledgeGap,
    Phrasing,
    Solution,
)
from bot.model.ledger import Cursor, Delivery, JobRun
from bot.model.people import Account, Company, Device, LinkCode, Person, PersonIdentity, SignInCode, Technician
from bot.model.public import OptOut, PublicPost
from bot.model.tickets import (
    Attachment,
    Category,
    HeldReply,
    Intervention,
    Note,
    Problem,
    ProblemSubscription,
    Proposal,
    SlaKind,
    SlaNotice,
    SlaTarget,
    Survey,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketPlace,
)
from storage.codec import Codec
from storage.models import contact as v
from storage.models import conversations as c
from storage.models import knowledge as k
from storage.models import ledger as x
from storage.models import people as p
from storage.models import public as u
from storage.models import tickets as t
from storage.models.installations import installations


def fold(text: str) -> str:
    """Without case and accents, for searching."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


# A promise in two letters: its kind, and whether it was kept, broken, or is open.
SLA_KINDS: dict[SlaKind, str] = {"acknowledge": "a", "first_contact": "f", "resolution": "r"}
SLA_FATES: dict[bool | None, str] = {True: "k", False: "b", None: "o"}


def sla_fate(targets: Iterable[SlaTarget]) -> str:
    return "".join(SLA_KINDS[target.kind] + SLA_FATES[target.in_time] for target in targets)


ACCOUNTS = Codec(Account, p.accounts)
COMPANIES = Codec(Company, p.companies)
PEOPLE = Codec(Person, p.people)
IDENTITIES = Codec(PersonIdentity, p.identities)
DEVICES = Codec(Device, p.devices)
TECHNICIANS = Codec(Technician, p.technicians)
LINK_CODES = Codec(LinkCode, p.link_codes)
SIGN_IN_CODES = Codec(SignInCode, p.sign_in_codes)
INSTALLATIONS = Codec(Installation, installations)
CATEGORIES = Codec(Category, t.categories, key="slug")
CONVERSATIONS = Codec(Conversation, c.conversations, flatten="ref", derived={"ref_key": lambda record: record.ref.key})
MESSAGES = Codec(Message, c.messages)
STEPS = Codec(ProcessingStep, c.processing_steps, key="message_id")
ARTICLES = Codec(Article, k.articles)
PHRASINGS = Codec(Phrasing, k.phrasings)
SOLUTIONS = Codec(Solution, k.solutions)
GAPS = Codec(KnowledgeGap, k.knowledge_gaps)
GAP_GROUPS = Codec(GapGroup, k.gap_groups)
ASKED = Codec(AskedQuestion, k.asked_questions)
CALIBRATIONS = Codec(Calibration, k.calibrations, key="language")
ANSWERS = Codec(CachedAnswer, k.cached_answers, key="key")
PROBLEMS = Codec(Problem, t.problems)
TICKETS = Codec(
    Ticket,
    t.tickets,
    derived={
        "search_text": lambda record: fold(f"{record.title}\n{record.summary}"),
        "sla_fate": lambda record: sla_fate(record.sla),
        "due_at": lambda record: record.due_at,
    },
    wide=True,
)
PLACES = Codec(TicketPlace, t.ticket_places)
LINKS = Codec(TicketLink, t.ticket_links)
HELD = Codec(HeldReply, t.held_replies)
SLA_NOTICES = Codec(SlaNotice, t.sla_notices)
SUBSCRIPTIONS = Codec(ProblemSubscription, t.problem_subscriptions)
EVENTS = Codec(TicketEvent, t.ticket_events)
NOTES = Codec(Note, t.notes)
PROPOSALS = Codec(Proposal, t.proposals)
INTERVENTIONS = Codec(Intervention, t.interventions)
SURVEYS = Codec(Survey, t.surveys)
ATTACHMENTS = Codec(Attachment, t.attachments)
PUBLIC_POSTS = Codec(PublicPost, u.public_posts)
OPT_OUTS = Codec(OptOut, u.opt_outs)
CONTACT_VISITS = Codec(ContactVisit, v.contact_visits)
CONTACT_GUESTS = Codec(ContactGuest, v.contact_guests)
USED_LINKS = Codec(UsedLink, v.used_links)
CURSORS = Codec(Cursor, x.cursors, key="name")
JOB_RUNS = Codec(JobRun, x.job_runs)
DELIVERIES = Codec(
    Delivery,
    x.outbox,
    flatten="conversation",
    derived={
        "conversation_key": lambda record: record.conversation.key,
        "account_key": lambda record: account_key(record.conversation.platform, record.conversation.account),
    },
    given=("number",),
)


def account_key(platform: str, account: str) -> str:
    return f"{platform}\x1f{account}"


# What a unit of work adds and saves by itself; the other kinds have rules of their own in `storage.writes`.
PLAIN: dict[object, Codec[Any]] = {
    codec.record: codec
    for codec in (
        COMPANIES,
        ACCOUNTS,
        PEOPLE,
        IDENTITIES,
        DEVICES,
        TECHNICIANS,
        LINK_CODES,
        CONVERSATIONS,
        MESSAGES,
        PHRASINGS,
        SOLUTIONS,
        PROBLEMS,
        SUBSCRIPTIONS,
        TICKETS,
        LINKS,
        HELD,
        SLA_NOTICES,
        PLACES,
        EVENTS,
        NOTES,
        PROPOSALS,
        INTERVENTIONS,
        SURVEYS,
        ATTACHMENTS,
        GAP_GROUPS,
        GAPS,
        ASKED,
        PUBLIC_POSTS,
        OPT_OUTS,
        CONTACT_VISITS,
        CONTACT_GUESTS,
        USED_LINKS,
        CURSORS,
    )
}
