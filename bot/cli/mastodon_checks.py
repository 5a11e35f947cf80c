"""What the doctor finds on Mastodon."""

from collections.abc import AsyncIterator

from bot.app import now
from bot.checks import Check
from bot.settings import Settings


async def check_mastodon(settings: Settings) -> AsyncIterator[Check]:
    """Nothing where there is no account."""
    if settings.mastodon_url and not settings.mastodon_token:
        remedy = "guichet mastodon login has the server make one"
        yield Check("mastodon", "warning", "there is a server and no token, so nobody is heard there", remedy)
    if not settings.uses_mastodon:
        return
    from adapters.mastodon.examine import examined  # takes a moment to import

    async for check in examined(settings, now):
        yield check
