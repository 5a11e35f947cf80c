"""`guichet kb gaps`: what people ask and no article answers."""

from typing import Any

import click

from bot.app import now, open_desk
from bot.cli.common import print_json, run_async
from bot.engine.reruns import rerun_when_stale
from bot.gaps import Gap, current_gaps
from bot.settings import Settings, load_settings
from knowledge.clustering import Clusterer

EXAMPLES = 3


@click.command(name="gaps")
@click.option("--all", "everything", is_flag=True, help="Those that are dismissed or written for, too.")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def command(everything: bool, as_array: bool) -> None:
    """Show unanswered questions, put together: what each group is about, who might write, and what was decided."""
    rows = run_async(listed_gaps(load_settings(), everything))
    if as_array:
        return print_json(rows)
    for row in rows:
        people = f" by {row['people']} people" if row["people"] and row["people"] > 1 else ""
        again = f", asked {row['since_decided']}× since" if row["since_decided"] else ""
        click.echo(f"#{row['number']:<4} {row['title']}")
        click.echo(
            f"      {row['state']}{again} · asked {row['count']}×{people} · {row['category'] or 'uncategorised'} · "
            f"{row['language']} · four weeks: {row['recent']}, before: {row['before']} · "
            f"{row['owner'] or 'no owner suggested'}"
        )
        for example in row["examples"][1:]:
            click.echo(f"      - {example}")
    if not rows:
        click.echo("No gaps.", err=True)
    return None


async def listed_gaps(settings: Settings, everything: bool) -> list[dict[str, Any]]:
    async with open_desk(settings) as desk:

        async def look() -> list[dict[str, Any]]:
            async with desk.storage.unit_of_work() as uow:
                gaps = await current_gaps(uow, Clusterer(desk.embedders), now())
                await uow.commit()
                technicians = await uow.people.technicians()
                people = await uow.people.persons({one.person_id for one in technicians})
                names = {one.id: people[one.person_id].name for one in technicians if one.person_id in people}
                badges = {one.id: one.badge for one in technicians}
            shown = [gap for gap in gaps if everything or gap.needs_attention]
            return [as_json(gap, owner_of(gap, badges, names)) for gap in shown]

        return await rerun_when_stale(look, "the gaps")


def owner_of(gap: Gap, badges: dict[Any, str], names: dict[Any, str]) -> str | None:
    owner = gap.group.owner_id
    return f"{names.get(owner, '?')} ({badges[owner]})" if owner in badges else None


def as_json(gap: Gap, owner: str | None) -> dict[str, Any]:
    group = gap.group
    return {
        "number": group.number,
        "title": group.title,
        "language": group.language,
        "category": group.category,
        "state": group.state,
        "owner": owner,
        "count": gap.count,
        "people": gap.people,
        "recent": gap.recent,
        "before": gap.before,
        "since_decided": gap.since_decided,
        "first": gap.questions[-1].asked_at,
        "last": gap.questions[0].asked_at,
        "article": group.article_id,
        "examples": list(dict.fromkeys(question.text for question in gap.questions))[:EXAMPLES],
    }
