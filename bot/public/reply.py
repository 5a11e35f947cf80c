"""What the desk says where anybody reads: a type of its own, made here and nowhere else.

It holds sentences of the catalogue into which nothing goes but a ticket's reference, a moment and an address of the
desk's own; words of articles that everybody may read, as their rows are now; the public text of an announced problem;
or the words of a technician, once they were scanned and confirmed. Nothing that somebody else wrote can get into it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.engine.services import Services
from bot.markdown import parse
from bot.model.documents import Block, Document, Paragraph, Source, Sources, Steps, plain
from bot.model.knowledge import Article
from bot.model.public import PublicPost, PublicTarget, narrowest
from bot.model.tickets import Problem, Ticket
from bot.model.values import Audience, Language
from bot.ports.storage import UnitOfWork
from bot.problems import wording
from bot.public.policy import PublicPolicy
from bot.public.scanning import known_names, scan
from bot.texts import Inline
from bot.tickets.promises import said_of
from bot.understanding.entities import masked_identifiers
from bot.understanding.secrets import mask

CATALOGUE = "public.say."  # how the keys begin of what may be said in public
OPENING = "public.say.answer"  # what stands before the words of an article
SHORTEST_PASSAGE = 60  # characters; of less nothing is learnt
_MADE_HERE = object()
_HANDLE = re.compile(r"(?<![\w/=])@+((?:\\_|\w)(?:\\_|[\w.-])*)(?:@[\w.-]*\w)?")


class NotPublic(ValueError):
    """Something was to be said in public that must not be: a mistake in the program, or a row that has changed."""


@dataclass(frozen=True, slots=True)
class PublicReply:
    """`target`: what it answers, and how far it reaches. Only the functions of this module make one."""

    document: Document
    target: PublicTarget
    language: Language
    made_here: InitVar[object] = None

    def __post_init__(self, made_here: object) -> None:
        if made_here is not _MADE_HERE:
            raise NotPublic("a public reply is made by bot.public.reply alone")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of the catalogue. `ticket`, `at` and `link` are the only things that can be put into it."""

    key: str
    ticket: Ticket | None = None
    at: datetime | None = None
    link: str | None = None  # of the contact page


@dataclass(frozen=True, slots=True)
class Passage:
    """What an article says, under a heading or at its beginning, and where to read it. `longest`: characters that there
    is room for; where that is little, only where to read it."""

    article_id: str
    heading: str | None = None
    longest: int = 280


@dataclass(frozen=True, slots=True)
class Announcement:
    """What everybody may know of a problem that was announced, or, once it is over, of its end."""

    problem: Problem
    longest: int = 280
    steps: bool = True  # with what helps meanwhile


Part = Sentence | Passage | Announcement


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A technician's words as they were scanned (what was found is masked), shown to `by` (a Person) and confirmed."""

    text: str
    by: UUID


def target_of(post: PublicPost, policy: PublicPolicy) -> PublicTarget:
    """Who is answered, and how far: as the organisation wishes, never further than the post."""
    return PublicTarget(post.native_id, post.handle, narrowest(post.reach, policy.visibility), post.warning)


async def composed(
    services: Services, uow: UnitOfWork, now: datetime, target: PublicTarget, language: Language, parts: Sequence[Part]
) -> PublicReply:
    """Raises NotPublic for a key that is not of the public catalogue, an address that is not the desk's own, and an
    article that not everybody may read any more."""
    blocks: list[Block] = []
    for part in parts:
        match part:
            case Sentence():
                blocks.append(Paragraph(defused(_sentence(services, now, part, language))))
            case Passage():
                blocks += await _passage(services, uow, part)
            case Announcement():
                blocks += await _announcement(services, uow, part, language)
    return _reply(services, blocks, target, language)


def of_technician(services: Services, words: Confirmed, target: PublicTarget, language: Language) -> PublicReply:
    """Raises NotPublic if the words have never been scanned: something is still in them that a scan takes out."""
    text = defused(words.text)
    if scrubbed(text) != text:
        raise NotPublic("words for the public were not scanned")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return _reply(services, [Paragraph(plain(line)) for line in lines if line], target, language)


async def as_stored(services: Services, uow: UnitOfWork, post: PublicPost) -> PublicReply | None:
    """The reply that is kept with a post, if it may still be said: its articles stand as they were shown, and everybody
    may read them. What a technician wrote was scanned when it was written."""
    document = post.reply
    if document is None:
        return None
    for position, block in enumerate(document.blocks):
        for source in block.items if isinstance(block, Sources) else ():
            article = await uow.knowledge.article(source.id)
            if article is None or not _may_read(article):
                return None
            clean = await _cleaner(services, uow, f"{article.title}\n{article.body}")
            if not _stands(document.blocks[:position], article, clean, services.texts(OPENING, post.language)):
                return None
    target = target_of(post, services.policy.public)
    return PublicReply(document, target, post.language, _MADE_HERE)


