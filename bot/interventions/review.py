"""What a curator makes of a write-up: an article that answers the next question, or nothing.

    draft -> approved -> withdrawn -> approved …        draft -> rejected -> draft (written anew) or approved

The article's row follows the state in the same transaction, and the index follows the row.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.articles import revision
from bot.errors import IllegalTransition
from bot.interventions.written import labelled, line_of
from bot.model.documents import plain
from bot.model.knowledge import Article, Solution
from bot.model.tickets import Intervention
from bot.model.values import Audience
from bot.ports.storage import UnitOfWork
from bot.texts import Texts

ORIGIN = "write-ups"
State = Literal["draft", "approved", "rejected", "withdrawn"]
LONGEST_REMARK = 500


async def approve(
    uow: UnitOfWork, one: Intervention, texts: Texts, by: UUID, at: datetime, audience: Audience | None = None
) -> Intervention:
    """Put it into the knowledge base. It stays for members of the organisation unless `audience` says otherwise; one
    that is approved already may be approved for another audience."""
    audience = audience or one.audience
    if one.state == "withdrawn" or (one.state == "approved" and audience is one.audience):
        raise IllegalTransition(f"{one.reference} is {one.state} and cannot be approved")
    approved = decided(one, "approved", by, at, "")
    approved = replace(approved, audience=audience, article_id=one.article_id or article_id(one))
    uow.tickets.save(approved)
    await follow(uow, approved, texts)
    return approved


async def reject(uow: UnitOfWork, one: Intervention, by: UUID, at: datetime, why: str) -> Intervention:
    """Nothing for the knowledge base: who wrote it may write it anew."""
    return _moved(uow, one, ("draft",), decided(one, "rejected", by, at, why))


async def withdraw(
    uow: UnitOfWork, one: Intervention, texts: Texts, by: UUID, at: datetime, why: str = ""
) -> Intervention:
    """Answer nobody with it any more."""
    withdrawn = _moved(uow, one, ("approved",), decided(one, "withdrawn", by, at, why))
    await follow(uow, withdrawn, texts)
    return withdrawn


async def recall(uow: UnitOfWork, one: Intervention, texts: Texts, by: UUID, at: datetime) -> Intervention:
    """Bring a withdrawn one back."""
    recalled = _moved(uow, one, ("withdrawn",), decided(one, "approved", by, at, ""))
    await follow(uow, recalled, texts)
    return recalled


def decided(one: Intervention, state: State, by: UUID, at: datetime, remark: str) -> Intervention:
    return replace(one, state=state, reviewed_by=by, reviewed_at=at, remark=line_of(remark, LONGEST_REMARK))


def _moved(uow: UnitOfWork, one: Intervention, states: Collection[str], after: Intervention) -> Intervention:
    if one.state not in states:
        raise IllegalTransition(f"{one.reference} is {one.state} and cannot be {after.state}")
    uow.tickets.save(after)
    return after


async def follow(uow: UnitOfWork, one: Intervention, texts: Texts) -> None:
    """Bring the write-up's article to what the write-up says and is: shown once approved, else withdrawn."""
    known = await uow.knowledge.article(one.article_id) if one.article_id else None
    if one.state == "approved":
        article = article_of(one, texts)
        uow.knowledge.put(replace(article, version=known.version if known else 0))
        if article.id not in await uow.knowledge.solutions([article.id]):
            uow.knowledge.add(Solution(article.id, article.title))
    elif known and not known.withdrawn:
        uow.knowledge.put(replace(known, withdrawn=True))


def article_id(one: Intervention) -> str:
    return f"{ORIGIN}/{one.reference}"


def article_of(one: Intervention, texts: Texts) -> Article:
    """The write-up as an article. All of it is text of people: none of it is taken for Markdown, and each part is a
    paragraph or a step of its own, whatever it begins with."""
    paragraphs = [
        f"{plain(labelled(texts, part, one.language))} {plain(' '.join(text.split()))}"
        for part, text in (("symptoms", one.symptoms), ("cause", one.root_cause))
        if text.strip()
    ]
    steps = [f"{number}. {plain(' '.join(step.split()))}" for number, step in enumerate(one.steps, 1)]
    body = "\n\n".join([*paragraphs, "\n".join(steps)]).strip()
    article = Article(
        id=one.article_id or article_id(one),
        origin=ORIGIN,
        title=one.title,
        body=body,
        language=one.language,
        category=one.category,
        audience=one.audience,
        revision="",
        keywords=one.keywords,
        reviewed=one.reviewed_at.date() if one.reviewed_at else None,
    )
    return replace(article, revision=revision(article))
