"""A write-up drafted from its ticket: what the person met, and what technicians wrote, noted and tried."""

import re
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from bot.categories import Categories
from bot.interventions.masking import Masker, masker_for
from bot.interventions.written import Draft, cleaned, line_of, steps_of
from bot.markdown import parse
from bot.model.conversations import Message
from bot.model.documents import Paragraph, unescaped
from bot.model.tickets import Intervention, Ticket
from bot.model.values import Language
from bot.ports.storage import UnitOfWork
from bot.public.files import IN_PUBLIC
from bot.tickets.summary import title_of
from bot.understanding.body import body
from bot.understanding.normalise import fold

UNCATEGORISED = "uncategorised"  # says nothing of what it was
LONGEST = 4_000  # characters of a whole draft: it is to be sent back in one message
LONGEST_SOURCE = 5_000  # characters of one message that are looked at
_SENTENCE = re.compile(r"(?<=[.!;])\s+(?=\S)")
_CAUSE = re.compile(
    r"(?i)\b(?:root cause|cause racine|(?:the |la )?cause\s*:|caused by|because|due to|parce qu|à cause d|a cause d|"
    r"en raison d|venait d|provenait d|était dû|etait du|came from)"
)
_CAUSE_LABEL = re.compile(r"(?i)^(?:root cause|cause racine|(?:the |la )?cause)\s?:\s*")
_PLEASANTRY = re.compile(
    r"(?:hello|hi|hey|dear|bonjour|bonsoir|salut|merci|thanks?|thank you|cordialement|best regards|regards|cheers"
    r"|this is done|de rien|you are welcome|bonne journee|have a (?:nice|good) day|ok|done|voila|c est fait|je regarde"
    r"|i am looking)\b"
)
_FEWEST_LETTERS = 8


async def draft_of(uow: UnitOfWork, ticket: Ticket, categories: Categories) -> Draft:
    """What can be said without the technician's help, with personal data masked; `masked` says which kinds.

    Steps are what technicians wrote to the person, noted and told at the end, in order, and those of an article that
    helped. The cause is only there if one of them named it.
    """
    masker = await masker_for(uow, ticket)
    place = await uow.conversations.get(ticket.conversation_id)
    messages = [one for one in await uow.conversations.messages(ticket.conversation_id) if not one.deleted]
    if place and place.ref.is_public:  # where others write, too
        messages = [one for one in messages if one.author != "person" or one.person_id == ticket.asker_id]
    question = question_of(messages, ticket)
    said = body(question.text[:LONGEST_SOURCE]) if question else ticket.title
    lines = await worked_lines(uow, ticket, messages)
    causes = [line for line in lines if _CAUSE.search(line)]
    draft = Draft(
        title=ticket.title.rstrip(" .!"),
        symptoms=said,
        root_cause=_CAUSE_LABEL.sub("", causes[0]) if causes else "",
        steps=tuple(line for line in lines if line not in causes[:1]),
        keywords=tuple(keywords_of(ticket, categories, f"{said}\n" + "\n".join(lines))),
        language=ticket.language,
        screenshots=await screenshots_of(uow, question, messages),
    )
    return fitting(masked(cleaned(draft), masker))


def of_intervention(one: Intervention) -> Draft:
    """What a write-up says now."""
    return Draft(one.title, one.symptoms, one.root_cause, one.steps, one.keywords, one.language, one.screenshots,
                 one.masked)  # fmt: skip


def masked(draft: Draft, masker: Masker) -> Draft:
    """The draft without personal data; the kinds found are added to `masked`."""
    steps, in_steps = masker.all_of(draft.steps)
    words, in_words = masker.all_of(draft.keywords)
    title, in_title = masker(draft.title)
    symptoms, in_symptoms = masker(draft.symptoms)
    cause, in_cause = masker(draft.root_cause)
    kinds = dict.fromkeys((*draft.masked, *in_title, *in_symptoms, *in_cause, *in_steps, *in_words))
    return cleaned(
        replace(
            draft, title=title, symptoms=symptoms, root_cause=cause, steps=steps, keywords=words, masked=tuple(kinds)
        )
    )


