"""`/ticket write-up T12 [TEXT | --skip WHY]`: what was learnt from a resolved ticket, for the knowledge base.

Without more it shows a draft to copy and change; with text it is saved, numbered and given to a curator.
"""

import re
from dataclasses import replace

from bot.commands.common import how_to_use, may_change, not_possible, stepped, ticket_and_rest
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.interventions.draft import draft_of, masked, of_intervention
from bot.interventions.masking import masker_for
from bot.interventions.reviewers import tell_reviewers
from bot.interventions.saving import is_settled, may_be_written_up, present_one, saved
from bot.interventions.written import Draft, parts_of, read, shown
from bot.model.documents import Block, Document, Paragraph, plain
from bot.model.tickets import Intervention, Ticket
from bot.tickets import lifecycle
from bot.tickets.words import RESOLUTION_REASONS

_SKIP = re.compile(r"^--?(?:skip|sans|aucune?)(?:[ =]+(\S+))?\s*$", re.IGNORECASE)


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.write-up")
    if not may_be_written_up(ticket):
        raise InvalidInput(turn.say("write_up.not_resolved", reference=ticket.reference))
    if skip := _SKIP.match(text):
        return await skipped(turn, ticket, skip[1] or "")
    present = present_one(await turn.uow.tickets.interventions(ticket.id), ticket)
    if present and is_settled(present):
        state = turn.say(f"write_up.state.{present.state}")
        raise InvalidInput(turn.say("write_up.reviewed", reference=present.reference, state=state))
    if present is None or present.author_id != turn.known.person.id:
        await may_change(turn, ticket)
    draft = of_intervention(present) if present else await draft_of(turn.uow, ticket, turn.services.categories)
    if not text:
        return drafted(turn, ticket, draft, present)
    return await written(turn, ticket, text, draft, present)


def drafted(turn: Turn, ticket: Ticket, draft: Draft, present: Intervention | None) -> Document:
    """The draft as text that one can copy, change and send."""
    command = turn.typed("ticket.write-up", ticket.reference)
    lines = [command, *map(plain, shown(draft, turn.services.texts, turn.language).splitlines())]
    key = "write_up.present" if present else "write_up.draft"
    head = turn.paragraph(key, reference=present.reference if present else ticket.reference)
    blocks: list[Block] = [head, Paragraph("\n".join(lines))]
    if kinds := kinds_of(turn, draft):
        blocks.append(turn.paragraph("write_up.masked", kinds=kinds))
    skip = turn.typed("ticket.write-up", ticket.reference, turn.say("write_up.skip_fixed"))
    blocks.append(turn.paragraph("write_up.how", command=skip))
    return Document(tuple(blocks))


def kinds_of(turn: Turn, draft: Draft) -> str:
    return ", ".join(turn.say(f"masked.{kind}") for kind in draft.masked)


async def written(turn: Turn, ticket: Ticket, text: str, draft: Draft, present: Intervention | None) -> Document:
    draft = read(text, draft)
    if "language" not in parts_of(text):
        said = " ".join((draft.root_cause, *draft.steps))
        understood = turn.services.understander.understand(said, previous=draft.language)
        draft = replace(draft, language=understood.language)
    draft = masked(draft, await masker_for(turn.uow, ticket))
    if not draft.is_complete:
        raise InvalidInput(turn.say("write_up.incomplete", reference=ticket.reference))
    one = await saved(turn, ticket, draft, present)
    names = await tell_reviewers(turn, one)
    key = "write_up.saved" if names else "write_up.saved_alone"
    blocks: list[Block] = [turn.paragraph(key, reference=one.reference, ticket=ticket.reference, names=names)]
    if kinds := kinds_of(turn, draft):
        blocks.append(turn.paragraph("write_up.masked", kinds=kinds))
    return Document(tuple(blocks))


async def skipped(turn: Turn, ticket: Ticket, word: str) -> Document:
    """There is nothing to write up, and why."""
    reason = RESOLUTION_REASONS.get(word.lower().replace("-", "_"))
    if reason is None:
        raise how_to_use(turn, "command.ticket.write-up")
    await may_change(turn, ticket)
    if await turn.uow.tickets.interventions(ticket.id):
        raise not_possible(turn, ticket)
    if ticket.resolution_reason != reason:
        stepped(turn, ticket, lambda: lifecycle.not_written_up(ticket, reason, turn.known.person.id, turn.now))
    why = turn.say(f"resolution_reason.{reason}")
    return turn.document("write_up.skipped", reference=ticket.reference, reason=why)


COMMAND = Command("ticket", "write-up", run, aliases=("writeup", "compte-rendu", "fiche"))
