"""The desk as a subcommand works on it: with the rooms that are there, and without an index."""

from adapters.console.rooms import ConsoleDesk
from adapters.web.places import WebDesk
from bot.app import Desk, services_of
from bot.engine.services import AllDesks, Services


def services_at(desk: Desk) -> Services:
    """What is said so is delivered by the process that serves the rooms, when there is one."""
    return services_of(desk, None, AllDesks((ConsoleDesk(None), WebDesk(on=desk.settings.web))))
