"""A post is heard: kept, understood, decided about, and answered, held, or told to whom it concerns; once, in whatever
way and however often it comes."""

import time
from dataclasses import replace

from bot.engine.answering import is_trusted
from bot.engine.beginning import begin
from bot.engine.concluding import conclude, understood
from bot.engine.identify import conversation_at, identify
from bot.engine.recording import record_gap, record_question
from bot.engine.retrieval import find
from bot.engine.rules.questions import matter_of
from bot.engine.services import LONGEST_TEXT, Services
from bot.engine.turn import Answer, Turn
from bot.errors import IndexUnavailable
from bot.model.conversations import Conversation, Matter
from bot.model.ledger import InboxRow
from bot.model.messages import IncomingMessage, MaskedSecret
from bot.model.public import Post, PublicPost
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind
from bot.ports.storage import UnitOfWork
from bot.problems.card import refresh_problems
from bot.public import manners
from bot.public.around import own_ticket, situation
from bot.public.cards import show
from bot.public.composing import announced, compose, is_helped
from bot.public.ends import remember_told
from bot.public.file_news import take_over
from bot.public.files import bring, only_named, worded
from bot.public.following import is_newer, keeps_standing
from bot.public.held import drop, hold
from bot.public.kept import count_after, read_post
from bot.public.links import new_token
from bot.public.manners import Decision, Situation
from bot.public.opting_out import stop, wish
from bot.public.reading import Reading
from bot.public.reply import Passage
from bot.public.tickets import of_same_matter, open_at_once, tell
from bot.tickets.cards import refresh_cards
from bot.tickets.numbers import TicketNumbers


async def hear(
    services: Services, row: InboxRow, event: IncomingMessage, uow: UnitOfWork, numbers: TicketNumbers
) -> None:
    """Everything that is to become of a post is left in the unit of work."""
    started, now, post, event = time.perf_counter(), services.clock(), event.post, worded(event)
    assert post is not None, "only posts are heard so"
    key = event.key
    before = await uow.public.by_native_id(key.platform, key.account, key.native_id)
    if before is not None and not await is_newer(uow, before, event):
        return
    known, is_stranger = await identify(uow, event.author)
    found = await conversation_at(uow, event.conversation, now, services.policy.idle)
    conversation = found or Conversation(event.conversation, person_id=known.person.id)
    turn = begin(services, row, event, uow, numbers, now, known, conversation)
    turn.files = {id: tuple(only_named(file) for file in files) for id, files in turn.files.items()}
    if before is not None and await keeps_standing(turn, before):
        return
    turn.tickets = await uow.tickets.active_of(known.person.id)
    with turn.step("receive") as step:
        step.detail |= {"attempt": row.attempt, "type": "post", "found_by": post.found_by, "edited": before is not None}
    with turn.step("identify") as step:
        step.outcome = "new" if is_stranger else "known"
        step.detail |= {"person": str(known.person.id)}
    with turn.step("understand") as step:
        reading = understand(turn, event, post)
        step.detail |= understood(turn.understanding) | {"kind": reading.kind}
    if before is not None:
        await take_over(turn, before)
    at = await situation(turn, post, reading, before)
    with turn.step("decide") as step:
        decision = manners.decide(at)
        if wish(turn.text) == "stop" and (at.asked or at.same_author):
            decision = Decision("listen", "said_stop")
        step.outcome, step.detail["because"] = decision.course, decision.because
    kept, answer = await carry_out(turn, fresh(turn, event, post, reading, decision, before), at, decision)
    (uow.public.save if before else uow.public.add)(kept)
    await refresh_cards(turn)
    await refresh_problems(turn)
    conclude(turn, answer, found is None, (time.perf_counter() - started) * 1000)


def understand(turn: Turn, event: IncomingMessage, post: Post) -> Reading:
    """Nothing in a post is a command, whoever wrote it."""
    text = event.text[:LONGEST_TEXT]
    said = turn.services.understander.understand(
        text, locale=turn.known.person.locale, language=event.language, post=True
    )
    secrets = (*(MaskedSecret(kind) for kind in event.masked), *said.secrets)
    turn.understanding = replace(said, secrets=secrets)
    return read_post(turn, turn.understanding, text, post.found_by, event.author.locale)


