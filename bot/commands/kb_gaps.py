"""`/kb gaps [PAGE|all]`, `/kb gaps #3`, `/kb gaps #3 plan|written|dismiss|open`: what the knowledge base lacks.

A group's number stays its own: what is said about #3 today is about the same questions tomorrow.
"""

import re
from uuid import UUID

from bot.commands.common import how_to_use
from bot.commands.table import Command, may
from bot.engine.showing import shortened
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.gaps import Gap, current_gaps, decided
from bot.model.documents import Actions, Block, Button, Document, Fields, Paragraph, plain
from bot.model.knowledge import GapState
from bot.tickets.cards import moment

PAGE = 10
EXAMPLES = 5
DECISIONS: dict[str, GapState] = {
    "plan": "planned",
    "planned": "planned",
    "prévoir": "planned",
    "prevoir": "planned",
    "written": "written",
    "write": "written",
    "écrit": "written",
    "ecrit": "written",
    "rédigé": "written",
    "dismiss": "dismissed",
    "dismissed": "dismissed",
    "écarter": "dismissed",
    "ecarter": "dismissed",
    "open": "open",
    "reopen": "open",
    "rouvrir": "open",
}
ALL = ("all", "tous", "tout", "toutes")
PAGES = ("page", "p")
_NUMBERED = re.compile(r"#?(\d{1,6})(?:\s+(\S+))?(?:\s+(\S.*))?")


async def run(turn: Turn, argument: str) -> Document:
    gaps = await current_gaps(turn.uow, turn.services.grouper, turn.now)
    words = argument.lower().split()
    if not words or words[0] in (*ALL, *PAGES):
        everything = any(word in ALL for word in words)
        page = next((int(word) for word in words if word.isdecimal() and len(word) < 5), 1)
        return await listing(turn, [gap for gap in gaps if everything or gap.needs_attention], page, everything)
    match = _NUMBERED.fullmatch(argument)
    if match is None:
        raise how_to_use(turn, "command.kb.gaps")
    gap = next((gap for gap in gaps if gap.group.number == int(match[1])), None)
    if gap is None:
        raise InvalidInput(turn.say("kb.gaps.unknown", number=int(match[1])))
    if match[2] is None:
        return await detail(turn, gap)
    state = DECISIONS.get(match[2].lower())
    if state is None:
        raise how_to_use(turn, "command.kb.gaps")
    return await decide(turn, gap, state, match[3])


async def listing(turn: Turn, gaps: list[Gap], page: int, everything: bool) -> Document:
    if not gaps:
        return turn.document("kb.gaps.none")
    pages = -(-len(gaps) // PAGE)
    page = min(max(page, 1), pages)
    owners = await owner_names(turn, gaps)
    shown = gaps[(page - 1) * PAGE : page * PAGE]
    title = turn.say("kb.gaps.title", count=len(gaps), page=page, pages=pages)
    items = tuple((f"#{gap.group.number}", line(turn, gap, owners)) for gap in shown)
    how = turn.paragraph("kb.gaps.how", number=shown[0].group.number)
    blocks: list[Block] = [Fields(items, title=title), how]
    if page < pages:
        everything_too = [turn.say("gap.word.all")] if everything else []
        following = " ".join([*everything_too, f"page {page + 1}"])
        blocks.append(Actions((Button("kb_gaps", turn.say("button.more"), following),)))
    return Document(tuple(blocks))


def line(turn: Turn, gap: Gap, owners: dict[UUID, str]) -> str:
    facts = [f"**{plain(gap.group.title)}**", asked(turn, gap), state_of(turn, gap)]
    if gap.group.owner_id in owners:
        facts.append(plain(owners[gap.group.owner_id]))
    return " · ".join(facts)


def asked(turn: Turn, gap: Gap) -> str:
    """How often and by how many, and whether it grows."""
    count = turn.say("kb.gaps.asked", count=gap.count)
    if gap.people and gap.people > 1:
        count = turn.say("kb.gaps.asked_by", count=gap.count, people=gap.people)
    arrow = "↑" if gap.recent > gap.before else "↓" if gap.recent < gap.before else "→"
    return f"{count} {arrow}"


def state_of(turn: Turn, gap: Gap) -> str:
    state = turn.say(f"gap.{gap.group.state}")
    return turn.say("kb.gaps.again", state=state, count=gap.since_decided) if gap.since_decided else state


async def detail(turn: Turn, gap: Gap) -> Document:
    group = gap.group
    owners = await owner_names(turn, [gap])
    owner = owners.get(group.owner_id) if group.owner_id else None
    name = turn.services.categories.name
    items = [
        (turn.say("field.status"), state_of(turn, gap)),
        (turn.say("kb.field.owner"), plain(owner) if owner else turn.say("field.nobody")),
        (turn.say("field.category"), plain(name(group.category or "uncategorised", turn.language))),
        (turn.say("kb.field.asked"), asked(turn, gap)),
        (turn.say("kb.field.first_last"), first_to_last(turn, gap)),
        (turn.say("kb.field.trend"), turn.say("kb.gaps.trend", recent=gap.recent, before=gap.before)),
    ]
    if group.article_id:
        items.append((turn.say("kb.field.article"), plain(group.article_id)))
    examples = dict.fromkeys(shortened(question.text, 200) for question in gap.questions)
    lines = "\n".join(f"« {plain(text)} »" for text in list(examples)[:EXAMPLES])
    blocks: list[Block] = [Fields(tuple(items), title=f"#{group.number} · {plain(group.title)}"), Paragraph(lines)]
    if may(turn.role, "curator"):
        blocks.append(turn.paragraph("kb.gaps.decide", number=group.number))
    return Document(tuple(blocks))


def first_to_last(turn: Turn, gap: Gap) -> str:
    first, last = gap.questions[-1].asked_at, gap.questions[0].asked_at
    return (
        moment(turn, last, turn.language)
        if first == last
        else f"{moment(turn, first, turn.language)} – {moment(turn, last, turn.language)}"
    )


async def decide(turn: Turn, gap: Gap, state: GapState, article: str | None) -> Document:
    if not may(turn.role, "curator"):
        raise InvalidInput(turn.say("command.curators_only"))
    if article and await turn.uow.knowledge.article(article) is None:
        raise InvalidInput(turn.say("kb.article.unknown", article=article))
    before = gap.group.state
    group = await decided(turn.uow, gap, state, turn.now, article if state == "written" else None)
    undo = turn.typed("kb.gaps", f"#{group.number}", turn.say(f"gap.word.{before}"))
    return turn.document(
        "kb.gaps.decided", number=group.number, title=group.title, state=turn.say(f"gap.{state}"), undo=undo
    )


async def owner_names(turn: Turn, gaps: list[Gap]) -> dict[UUID, str]:
    """Names by the technicians' ids."""
    wanted = {gap.group.owner_id for gap in gaps if gap.group.owner_id}
    technicians = [one for one in await turn.uow.people.technicians() if one.id in wanted]
    people = await turn.uow.people.persons({one.person_id for one in technicians})
    return {one.id: people[one.person_id].name for one in technicians if one.person_id in people}


COMMAND = Command("kb", "gaps", run, aliases=("lacunes", "manques"))