def fitting(draft: Draft) -> Draft:
    """The draft without its last steps as far as it is longer than a message."""
    size = len(draft.title) + len(draft.root_cause) + sum(map(len, draft.keywords))
    draft = replace(draft, symptoms=draft.symptoms[: LONGEST // 3])
    room, steps = LONGEST - size - len(draft.symptoms), []
    for step in draft.steps:
        room -= len(step) + 5
        if room < 0:
            break
        steps.append(step)
    return replace(draft, steps=tuple(steps))


def question_of(messages: Iterable[Message], ticket: Ticket) -> Message | None:
    """The message that the ticket is about: the one that its title comes from, else the last before it was opened."""
    before = [one for one in messages if one.author == "person" and one.sent_at <= ticket.created_at]
    asked = [one for one in before if title_of(one.text) == ticket.title]
    return asked[-1] if asked else before[-1] if before else None


async def worked_lines(uow: UnitOfWork, ticket: Ticket, messages: Iterable[Message]) -> list[str]:
    """What technicians wrote about it, line by line, without greetings and questions; each line once."""
    texts = [(one.sent_at, reply_text(one)) for one in messages if one.relay_of and one.author == "technician"]
    texts += [(note.at, note.text) for note in await uow.tickets.notes(ticket.id)]
    found = [line for _, text in sorted(texts) for line in lines_of(text)]
    for proposal in await uow.tickets.proposals_on(ticket.id):
        article = await uow.knowledge.article(proposal.article_id) if proposal.helped else None
        found += parse(article.body).steps if article else ()
    found += lines_of(ticket.resolution or "")
    once: dict[str, str] = {}
    for line in found:
        once.setdefault(fold(line).strip(" ."), line)
    return list(once.values())


def reply_text(message: Message) -> str:
    """What the technician wrote, without the line above it that says who they are."""
    blocks = message.document.blocks[1:] if message.document else ()
    return "\n".join(unescaped(block.text) for block in blocks if isinstance(block, Paragraph))


def lines_of(text: str) -> list[str]:
    text = body(text[:LONGEST_SOURCE])
    parts = steps_of(text) if "\n" in text else _SENTENCE.split(text)
    lines = [line_of(part, 500) for part in parts]
    return [line for line in lines if is_about_work(line)]


def is_about_work(line: str) -> bool:
    """Neither a question nor a greeting, and long enough to say something."""
    letters = sum(character.isalpha() for character in line)
    return letters >= _FEWEST_LETTERS and not line.endswith("?") and not _PLEASANTRY.match(fold(line))


def keywords_of(ticket: Ticket, categories: Categories, text: str) -> Iterable[str]:
    """Models, codes and applications that were named, and the words of the category that were used."""
    named = ticket.entities
    yield from (*named.devices, *named.error_codes, *named.applications)
    padded = f" {' '.join(re.findall(r'[a-z0-9]+', fold(text)))} "
    for slug, _, words in categories.words():
        if slug == ticket.category:
            yield from (word for word in words if f" {' '.join(re.findall(r'[a-z0-9]+', fold(word)))} " in padded)
    if ticket.category in categories and ticket.category != UNCATEGORISED:
        yield categories.name(ticket.category, Language(ticket.language)).lower()


async def screenshots_of(uow: UnitOfWork, since: Message | None, messages: Iterable[Message]) -> tuple[UUID, ...]:
    """The pictures that the person sent with the question and after it, and does not hide."""
    found: list[UUID] = []
    for message in messages:
        if message.author == "person" and (since is None or message.sent_at >= since.sent_at):
            files = await uow.tickets.attachments(message.id)
            shown = [one for one in files if not one.sensitive and one.problem != IN_PUBLIC]
            found += [one.id for one in shown if one.media_type.startswith("image/")]
    return tuple(found)
