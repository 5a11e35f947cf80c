"""What the doctor finds in Slack."""

from collections.abc import AsyncIterator

from bot.app import Desk, now
from bot.checks import Check


async def check_slack(desk: Desk, *, test: bool) -> AsyncIterator[Check]:
    """Nothing where Slack is not configured, unless a `test` message is wanted. Raises StorageUnavailable."""
    settings = desk.settings
    if not settings.uses_slack:
        if test:
            yield Check("slack", "broken", "Slack is not configured", "set GUICHET_SLACK_BOT_TOKEN; README.md says how")
        return
    from adapters.slack.examine import examined  # takes a moment to import
    from adapters.slack.installed import InstalledWorkspaces

    installed = InstalledWorkspaces.of(settings, desk.storage.installations, now)
    checks = examined(
        settings,
        frozenset(one.slug for one in desk.categories.records()),
        await installed.all() if installed else {},
        holder=running_beside(desk),
        test_message=desk.texts.plain("slack.test_message", settings.desk_language) if test else None,
    )
    async for check in checks:
        yield check


def running_beside(desk: Desk) -> str | None:
    """The process that answers in this home, in words; None if nobody does."""
    if not desk.lock.acquire("doctor"):
        return desk.lock.holder()
    desk.lock.release()
    return None
