"""`/kb review`: what waits for a curator: write-ups, phrasings proposed, and how many gaps are open.

`/kb review INT-…` shows a write-up as it would be read.
"""

from bot.commands.articles import ticket_of, write_up_meant
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.gaps import current_gaps
from bot.model.documents import Actions, Block, Button, Document, Fields, Steps, plain
from bot.model.tickets import Intervention
from bot.texts import Inline

PAGE = 10
ACTS = {"draft": ("approve",), "rejected": ("approve",), "approved": ("withdraw",), "withdrawn": ("recall",)}


async def run(turn: Turn, argument: str) -> Document:
    if argument and (meant := await write_up_meant(turn, argument, "command.kb.review")):
        return await sheet(turn, meant[0])
    proposed = await turn.uow.knowledge.proposed_phrasings(200)
    gaps = await current_gaps(turn.uow, turn.services.grouper, turn.now)
    open_ones = sum(gap.needs_attention for gap in gaps)
    blocks = await write_ups(turn)
    if proposed:
        articles = await turn.uow.knowledge.articles({one.article_id for one in proposed})
        items = tuple(
            (one.reference, f"« {plain(one.text)} » → {plain(articles[one.article_id].title)}")
            for one in proposed[:PAGE]
            if one.article_id in articles
        )
        title = turn.say("kb.review.phrasings", shown=len(items), count=len(proposed))
        blocks.append(Fields(items, title=title))
        blocks.append(turn.paragraph("kb.review.how", reference=Inline(proposed[0].reference)))
    if open_ones:
        blocks.append(turn.paragraph("kb.review.gaps", count=open_ones))
    return Document(tuple(blocks)) if blocks else turn.document("kb.review.none")


async def write_ups(turn: Turn) -> list[Block]:
    """Those that wait, the oldest first, if there are any."""
    waiting = await turn.uow.tickets.written_up("draft", limit=200)
    if not waiting:
        return []
    tickets = await turn.uow.tickets.by_ids({one.ticket_id for one in waiting[:PAGE]})
    items = tuple((one.reference, f"{plain(one.title)} · {tickets[one.ticket_id].reference}") for one in waiting[:PAGE])
    title = turn.say("kb.review.write_ups", shown=len(items), count=len(waiting))
    buttons = tuple(Button("kb_review", one.reference, one.reference) for one in waiting[:PAGE])
    return [Fields(items, title=title), Actions(buttons)]


async def sheet(turn: Turn, one: Intervention) -> Document:
    """All of a write-up, with the buttons that its state allows."""
    ticket, author = await ticket_of(turn, one), await turn.uow.people.person(one.author_id)
    say, name = turn.say, turn.services.categories.name
    items = [
        (say("field.status"), say(f"write_up.state.{one.state}") + (f" ({plain(one.remark)})" if one.remark else "")),
        (say("write_up.ticket"), ticket.reference),
        (say("write_up.author"), plain(author.name) if author else "?"),
        (say("field.category"), plain(name(one.category, turn.language))),
        (say("kb.field.language"), say(f"language.{one.language}")),
        (say("kb.field.audience"), say(f"audience.{one.audience}")),
        (say("write_up.symptoms"), plain(one.symptoms)),
        (say("write_up.cause"), plain(one.root_cause)),
        (say("write_up.keywords"), plain(", ".join(one.keywords))),
    ]
    if one.screenshots:
        items.append((say("write_up.screenshots"), str(len(one.screenshots))))
    shown = tuple((label, value) for label, value in items if value)
    blocks: list[Block] = [Fields(shown, title=f"{one.reference} · {plain(one.title)}")]
    if one.steps:
        blocks.append(Steps(tuple(plain(step) for step in one.steps)))
    if one.state == "draft":
        blocks.append(turn.paragraph("write_up.decide", reference=one.reference))
    if buttons := [Button(f"kb_{act}", say(f"button.kb_{act}"), one.reference) for act in ACTS.get(one.state, ())]:
        blocks.append(Actions(tuple(buttons)))
    return Document(tuple(blocks))


COMMAND = Command("kb", "review", run, aliases=("relire", "révision", "revision"), right="curator")
