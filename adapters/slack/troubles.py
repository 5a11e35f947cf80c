"""What may be wrong with a workspace, and what to do about it."""

from collections.abc import Callable
from datetime import datetime

from bot.troubles import Troubles, UntoldTroubles

REMEDIES = {
    "token": "the bot token was refused ({error}): install the app again and set GUICHET_SLACK_BOT_TOKEN",
    "scope": "the app lacks a scope ({error}): install it again with deploy/slack-manifest.yaml",
    "installed_token": "the token of workspace {where}, which installed the app, was refused ({error}): its people "
    "install it again at /slack/install",
    "installed_scope": "the app lacks a scope in workspace {where} ({error}): its people install it again at "
    "/slack/install",
    "channel": "channel {where} cannot be written to ({error}): invite the bot, or unarchive it",
    "socket": "the connection to Slack is lost ({error}); it is being made anew",
    "app_token": "the app-level token was refused ({error}): set GUICHET_SLACK_APP_TOKEN",
    "catch_up": "what was said while nobody listened could not be read in {where} ({error})",
}


def slack_troubles(clock: Callable[[], datetime]) -> Troubles:
    return Troubles("slack", REMEDIES, clock)


def untold_troubles(clock: Callable[[], datetime]) -> Troubles:
    return UntoldTroubles("slack", REMEDIES, clock)
