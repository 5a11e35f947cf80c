"""Answer: from what was found to what is said, in three bands of confidence."""

from dataclasses import replace

from bot.categories import Referral
from bot.commands.table import may
from bot.engine.recording import record_gap
from bot.engine.retrieval import Candidate, Found, may_show
from bot.engine.showing import choices, proposal
from bot.engine.turn import Answer, Turn
from bot.engine.wording import worded
from bot.model.conversations import AwaitsChoice, AwaitsFeedback, AwaitsTicketConsent, Choice, Matter, ScoredSource
from bot.model.documents import Actions, Button, Document, Paragraph
from bot.model.knowledge import Article
from bot.model.tickets import Proposal
from bot.model.values import AnswerKind
from bot.translations import is_stale
from bot.understanding.language import is_of_another_script

MOST_CANDIDATES = 5
SURE = 0.8  # confidence from which an article wins over another category or the words of another service


async def answer_from(turn: Turn, found: Found, matter: Matter) -> Answer:
    """Confident: the answer. Unsure: up to three suggestions. Lost: says so, and offers a ticket or a service."""
    best = next((one for one in found.candidates if one.article.id not in matter.offered), None)
    trusted = best is not None and is_trusted(best, matter, found)
    referral = turn.services.categories.referral_for(matter.question, turn.language, turn.audience)
    if referral and found.confidence < SURE and not (trusted and matter.category):
        return refer(turn, found, referral, matter)
    if best and trusted and (found.stands_out or matter.offered):
        return await propose(turn, found, best, matter)
    if suggestions := found.suggestions:
        return suggest(turn, found, suggestions, matter)
    return await lost(turn, found, matter)


def is_trusted(best: Candidate, matter: Matter, found: Found) -> bool:
    """Whether an article may be given as the answer.

    Its confidence must reach the base's threshold; a higher one if what was understood of the question points to
    another category, and one in between if it points nowhere.
    """
    floor = found.thresholds.answer
    if matter.category is None:
        floor = max(floor, (floor + SURE) / 2)
    elif matter.category.split("/")[0] != best.article.category.split("/")[0]:
        floor = max(floor, SURE)
    return best.confidence >= floor


async def propose(turn: Turn, found: Found, chosen: Candidate, matter: Matter) -> Answer:
    """Put an article forward and wait to hear whether it worked."""
    with turn.step("answer") as step:
        near = [one.article.id for one in found.candidates if is_near(one, chosen, found)]
        others = [id for id in near if id != chosen.article.id and id not in matter.offered]
        matter = offering(turn, matter, chosen, tuple(others[:MOST_CANDIDATES]))
        opening = "answer.opening" if chosen.article.language is turn.language else "answer.other_language"
        document = proposal(turn, chosen.article, chosen.hit.heading, opening=opening, more=bool(others))
        step.outcome, step.detail["article"] = "answer", chosen.article.id
        if model := turn.services.language_model:
            text, how = await worded(turn, model, matter.question, found)
            step.detail["worded"] = how
            if text:
                document = Document((Paragraph(text), *document.blocks[-2:]))
    return Answer(
        AnswerKind.ANSWER,
        await with_staleness(turn, chosen.article, document),
        matter,
        confidence=chosen.certainty,
        calibrated=found.thresholds.calibrated,
        sources=scored(found, first=chosen),
    )


async def with_staleness(turn: Turn, article: Article, document: Document) -> Document:
    """For those who care for the articles: a line that says when a translation is older than its source."""
    if article.translation_of is None or not may(turn.role, "curator"):
        return document
    source = await turn.uow.knowledge.article(article.translation_of)
    if source is None or not is_stale(article, source):
        return document
    return Document((*document.blocks, turn.paragraph("kb.stale_answer", source=source.id)))


def is_near(one: Candidate, chosen: Candidate, found: Found) -> bool:
    """Worth proposing when `chosen` did not help: found with some confidence, and about the same kind of thing."""
    same = one.article.category.split("/")[0] == chosen.article.category.split("/")[0]
    return one.confidence >= (found.thresholds.suggest if same else SURE)