def defused(text: str) -> str:
    """The text with every @handle as a word, so that it calls nobody. Addresses stay as they are."""
    return _HANDLE.sub(lambda found: found[1], text)


def scrubbed(text: str) -> str:
    """The text with secrets, e-mail addresses, telephone and serial numbers masked."""
    return masked_identifiers(mask(text).text)[0]


def fits_site(policy: PublicPolicy, link: str) -> bool:
    """Whether an address is the desk's own."""
    return policy.site is not None and re.fullmatch(re.escape(policy.site) + r"/[\w/.~-]*", link) is not None


def _reply(services: Services, blocks: list[Block], target: PublicTarget, language: Language) -> PublicReply:
    if not blocks:
        raise NotPublic("there is nothing to say")
    if tags := services.policy.public.signature:
        blocks = [*blocks, Paragraph(plain(" ".join(f"#{tag}" for tag in tags)))]
    return PublicReply(Document(tuple(blocks)), target, language, _MADE_HERE)


def _sentence(services: Services, now: datetime, part: Sentence, language: Language) -> str:
    if not part.key.startswith(CATALOGUE):
        raise NotPublic(f"{part.key} is not for the public")
    policy = services.policy
    values: dict[str, object] = {}
    if part.ticket is not None:
        values["reference"] = part.ticket.reference
    if part.at is not None:
        values["when"] = said_of(part.at, now, ZoneInfo(policy.timezone), language, services.texts)
    if part.link is not None:
        if not fits_site(policy.public, part.link):
            raise NotPublic("an address in a public reply is not the desk's own")
        values["link"] = Inline(part.link)
    return services.texts(part.key, language, **values)


async def _cleaner(services: Services, uow: UnitOfWork, text: str) -> Callable[[str], str]:
    """What makes words of a text fit for everybody: nobody is called, named or identified in them."""
    names = await known_names(uow, services.texts, text)
    country = services.policy.public.country
    return lambda part: scan(defused(" ".join(part.split())), names=names, country=country).masked


async def _passage(services: Services, uow: UnitOfWork, part: Passage) -> list[Block]:
    article = await uow.knowledge.article(part.article_id)
    if article is None or not _may_read(article):
        raise NotPublic(f"article {part.article_id} is not for the public")
    clean = await _cleaner(services, uow, f"{article.title}\n{article.body}")
    link = next((each.url for each in article.links if each.url.startswith(("https://", "http://"))), None)
    return [*_words_of(article, part, clean), Sources((Source(article.id, clean(article.title), link=link),))]


def _words_of(article: Article, part: Passage, clean: Callable[[str], str]) -> list[Block]:
    parsed = parse(article.body)
    steps = tuple(map(clean, parsed.steps))
    if steps and sum(len(step) + len("1. \n") for step in steps) <= part.longest:
        return [Steps(steps)]
    if part.longest < SHORTEST_PASSAGE:
        return []
    found = next((one.text for one in parsed.sections if part.heading and one.heading == part.heading), "")
    first = next((one.text for one in parsed.sections), "")
    return [Paragraph(_cut(clean(found or parsed.intro or " ".join(parsed.steps) or first), part.longest))]


def _may_read(article: Article | None) -> bool:
    """Whether anybody may read an article, as its row now is."""
    return article is not None and not article.withdrawn and Audience.PUBLIC.may_read(article.audience)


def _cut(text: str, longest: int) -> str:
    """At most `longest` characters, cut after a sentence or a word."""
    if len(text) <= longest:
        return text
    start = text[: longest - 2]
    end = start.rfind(". ")
    return start[: end + 1] if end > longest // 2 else f"{start.rpartition(' ')[0] or start} …"


def _stands(before: Sequence[Block], article: Article, clean: Callable[[str], str], opening: str) -> bool:
    """Whether what was shown of an article, if there is more than the `opening` sentence, is what it says."""
    parsed = parse(article.body)
    texts = (parsed.intro, " ".join(parsed.steps), *(section.text for section in parsed.sections))
    match before[-1] if before else None:
        case Steps(items=items):
            return items == tuple(map(clean, parsed.steps))
        case Paragraph(text=text):
            shown = text.removesuffix(" …")
            return text == opening or any(clean(each).startswith(shown) for each in texts)
        case _:
            return True


async def _announcement(services: Services, uow: UnitOfWork, part: Announcement, language: Language) -> list[Block]:
    """Nothing, where nothing is said of it to everybody in that language."""
    problem = part.problem
    if problem.announced_at is None:
        raise NotPublic(f"{problem.reference} was not announced")
    told = wording.text_for(problem.end_texts if problem.ended_at else problem.texts, Audience.PUBLIC, language)
    if told is None or told.language is not language or part.longest < SHORTEST_PASSAGE:
        return []
    text = f"{told.text}\n{told.workaround}" if part.steps else told.text
    clean = await _cleaner(services, uow, text)
    return [Paragraph(_cut(plain(clean(text)), part.longest))]
