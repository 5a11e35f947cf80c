"""What is said to a post: short, by its kind and urgency, with who says it, when a person takes over, and the private
way on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.documents import Block, Document, Paragraph, Sources
from bot.model.public import PublicPost
from bot.model.tickets import Problem, Ticket
from bot.model.values import Language
from bot.problems.matching import COMPARED, WISHES, matches
from bot.problems.recipients import joined_tickets
from bot.public.ends import remember_told
from bot.public.fitting import BRIEF, SHORT, fitted
from bot.public.links import post_link
from bot.public.reading import Reading
from bot.public.reply import CATALOGUE, OPENING, Announcement, Part, Passage, PublicReply, Sentence
from bot.texts import Inline, Texts
from bot.tickets.promises import promise

LATE = timedelta(hours=6)  # after which one says sorry for it


async def compose(
    work: Work, post: PublicPost, reading: Reading, *, passage: Passage | None = None, ticket: Ticket | None = None
) -> PublicReply | None:
    """The desk's reply; None where it has none to propose. `passage`: of the article that answers the question.

    Raises NotPublic if that is not for everybody any more.
    """
    if reading.kind in ("foreign", "other"):
        return None
    problem = await announced(work, reading)
    if problem is not None:
        await remember_told(work, problem, post)
    parts = [part for part in await _parts(work, post, reading, passage, ticket, problem) if part]
    return await fitted(work, post, parts)


def is_helped(post: PublicPost, reading: Reading) -> bool:
    """Whether it is told what helps: who is angry wants to be heard, unless they ask this account how something is
    done."""
    return not reading.angry or (reading.kind == "question" and post.found_by == "mention")


def passage_in(post: PublicPost) -> Passage | None:
    """The article that the reply kept with a post shows."""
    blocks = post.reply.blocks if post.reply and not post.edited else ()
    source = next((block.items[0] for block in blocks if isinstance(block, Sources)), None)
    return Passage(source.id, source.heading) if source else None


def timeless(services: Services, document: Document, language: Language) -> tuple[object, ...]:
    """What a reply says, whenever it is said: by when a person takes over, whether it comes late, and how briefly it is
    said for that, left aside."""
    say = services.texts
    late = Paragraph(say("public.say.late", language))
    return tuple(_sense(block, say, language) for block in document.blocks if block != late)


def _sense(block: Block, say: Texts, language: Language) -> object:
    """A sentence by its name; whatever else it is as it is."""
    text = block.text if isinstance(block, Paragraph) else ""
    for name in BRIEF:
        for begins in (CATALOGUE, SHORT):
            sentence = say(f"{begins}{name}", language, when=Inline("\0"), link=Inline("\0"))
            before, has_value, after = sentence.partition("\0")
            if text == sentence or (has_value and text.startswith(before) and text.endswith(after)):
                return name.removesuffix("_by")
    return block


async def announced(work: Work, reading: Reading) -> Problem | None:
    """The announced problem that a complaint or a question is about."""
    said = reading.understanding
    wishes = reading.kind == "question" and said.intent in WISHES
    if reading.kind not in ("complaint", "question") or said.vague or wishes:
        return None
    for problem in await work.uow.problems.announced():
        joined = await joined_tickets(work, problem, COMPARED)
        if matches(problem, said.category, said.text, said.intent, joined):
            return problem
    return None


async def _parts(
    work: Work,
    post: PublicPost,
    reading: Reading,
    passage: Passage | None,
    ticket: Ticket | None,
    problem: Problem | None,
) -> Sequence[Part | None]:
    private = _private(work, post)
    personal = Sentence("public.say.personal") if reading.personal else None
    late = Sentence("public.say.late") if work.now - post.sent_at > LATE else None
    match reading.kind:
        case "praise":
            return (Sentence("public.say.thanks"), personal)
        case "insult":
            return (Sentence("public.say.insult"),)
        case "greeting" | "nothing":
            return (Sentence("public.say.greeting"), private, personal)
        case kind if kind == "complaint" or not is_helped(post, reading):
            mood = "angry" if reading.angry else reading.understanding.urgency.value
            first = Sentence(f"public.say.complaint.{mood}")
            known = _known(problem, steps=is_helped(post, reading)) if problem else ()
            return (late, first, *known, *_person(work, post, reading, ticket, private), personal)
        case _ if problem:
            return (late, *_known(problem), Sentence("public.say.assistant"), private, personal)
        case _ if reading.serious:
            return (late, Sentence("public.say.serious"), *_person(work, post, reading, ticket, private), personal)
        case _ if passage:
            return (late, Sentence(OPENING), passage, Sentence("public.say.assistant"), private, personal)
        case _:
            lost = Sentence("public.say.not_found")
            return (late, lost, *_person(work, post, reading, ticket, private), personal)


def _known(problem: Problem, *, steps: bool = True) -> tuple[Part, ...]:
    first, last = Sentence("public.say.problem"), Sentence("public.say.problem_end")
    return first, Announcement(problem, steps=steps), last


def _person(
    work: Work, post: PublicPost, reading: Reading, ticket: Ticket | None, private: Sentence
) -> tuple[Part, ...]:
    """Who takes over, and by when: of a ticket that there is at once; else once they write in private."""
    at = taken_over(work, post, reading, ticket)
    if ticket is None:
        return private, Sentence(f"public.say.person_there{'_by' if at else ''}", at=at)
    person = Sentence(f"public.say.person{'_by' if at else ''}", at=at)
    return person, Sentence("public.say.ticket", ticket=ticket), private


def taken_over(work: Work, post: PublicPost, reading: Reading, ticket: Ticket | None) -> datetime | None:
    """By when a person takes it up, in business hours; None where nothing is promised, or it is over."""
    said = reading.understanding
    would_be = ticket or work.services.sla.applied(
        None,
        Ticket(
            number=0,
            title="",
            summary="",
            category=said.category or "uncategorised",
            priority=said.urgency,
            asker_id=post.person_id,
            conversation_id=post.conversation_id,
            opened_because="asked",
            created_at=work.now,
            language=post.language,
        ),
        work.now,
    )
    at = promise(would_be, "acknowledge")
    return at if at and at > work.now else None


def _private(work: Work, post: PublicPost) -> Sentence:
    """The contact page; without one, a direct message."""
    link = post_link(work.services.policy.public, post.token)
    return Sentence("public.say.private_link", link=link) if link else Sentence("public.say.private_direct")
