"""What rows and JSON objects have in common: names of fields in two languages, and what kind of record they make.

An entry of a FAQ has a question (or subject) and an answer, perhaps category, tags, audience, language, phrasings,
applies_to, reviewed, id. Where it has no category, the file's name gives it (`03-Reseau.json`), and then its folders.
What has a ticket's id, or subject and content, is a past ticket (`knowledge.loaders.past_tickets`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.errors import LoadError
from bot.model.knowledge import Article, PastTicket
from bot.understanding.normalise import fold
from knowledge.loaders import past_tickets
from knowledge.loaders.fields import article_of
from knowledge.loaders.source import Loaded, Notice, Source, text_of, usable

# Our name of a field: the names it goes by, without accents, signs and case.
_NAMES = {
    "question": "question q",
    "answer": "answer reponse response a",
    "tags": "tags keywords motscles etiquettes",
    "audience": "audience",
    "language": "language lang langue",
    "phrasings": "phrasings formulations variantes variants",
    "applies_to": "appliesto models modeles model modele",
    "reviewed": "reviewed reviewedon relu relule",
    "id": "id numero number",
    "ticket_id": "ticketid idticket ticket nticket noticket ticketnumber numeroticket numeroduticket ticketref "
    "caseid issuekey",
    "channel": "channel canal",
    "client_id": "clientid client idclient customerid customer requesterid requester demandeur userid",
    "timestamp": "timestamp createdat created opened openedat date datecreation datedecreation creele dateouverture",
    "subject": "subject sujet objet title titre",
    "content": "content contenu description message body text texte demande",
    "category": "category categorie theme rubrique",
    "subcategory": "subcategory souscategorie",
    "priority": "priority priorite urgency urgence",
    "auto_resolvable": "autoresolvable autoresoluble resolvable",
    "resolution_type": "resolutiontype typeresolution typederesolution",
    "estimated_resolution_time": "estimatedresolutiontime estimatedresolutionminutes resolutiontime tempsderesolution "
    "dureederesolution tempsresolutionestime",
    "knowledge_base_ref": "knowledgebaseref kbref kbarticle knowledgebase articlekb refkb basedeconnaissances",
    "resolution": "resolution solution resolutionnotes closenotes",
}
_NAMED = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
_LIST = re.compile(r"[,;|\n]")
_TEXTS = re.compile(r"[|\n]")


def known(record: Mapping[Any, Any]) -> dict[str, Any]:
    """The fields that are known, by our names; of two that mean the same, the first that has a value."""
    values: dict[str, Any] = {}
    for key, value in record.items():
        name = _NAMED.get("".join(re.findall(r"[a-z]+", fold(str(key))[:80])))
        if name and values.get(name) in (None, ""):
            values[name] = value
    return values


def loaded(source: Source, records: Iterable[tuple[str, int, Any]]) -> Iterator[Loaded]:
    """Records with what to call their place. Each becomes an article, a past ticket or both, or is reported."""
    seen: set[str] = set()
    for what, place, record in records:
        if isinstance(record, LoadError):
            yield record
            continue
        at = replace(source, name=f"{source.name}, {what} {place}")
        try:
            for each in _made(at, record):
                if isinstance(each, Article | PastTicket):
                    key = f"{type(each).__name__} {each.id}"
                    if key in seen:
                        raise at.error("has the question or id of an earlier entry")
                    seen.add(key)
                yield each
        except LoadError as error:
            yield error


def _made(source: Source, record: Any) -> Iterator[Article | PastTicket | Notice]:
    if not isinstance(record, dict):
        raise source.error("should be an object with question and answer, or a past ticket")
    values = known(record)
    if "ticket_id" in values or ({"subject", "content"} <= values.keys() and "question" not in values):
        yield from past_tickets.load(source, values)
    else:
        yield from _entry(source, values)


def _entry(source: Source, values: dict[str, Any]) -> Iterator[Article | Notice]:
    question = text_of(source, "question", values.get("question") or values.get("subject"))
    answer = values.get("answer") or values.get("resolution")
    if not question:
        raise source.error("question: is missing")
    if not isinstance(answer, str) or not answer.strip():
        raise source.error("answer: is missing" if not answer or isinstance(answer, str) else "answer: should be text")
    body = usable(source, "answer", answer).strip()
    stem = source.id.rpartition("/")[2]
    yield from article_of(
        replace(source, folders=(*source.folders, stem)),
        {
            "title": question,
            "category": values.get("category"),
            "audience": values.get("audience"),
            "language": values.get("language"),
            "keywords": _parts(values.get("tags"), _LIST),
            "phrasings": _parts(values.get("phrasings"), _TEXTS),
            "applies_to": _parts(values.get("applies_to"), _LIST),
            "reviewed": values.get("reviewed") or None,
        },
        body,
        id=f"{source.id}#{_number(source, values.get('id'), question)}",
    )


def _number(source: Source, id: Any, question: str) -> str:
    """The entry's own id, else a hash of its question: entries may be put in any order and stay the same articles."""
    own = text_of(source, "id", id).replace("#", "-")[:100]
    return own or hashlib.blake2b(question.encode(), digest_size=5).hexdigest()


def _parts(value: Any, between: re.Pattern[str]) -> Any:
    return [part.strip() for part in between.split(value)] if isinstance(value, str) else value
