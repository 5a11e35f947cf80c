"""How a problem looks to technicians: its page, the list, and the preview of what others will read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.engine.turn import Turn
from bot.model.documents import Actions, Block, Button, Document, Fields, Paragraph, plain
from bot.model.tickets import Problem, ProblemDraft, Ticket
from bot.model.values import ACTIVE, Audience, Language
from bot.ports.storage import TicketFilter
from bot.problems import steps, wording
from bot.problems.recipients import Recipient, joined_tickets, to_tell
from bot.problems.states import state
from bot.public.ends import end_of
from bot.tickets.cards import moment

COMMAND = "ticket_problem"  # the action of buttons that say a sub-command
MOST_SHOWN = 12  # messages in one preview


@dataclass(frozen=True, slots=True)
class Variant:
    """One text, with everybody who reads it."""

    document: Document
    audience: Audience
    language: Language
    platforms: tuple[str, ...]
    people: int


def command(turn: Turn, name: str, value: str, *, style: str = "default") -> Button:
    """A button that says `/ticket problem NAME VALUE`."""
    label = turn.say(f"button.problem_{name}")
    return Button(COMMAND, label, f"{name} {value}", "primary" if style == "primary" else "default")


async def preview(turn: Turn, problem: Problem, draft: ProblemDraft) -> Document:
    """What every platform and language will read, how many people that are, and the buttons that send it or not."""
    after = steps.sent(problem, draft, turn.now)
    waiting = [await as_read(turn, after, one) for one in await to_tell(turn, after)]
    people = len({one.person_id for one in waiting})
    head = turn.say(f"problem.preview.{draft.step}", reference=problem.reference, title=problem.title)
    blocks: list[Block] = [Paragraph(f"**{head}**"), turn.paragraph("problem.preview.people", count=people)]
    for variant in variants(waiting)[:MOST_SHOWN]:
        blocks += shown(turn, variant)
    if draft.step != "end":
        blocks += to_come(turn, after)
    if draft.step == "announce":
        blocks.append(Paragraph(reach(turn, problem)))
    if draft.step == "end" and (joined := await joined_tickets(turn, problem)):
        references = ", ".join(ticket.reference for ticket in joined)
        blocks.append(turn.paragraph("problem.preview.tickets", tickets=references, reference=problem.reference))
    confirm = command(turn, "send", f"{problem.reference} {mark(draft)}", style="primary")
    drop = command(turn, "drop", f"{problem.reference} {mark(draft)}")
    blocks.append(turn.paragraph("problem.preview.nothing_sent"))
    return Document((*blocks, Actions((confirm, drop))))


async def as_read(turn: Turn, after: Problem, one: Recipient) -> Recipient:
    """With the words that are said under their post, where everybody reads."""
    return replace(one, document=(await end_of(turn, after, one.post)).document) if one.post else one


def mark(draft: ProblemDraft) -> str:
    """Names the draft that was shown, so that no other one is sent by its button."""
    return draft.id.hex[-12:]


def variants(waiting: Sequence[Recipient]) -> list[Variant]:
    """Each text that somebody will read, that of most people first."""
    by_text: dict[tuple[str, Audience, Language], list[Recipient]] = {}
    for one in waiting:
        by_text.setdefault((one.document.text, one.audience, one.language), []).append(one)
    found = [
        Variant(
            readers[0].document,
            audience,
            language,
            tuple(sorted({one.place.ref.platform for one in readers})),
            len({one.person_id for one in readers}),
        )
        for (_, audience, language), readers in by_text.items()
    ]
    return sorted(found, key=lambda one: -one.people)


def shown(turn: Turn, one: Variant) -> list[Block]:
    """A message as it will be read; its buttons as words, for they are not the technician's to press."""
    where = ", ".join(platform.title() for platform in one.platforms)
    head = turn.say(
        "problem.preview.group",
        platforms=where, audience=turn.say(f"audience.{one.audience}"), language=turn.say(f"language.{one.language}"),
        count=one.people,
    )  # fmt: skip
    return [Paragraph(f"**{head}**"), *without_buttons(one.document)]