async def propose_next(turn: Turn, matter: Matter) -> Answer | None:
    """The next candidate that may still be shown, or None when there are no more."""
    rows = await turn.uow.knowledge.articles(matter.candidates)
    for position, id in enumerate(matter.candidates):
        article = rows.get(id)
        if article and may_show(article, turn.audience):
            with turn.step("answer") as step:
                step.outcome, step.detail["article"] = "next_solution", id
                rest = matter.candidates[position + 1 :]
                number = len(matter.offered) + 1
                matter = replace(matter, pending=AwaitsFeedback(id), offered=(*matter.offered, id), candidates=rest)
                record_proposal(turn, id, number)
                document = proposal(turn, article, None, opening="answer.next", more=bool(rest))
                document = await with_staleness(turn, article, document)
            source = ScoredSource(id, article.title, 0.0)
            return Answer(AnswerKind.ANSWER, document, matter, sources=(source,))
    return None


def offering(turn: Turn, matter: Matter, chosen: Candidate, others: tuple[str, ...]) -> Matter:
    """The matter once `chosen` is on the table; the proposal is recorded."""
    record_proposal(turn, chosen.article.id, len(matter.offered) + 1)
    return replace(
        matter,
        pending=AwaitsFeedback(chosen.article.id),
        offered=(*matter.offered, chosen.article.id),
        candidates=others,
        category=matter.category or chosen.article.category,
    )


def record_proposal(turn: Turn, article_id: str, position: int) -> None:
    turn.uow.tickets.add(Proposal(turn.conversation.id, turn.message.id, article_id, position, turn.now))


def suggest(turn: Turn, found: Found, suggestions: tuple[Candidate, ...], matter: Matter) -> Answer:
    """Up to three "did you mean"."""
    with turn.step("answer") as step:
        options = tuple(Choice(one.article.title, one.article.id) for one in suggestions)
        step.outcome, step.detail["articles"] = "suggestions", [option.value for option in options]
        none = Button("none", turn.say("button.none_of_these"))
        document = choices(turn, "suggestions.ask", options, "pick", last=none)
        rest = tuple(one.article.id for one in found.candidates if one not in suggestions)[:MOST_CANDIDATES]
    return Answer(
        AnswerKind.SUGGESTIONS,
        document,
        replace(matter, pending=AwaitsChoice(options), candidates=rest),
        confidence=found.certainty,
        calibrated=found.thresholds.calibrated,
        sources=scored(found),
    )


async def lost(turn: Turn, found: Found, matter: Matter) -> Answer:
    """Nothing fits: say so, note the gap, offer a ticket."""
    with turn.step("answer") as step:
        step.outcome = "lost"
        await record_gap(turn, matter, found)
        key = "lost.script" if is_of_another_script(matter.question) else "lost.say"
        return offer(turn, found, AnswerKind.LOST, turn.paragraph(key), matter)


def refer(turn: Turn, found: Found, referral: Referral, matter: Matter) -> Answer:
    """Another service's matter: say whose and how to reach them; a ticket is still to be had."""
    with turn.step("answer") as step:
        step.outcome, step.detail["service"] = "referral", referral.slug
        name, contact = referral.name[turn.language], referral.contact[turn.language]
        sentence = turn.paragraph("referral.say", service=name, contact=contact)
        return offer(turn, found, AnswerKind.REFERRAL, sentence, matter)


def offer(turn: Turn, found: Found, kind: AnswerKind, sentence: Paragraph, matter: Matter) -> Answer:
    """A sentence, and the offer of a ticket."""
    yes = Button("open_ticket", turn.say("button.open_ticket"), style="primary")
    no = Button("no_ticket", turn.say("button.no_ticket"))
    return Answer(
        kind,
        Document((sentence, Actions((yes, no)))),
        replace(matter, pending=AwaitsTicketConsent()),
        confidence=found.certainty,
        calibrated=found.thresholds.calibrated,
        sources=scored(found),
    )


def scored(found: Found, first: Candidate | None = None) -> tuple[ScoredSource, ...]:
    """What the answer rests on, best first, for callers that read JSON.

    Scores are 0 to 1 and fall: the first is the answer's confidence, the others' are in proportion to their rank.
    """
    ordered = sorted(found.candidates[:MOST_CANDIDATES], key=lambda one: one is not first)
    if not ordered:
        return ()
    top = ordered[0]
    share = top.certainty / top.score if top.score > 0 else 0.0
    scores = [min(top.certainty, max(0.0, one.score * share)) for one in ordered]
    return tuple(
        ScoredSource(one.article.id, one.article.title, round(score, 4))
        for one, score in zip(ordered, scores, strict=True)
    )
