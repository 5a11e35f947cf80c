"""`guichet technician`: who works the desk."""

from dataclasses import replace

import click

from bot.app import open_desk
from bot.categories import Categories
from bot.cli.common import one_of, run_async
from bot.cli.desk import services_at
from bot.engine.reruns import rerun_when_stale
from bot.engine.working import working
from bot.errors import InvalidInput
from bot.model.ids import new_id
from bot.model.messages import Identity
from bot.model.people import Technician
from bot.model.tickets import Ticket
from bot.model.values import Role
from bot.ports.storage import UnitOfWork
from bot.settings import Settings, load_settings
from bot.technicians import appoint, appoint_person, disable


@click.group(name="technician")
def command() -> None:
    """Add, list, disable and enable technicians, and say what they can do."""


@command.command(name="add")
@click.option("--email", help="The address of somebody who is known already: from a list, or from a platform.")
@click.option("--slack", metavar="EMAIL", help="The address of a full member of your Slack workspace, known or not.")
@click.option("--platform", help="slack, discord, mastodon, web or console.")
@click.option("--account", help="The workspace, guild or instance; local for the console.")
@click.option("--user", help="The user's id on that platform.")
@click.option("--name", default="", help="How they are called.")
@click.option("--role", type=one_of(Role), default=Role.TECHNICIAN.value, show_default=True)
def add_command(
    email: str | None,
    slack: str | None,
    platform: str | None,
    account: str | None,
    user: str | None,
    name: str,
    role: str,
) -> None:
    """Make a person a technician, or change their role: by --slack, --email, or --platform, --account and --user."""
    ids = (platform, account, user)
    match bool(slack), bool(email), all(ids), any(ids):
        case True, False, _, False:
            technician = run_async(added_from_slack(load_settings(), str(slack), Role(role)))
        case False, True, _, False:
            technician = run_async(added_by_email(load_settings(), str(email), Role(role)))
        case False, False, True, _:
            identity = Identity(str(platform), str(account), str(user), name=name)
            technician = run_async(added(load_settings(), identity, Role(role)))
        case _:
            raise click.UsageError("Give --slack, or --email, or --platform, --account and --user.")
    click.echo(f"{technician.badge} is {technician.role}.")


@command.command(name="list")
def list_command() -> None:
    """Everybody who works the desk."""
    for line in run_async(listed(load_settings())):
        click.echo(line)


@command.command(name="disable")
@click.argument("badge")
def disable_command(badge: str) -> None:
    """Take every right of a technician (BADGE: TECH-042) away at once, and give their tickets back to the desk."""
    given_back = run_async(disabled(load_settings(), badge))
    click.echo(f"{badge.upper()} is disabled.")
    if given_back:
        click.echo(f"Waiting for somebody else: {', '.join(ticket.reference for ticket in given_back)}")


@command.command(name="enable")
@click.argument("badge")
def enable_command(badge: str) -> None:
    """Give a technician who was disabled their rights back, as they were."""
    technician = run_async(changed(load_settings(), badge, disabled=False))
    click.echo(f"{technician.badge} is {technician.role}.")


@command.command(name="skills")
@click.argument("badge")
@click.argument("categories", nargs=-1)
@click.option("--none", "everything", is_flag=True, help="No skill in particular: they take every category.")
def skills_command(badge: str, categories: tuple[str, ...], everything: bool) -> None:
    """Show which CATEGORIES a technician takes by turn, or say it: those given, and what is below them."""
    if categories and everything:
        raise click.UsageError("Give categories, or --none.")
    if categories or everything:
        technician = run_async(changed(load_settings(), badge, skills=categories))
    else:
        technician = run_async(found(load_settings(), badge))
    click.echo(f"{technician.badge} takes {', '.join(technician.skills) or 'every category'}.")


async def added(settings: Settings, identity: Identity, role: Role) -> Technician:
    async with open_desk(settings) as desk:

        async def once() -> Technician:
            async with desk.storage.unit_of_work() as uow:
                technician = await appoint(uow, identity, role)
                await uow.commit()
                return technician

        return await rerun_when_stale(once, "the technicians")


async def added_from_slack(settings: Settings, email: str, role: Role) -> Technician:
    """Whoever Slack says has that address. Raises InvalidInput, SettingsError, PlatformUnavailable."""
    from adapters.slack.directory import member_with  # takes a moment to import

    return await added(settings, await member_with(settings, email.strip()), role)


async def added_by_email(settings: Settings, email: str, role: Role) -> Technician:
    async with open_desk(settings) as desk:

        async def once() -> Technician:
            async with desk.storage.unit_of_work() as uow:
                persons = await uow.people.by_email([email])
                if len(persons) != 1:
                    who = "several people have" if persons else "nobody is known who has"
                    raise InvalidInput(f"{who} the address {email}")
                technician = await appoint_person(uow, persons[0], role)
                await uow.commit()
                return technician

        return await rerun_when_stale(once, "the technicians")


async def listed(settings: Settings) -> list[str]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        technicians = await uow.people.technicians()
        people = await uow.people.persons({technician.person_id for technician in technicians})
        return [line_of(one, people[one.person_id].name) for one in technicians]


def line_of(technician: Technician, name: str) -> str:
    state = "  (disabled)" if technician.disabled else "  (on duty)" if technician.on_duty else ""
    skills = f"  {' '.join(technician.skills)}" if technician.skills else ""
    return f"{technician.badge}  {technician.role:<10}  {name}{skills}{state}"


async def disabled(settings: Settings, badge: str) -> list[Ticket]:
    async with open_desk(settings) as desk:
        services, key = await services_at(desk), f"disable:{new_id()}"

        async def once() -> list[Ticket]:
            async with working(services, key) as work:
                return await disable(work, await by_badge(work.uow, badge))

        return await rerun_when_stale(once, f"technician {badge.upper()}")


async def found(settings: Settings, badge: str) -> Technician:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        return await by_badge(uow, badge)


async def changed(
    settings: Settings, badge: str, *, disabled: bool | None = None, skills: tuple[str, ...] | None = None
) -> Technician:
    async with open_desk(settings) as desk:
        refuse_unknown(desk.categories, skills or ())

        async def once() -> Technician:
            async with desk.storage.unit_of_work() as uow:
                one = await by_badge(uow, badge)
                new = replace(
                    one,
                    disabled=one.disabled if disabled is None else disabled,
                    as_member=one.as_member and disabled is None,
                    skills=one.skills if skills is None else tuple(dict.fromkeys(skills)),
                )
                if new != one:
                    uow.people.save(new)
                await uow.commit()
                return new

        return await rerun_when_stale(once, f"technician {badge.upper()}")


def refuse_unknown(categories: Categories, skills: tuple[str, ...]) -> None:
    if unknown := [skill for skill in skills if skill not in categories]:
        raise InvalidInput(f"there is no category {', '.join(skill[:60] for skill in unknown)}")


async def by_badge(uow: UnitOfWork, badge: str) -> Technician:
    for technician in await uow.people.technicians():
        if technician.badge == badge.upper():
            return technician
    raise InvalidInput(f"there is no technician {badge}; see guichet technician list")
