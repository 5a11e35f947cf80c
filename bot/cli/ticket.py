"""`guichet ticket`: tickets, for scripts and for a look without the chat."""

import re
from pathlib import Path
from typing import Any

import click

from bot.app import open_desk
from bot.cli.common import one_of, print_json, run_async
from bot.cli.ticket_files import files_command
from bot.errors import InvalidInput
from bot.model.tickets import Ticket
from bot.model.values import TicketStatus, Urgency
from bot.ports.storage import TicketFilter, UnitOfWork
from bot.settings import Settings, load_settings
from bot.tickets.export import exported

MOST_EXPORTED = 1_000_000


@click.group(name="ticket")
def command() -> None:
    """List, show and export tickets."""


@command.command(name="list")
@click.option(
    "--status",
    type=one_of(TicketStatus),
    multiple=True,
    help="Only these; may be repeated.",
)
@click.option("--priority", type=one_of(Urgency), multiple=True, help="Only these; may be repeated.")
@click.option("--category", help="Only this category and those below it.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def list_command(
    status: tuple[str, ...], priority: tuple[str, ...], category: str | None, limit: int, as_array: bool
) -> None:
    """List tickets, open ones first, then by priority and age."""
    filter = TicketFilter(
        statuses=tuple(map(TicketStatus, status)), priorities=tuple(map(Urgency, priority)), category=category
    )
    rows = run_async(listed(load_settings(), filter, limit))
    if as_array:
        print_json(rows)
    for row in () if as_array else rows:
        names = ("reference", "status", "priority", "category", "assignee", "title")
        click.echo("  ".join(row[name] or "-" for name in names))
    if not rows and not as_array:
        click.echo("No tickets.", err=True)


@command.command(name="export")
@click.option("--status", type=one_of(TicketStatus), multiple=True, help="Only these; may be repeated.")
@click.option("--priority", type=one_of(Urgency), multiple=True, help="Only these; may be repeated.")
@click.option("--category", help="Only this category and those below it.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only those opened from this day on.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without it.")
def export_command(
    status: tuple[str, ...], priority: tuple[str, ...], category: str | None, since: Any, output: Path | None
) -> None:
    """Write tickets as CSV, the oldest first. Text that a spreadsheet would take for a formula gets an apostrophe."""
    settings = load_settings()
    filter = TicketFilter(
        statuses=tuple(map(TicketStatus, status)),
        priorities=tuple(map(Urgency, priority)),
        category=category,
        created_after=since and since.replace(tzinfo=settings.zone),
    )
    text, count = run_async(as_csv(settings, filter))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInput(f"cannot write {output}: {error.strerror}") from error
    click.echo(f"{count} tickets in {output}", err=True)


@command.command(name="show")
@click.argument("reference")
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def show_command(reference: str, as_object: bool) -> None:
    """Show a ticket with its history, its notes and its trail."""
    match = re.fullmatch(r"#?[tT]?(\d{1,9})", reference.strip())
    if match is None:
        raise InvalidInput(f"{reference!r} is not a ticket; they look like T12")
    found = run_async(shown(load_settings(), int(match[1])))
    if as_object:
        return print_json(found)
    for key in ("reference", "title", "status", "priority", "category", "asker", "assignee", "created_at", "summary"):
        click.echo(f"{key:<10}  {found[key] if found[key] is not None else '-'}")
    for post in found["posts"]:
        click.echo(f"post        {post['link'] or post['post']} @{post['handle']} ({post['reach']}, {post['state']})")
    for message in found["history"]:
        click.echo(f"  {message['at']}  {message['author']}: {message['text']}")
    for note in found["notes"]:
        click.echo(f"  note by {note['author']}: {note['text']}")
    return None


command.add_command(files_command)


async def listed(settings: Settings, filter: TicketFilter, limit: int) -> list[dict[str, Any]]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        tickets = await uow.tickets.find(filter, "turn", limit)
        return await summaries(uow, tickets)


async def as_csv(settings: Settings, filter: TicketFilter) -> tuple[str, int]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        tickets = await uow.tickets.find(filter, "oldest", MOST_EXPORTED)
        return await exported(uow, tickets), len(tickets)


async def shown(settings: Settings, number: int) -> dict[str, Any]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(number)
        if ticket is None:
            raise InvalidInput(f"there is no ticket T{number}")
        messages = await uow.conversations.messages(ticket.conversation_id)
        posts = await uow.public.of_ticket(ticket.id)
        if posts:  # what was said in private, beside what everybody read
            sides = {one.conversation_id for one in await uow.tickets.places(ticket.id) if one.side == "asker"}
            for id in sorted(sides - {ticket.conversation_id}):
                messages = sorted([*messages, *await uow.conversations.messages(id)], key=lambda one: one.sent_at)
        notes = await uow.tickets.notes(ticket.id)
        people = await uow.people.persons({note.author_id for note in notes})
        names = {id: person.name for id, person in people.items()}
        tried = dict.fromkeys(p.article_id for p in await uow.tickets.proposals(ticket.conversation_id))
        articles = await uow.knowledge.articles(tried)
        return (await summaries(uow, [ticket]))[0] | {
            "summary": ticket.summary,
            "opened_because": ticket.opened_because,
            "closed_reason": ticket.closed_reason,
            "language": ticket.language,
            "resolution": ticket.resolution,
            "tried": [{"id": id, "title": articles[id].title} for id in tried if id in articles],
            "history": [
                {"message": str(m.id), "at": m.sent_at.isoformat(), "author": m.author, "text": m.text}
                for m in messages
                if not m.deleted
            ],
            "posts": [
                {"post": one.native_id, "link": one.link, "handle": one.handle, "reach": one.reach, "state": one.state}
                for one in posts
            ],
            "notes": [{"at": n.at.isoformat(), "author": names.get(n.author_id, "?"), "text": n.text} for n in notes],
            "events": [
                {"kind": e.kind, "at": e.at.isoformat(), "status": e.status, "detail": e.detail}
                for e in await uow.tickets.events(ticket.id)
            ],
        }


async def summaries(uow: UnitOfWork, tickets: list[Ticket]) -> list[dict[str, Any]]:
    """The objects that `list --json` prints."""
    technicians = {technician.id: technician for technician in await uow.people.technicians()}
    ids = {ticket.asker_id for ticket in tickets} | {technician.person_id for technician in technicians.values()}
    people = await uow.people.persons(ids)

    def name(person_id: Any) -> str | None:
        return people[person_id].name if person_id in people else None

    return [
        {
            "reference": ticket.reference,
            "status": ticket.status,
            "priority": ticket.priority,
            "category": ticket.category,
            "title": ticket.title,
            "asker": name(ticket.asker_id),
            "assignee": name(technicians[ticket.assignee_id].person_id) if ticket.assignee_id in technicians else None,
            "created_at": ticket.created_at.isoformat(),
        }
        for ticket in tickets
    ]