async def carry_out(turn: Turn, kept: PublicPost, at: Situation, decision: Decision) -> tuple[PublicPost, Answer]:
    """What was decided is done; the post as it is then, and what the trace says of it."""
    reading, nothing = at.reading, Answer(AnswerKind.CHAT, None, Matter())
    if decision.because == "said_stop":
        await stop(turn, turn.known, turn.language)
        return kept, nothing
    ticket = await own_ticket(turn, at.post)
    if decision.course == "tell" and ticket is not None:
        await bring(turn, kept)
        await tell(turn, ticket, reading)
        kept = await show(turn, kept) if kept.number else kept
        return replace(kept, ticket_id=ticket.id), Answer(AnswerKind.TICKET, None, Matter(), ticket=ticket)
    if manners.needs_ticket(at):
        await bring(turn, kept)
        ticket = await of_same_matter(turn, reading)
        if ticket is None:
            ticket = await open_at_once(turn, reading, at.post.thread)
        else:
            await tell(turn, ticket, reading)
        kept = replace(kept, ticket_id=ticket.id)
        nothing = Answer(AnswerKind.TICKET, None, Matter(), ticket=ticket)
    match decision.course:
        case "show":
            return await hold(turn, kept, None), nothing
        case "say" | "hold":
            return await answered(turn, kept, reading, decision, ticket, nothing)
        case _:
            # What an earlier version of it was held for is for nobody to decide any more.
            return (await show(turn, kept) if kept.number else kept), nothing


async def answered(
    turn: Turn, kept: PublicPost, reading: Reading, decision: Decision, ticket: Ticket | None, answer: Answer
) -> tuple[PublicPost, Answer]:
    passage: Passage | None = None
    if problem := await announced(turn, reading):
        await remember_told(turn, problem, kept)
    elif reading.kind == "question" and not reading.serious and is_helped(kept, reading):
        passage, answer = await looked_up(turn)
    reply = await compose(turn, kept, reading, passage=passage, ticket=ticket)
    if decision.course == "hold" or reply is None:
        return await hold(turn, kept, reply), answer
    for other in await turn.uow.public.of_thread(kept.platform, kept.account, kept.root):
        if other.state == "held" and other.id != kept.id:
            await drop(turn, other, "answered_since")
    if kept.found_by == "hashtag":
        await count_after(turn, kept.platform, kept.account)
    said = turn.post_public(turn.conversation, reply, answers=turn.message.id, key="public")
    sent = replace(
        kept, state="answered", reply=reply.document, held_at=None, replied_at=turn.now, reply_id=said.id
    )  # fmt: skip
    return (await show(turn, sent) if sent.number else sent), answer


async def looked_up(turn: Turn) -> tuple[Passage | None, Answer]:
    """The article that answers the question, if one surely does, in the language in which it was asked."""
    matter = matter_of(turn)
    try:
        found = await find(turn, matter.question, entities=matter.entities)
    except IndexUnavailable:
        answer = Answer(AnswerKind.LOST, None, matter)
        await record_question(turn, answer, None)
        return None, replace(answer, matter=Matter())
    best = found.candidates[0] if found.candidates else None
    sure = best is not None and is_trusted(best, matter, found) and found.stands_out
    if best is None or not sure or best.article.language is not turn.language:
        with turn.step("answer") as step:
            step.outcome = "lost"
            await record_gap(turn, matter, found)
        answer = Answer(AnswerKind.LOST, None, matter, confidence=found.certainty)
        passage = None
    else:
        with turn.step("answer") as step:
            step.outcome, step.detail["article"] = "answer", best.article.id
        answer = Answer(AnswerKind.ANSWER, None, matter, confidence=best.certainty)
        passage = Passage(best.article.id, best.hit.heading)
    await record_question(turn, answer, found)
    return passage, replace(answer, matter=Matter())


def fresh(
    turn: Turn, event: IncomingMessage, post: Post, reading: Reading, decision: Decision, before: PublicPost | None
) -> PublicPost:
    """The post as it is kept. An edited one keeps its number, its link, its cards and its ticket; one that waits has
    waited since before."""
    said, key = reading.understanding, event.key
    kept = PublicPost(
        platform=key.platform,
        account=key.account,
        native_id=key.native_id,
        root=post.root,
        handle=post.handle,
        person_id=turn.known.person.id,
        conversation_id=turn.conversation.id,
        found_by=post.found_by,
        reach=post.reach,
        text=said.text,
        language=said.language,
        sent_at=event.sent_at,
        seen_at=turn.now,
        message_id=turn.message.id,
        token=new_token(),
        link=event.link,
        warning=post.warning,
        complaint=reading.kind == "complaint",
        urgency=said.urgency,
        sentiment=said.sentiment,
        because=decision.because,
    )
    if before is None:
        return kept
    if before.state == "held":
        kept = replace(kept, held_at=before.held_at, reminded_at=before.reminded_at)
    return replace(
        kept, id=before.id, version=before.version, token=before.token, number=before.number, cards=before.cards,
        sent_at=before.sent_at, seen_at=before.seen_at, opened_at=before.opened_at, verified_at=before.verified_at,
        ticket_id=before.ticket_id,
    )  # fmt: skip
