"""The desk's rooms, as a process of ours sees them."""

from adapters.console.rooms import ConsoleDesk
from adapters.web.places import WebDesk
from bot.app import Desk, services_of
from bot.cli.slack import slack_desk_of
from bot.engine.services import AllDesks, DeskRooms, Services


async def rooms_at(desk: Desk) -> AllDesks:
    """Of a process without a terminal and without platforms: what it says is delivered by the one that serves them."""
    slack: tuple[DeskRooms, ...] = (rooms,) if (rooms := await slack_desk_of(desk)) else ()
    return AllDesks((ConsoleDesk(None), WebDesk(on=desk.settings.web), *slack))


async def services_at(desk: Desk) -> Services:
    """What a subcommand works with: no index."""
    return services_of(desk, None, await rooms_at(desk))