def to_come(turn: Turn, after: Problem) -> list[Block]:
    """What those read who ask from now on."""
    blocks: list[Block] = []
    for audience in (Audience.INTERNAL, Audience.PUBLIC):
        for language in Language:
            names = {"audience": turn.say(f"audience.{audience}"), "language": turn.say(f"language.{language}")}
            document = wording.told_asker(turn.services, after, audience, language, "problem.known")
            blocks.append(Paragraph(f"**{turn.say('problem.preview.askers', **names)}**"))
            blocks += without_buttons(document)
    return blocks


def without_buttons(document: Document) -> list[Block]:
    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Actions):
            blocks.append(Paragraph(" ".join(f"\\[{plain(button.label)}\\]" for button in block.buttons)))
        else:
            blocks.append(block)
    return blocks


def reach(turn: Turn, problem: Problem) -> str:
    """Which questions are answered with it."""
    category = turn.services.categories.name(problem.category, turn.language)
    key = "problem.reach.words" if problem.words else "problem.reach.category"
    return turn.say(key, category=category, words=", ".join(problem.words), reference=problem.reference)


async def page(turn: Turn, problem: Problem) -> Document:
    joined = await joined_tickets(turn, problem)
    told = await turn.uow.problems.subscriptions(problem.id)
    items = [
        (turn.say("field.status"), turn.say(state(problem))),
        (turn.say("field.category"), plain(turn.services.categories.name(problem.category, turn.language))),
        (turn.say("problem.field.words"), plain(", ".join(problem.words)) or "–"),
        (turn.say("problem.field.tickets"), ", ".join(ticket.reference for ticket in joined) or "–"),
        (turn.say("problem.field.told"), str(len({one.person_id for one in told}))),
    ]
    for key, at in (("announced", problem.announced_at), ("updated", problem.updated_at), ("ended", problem.ended_at)):
        if at is not None:
            items.append((turn.say(f"problem.field.{key}"), moment(turn, at, turn.language)))
    for text in (*problem.texts, *problem.end_texts):
        who = f"{turn.say(f'audience.{text.audience}')}, {turn.say(f'language.{text.language}')}"
        said = [text.text, *([turn.say("problem.workaround", text=text.workaround)] if text.workaround else [])]
        items.append((who, plain(said[0]) + "".join(f"\n{more}" for more in said[1:])))
    blocks: list[Block] = [Fields(tuple(items), title=f"{problem.reference} · {plain(problem.title)}")]
    if problem.draft is not None:
        preview_it = command(turn, "preview", problem.reference)
        blocks += [turn.paragraph("problem.has_draft"), Actions((preview_it,))]
    return Document(tuple(blocks))


async def cause(turn: Turn, ticket: Ticket) -> list[Block]:
    """For technicians, of which problem a ticket is part."""
    problem = await turn.uow.problems.get(ticket.problem_id) if turn.technician and ticket.problem_id else None
    if problem is None:
        return []
    return [
        turn.paragraph(
            "problem.cause", reference=problem.reference, title=problem.title, state=turn.say(state(problem))
        )
    ]


async def listing(turn: Turn) -> Document:
    problems = await turn.uow.problems.recent()
    if not problems:
        return turn.document("problem.none")
    items = []
    for problem in problems:
        count = await turn.uow.tickets.count(TicketFilter(statuses=ACTIVE, problem_id=problem.id))
        facts = [f"**{plain(problem.title)}**", turn.say(state(problem)), turn.say("problem.tickets", count=count)]
        items.append((problem.reference, " · ".join(facts)))
    return Document((Fields(tuple(items), title=turn.say("problem.list")), turn.paragraph("problem.list.how")))
