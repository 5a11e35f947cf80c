"""Questions of past tickets: kept beside those asked here, so that trends know them, and read for new phrasings.

A ticket that names the article it was resolved with is a way to ask for that article: proposed to a curator, like a
question whose answer helped. What comes from a document goes with it, approved phrasings apart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.articles import pair_of
from bot.engine.reruns import rerun_when_stale
from bot.model.knowledge import Article, AskedQuestion, PastTicket, Phrasing
from bot.model.values import Audience
from bot.phrasings import is_worth_proposing
from bot.ports.storage import Knowledge, UnitOfWorkFactory
from bot.understanding.entities import without_identifiers
from knowledge.sync import FolderTickets, KeepTickets

BATCH = 200  # tickets written in one transaction
LONGEST = 500  # characters kept of a question


def keeper(unit_of_work: UnitOfWorkFactory, clock: Callable[[], datetime] | None = None) -> KeepTickets:
    """What `sync_folder` takes as `keep_tickets`."""

    async def keep(folder: FolderTickets) -> None:
        now = clock() if clock else datetime.now(UTC)
        await keep_past_questions(unit_of_work, folder.origin, folder.tickets, now)
        await drop_past_questions(unit_of_work, folder.origin, {one.id for one in folder.tickets}, folder.may_remain)

    return keep


async def keep_past_questions(
    unit_of_work: UnitOfWorkFactory, origin: str, tickets: Sequence[PastTicket], now: datetime
) -> int:
    """Store the tickets' questions as they now are; return how many are new or changed. To do it again changes nothing.

    A ticket without a date counts as asked `now`, when it is first seen.
    """
    latest = list({ticket.id: ticket for ticket in tickets}.values())
    written = 0
    for start in range(0, len(latest), BATCH):
        batch = latest[start : start + BATCH]

        async def write(batch: Sequence[PastTicket] = batch) -> int:
            async with unit_of_work() as work:
                count = await _keep(work.knowledge, origin, batch, now)
                await work.commit()
                return count

        written += await rerun_when_stale(write, "the past questions")
    return written


async def drop_past_questions(
    unit_of_work: UnitOfWorkFactory,
    origin: str,
    keep: Iterable[str] = (),
    may_remain: Callable[[str], bool] = lambda reference: False,
) -> int:
    """Forget the questions of an origin whose tickets are gone; return how many."""
    kept = {*keep}
    async with unit_of_work() as work:
        known = await work.knowledge.asked_from(origin)
        gone = [one.id for reference, one in known.items() if reference not in kept and not may_remain(reference)]
        work.knowledge.forget(gone)
        await work.commit()
    return len(gone)


async def _keep(knowledge: Knowledge, origin: str, tickets: Sequence[PastTicket], now: datetime) -> int:
    known = await knowledge.asked_from(origin)
    named = await _articles_named(knowledge, [ticket.article for ticket in tickets if ticket.article])
    proposed: dict[str, list[Phrasing]] = {}
    count = 0
    for ticket in tickets:
        row = known.get(ticket.id)
        article = named.get(ticket.article) if ticket.article else None
        question = _question(ticket, origin, article, row, now)
        if question == row:
            continue
        count += 1
        if row is None:
            knowledge.add(question)
        else:
            knowledge.save(question)
        if article and (target := await _in_language(knowledge, article, ticket)):
            if target.id not in proposed:
                proposed[target.id] = await knowledge.phrasings([target.id])
            if is_worth_proposing(question.text, target, proposed[target.id]):
                phrasing = Phrasing(target.id, question.text, ticket.language, "past_ticket", question_id=question.id)
                knowledge.add(phrasing)
                proposed[target.id].append(phrasing)
    return count


def _question(
    ticket: PastTicket, origin: str, article: Article | None, row: AskedQuestion | None, now: datetime
) -> AskedQuestion:
    """The ticket's subject as a question: its content tells a story, with names in it."""
    question = AskedQuestion(
        text=without_identifiers(ticket.subject or ticket.content)[:LONGEST],
        language=ticket.language,
        audience=Audience.INTERNAL,
        asked_at=ticket.asked_at or (row.asked_at if row else now),
        outcome="answered" if article else "lost",
        category=ticket.category,
        best_article=article.id if article else None,
        asker_id=ticket.client_id,
        origin=origin,
        reference=ticket.id,
    )
    return replace(question, id=row.id, version=row.version) if row else question


async def _articles_named(knowledge: Knowledge, names: Sequence[str]) -> dict[str, Article]:
    """Articles by what the other system calls them: an id, or the end of exactly one."""
    if not names:
        return {}
    catalogue = await knowledge.catalogue()
    ends: dict[str, list[str]] = {}
    for id in catalogue:
        ends.setdefault(id.rpartition("/")[2].casefold(), []).append(id)
    found = {}
    for name in {*names}:
        of_name = [name] if name in catalogue else ends.get(name.rpartition("/")[2].casefold(), [])
        if len(of_name) == 1:
            found[name] = of_name[0]
    rows = await knowledge.articles({*found.values()})
    return {name: rows[id] for name, id in found.items()}


async def _in_language(knowledge: Knowledge, article: Article, ticket: PastTicket) -> Article | None:
    """The article, or of its pair the one in the ticket's language."""
    if article.language is ticket.language:
        return article
    return next((one for one in await pair_of(knowledge, article) if one.language is ticket.language), None)
