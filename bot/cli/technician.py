"""`guichet technician`: who works the desk."""

from dataclasses import replace

import click

from bot.app import open_desk
from bot.cli.common import one_of, run_async
from bot.errors import InvalidInput
from bot.model.messages import Identity
from bot.model.people import Technician
from bot.model.values import Role
from bot.ports.storage import UnitOfWork
from bot.settings import Settings, load_settings
from bot.technicians import appoint


@click.group(name="technician")
def command() -> None:
    """Add, list and disable technicians."""


@command.command(name="add")
@click.option("--platform", required=True, help="slack, discord, mastodon, web or console.")
@click.option("--account", required=True, help="The workspace, guild or instance; local for the console.")
@click.option("--user", required=True, help="The user's id on that platform.")
@click.option("--name", default="", help="How they are called.")
@click.option("--role", type=one_of(Role), default=Role.TECHNICIAN.value, show_default=True)
def add_command(platform: str, account: str, user: str, name: str, role: str) -> None:
    """Make a person a technician, or change their role."""
    identity = Identity(platform, account, user, name=name)
    technician = run_async(added(load_settings(), identity, Role(role)))
    click.echo(f"{technician.badge} is {technician.role}.")


@command.command(name="list")
def list_command() -> None:
    """Everybody who works the desk."""
    for line in run_async(listed(load_settings())):
        click.echo(line)


@command.command(name="disable")
@click.argument("badge")
def disable_command(badge: str) -> None:
    """Take every right of a technician (BADGE: TECH-042) away at once."""
    run_async(disabled(load_settings(), badge))
    click.echo(f"{badge.upper()} is disabled.")


async def added(settings: Settings, identity: Identity, role: Role) -> Technician:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        technician = await appoint(uow, identity, role)
        await uow.commit()
        return technician


async def listed(settings: Settings) -> list[str]:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        technicians = await uow.people.technicians()
        people = await uow.people.persons({technician.person_id for technician in technicians})
        return [
            f"{one.badge}  {one.role:<10}  {people[one.person_id].name}{'  (disabled)' if one.disabled else ''}"
            for one in technicians
        ]


async def disabled(settings: Settings, badge: str) -> None:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        one = await by_badge(uow, badge)
        uow.people.save(replace(one, disabled=True))
        await uow.commit()


async def by_badge(uow: UnitOfWork, badge: str) -> Technician:
    for technician in await uow.people.technicians():
        if technician.badge == badge.upper():
            return technician
    raise InvalidInput(f"there is no technician {badge}; see guichet technician list")
