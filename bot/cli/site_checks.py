"""What the doctor finds at the public address."""

from collections.abc import AsyncIterator

from bot.checks import Check
from bot.settings import Settings


async def check_site(settings: Settings) -> AsyncIterator[Check]:
    """Nothing where there is no address, unless the public is heard, who would be given links."""
    if not settings.public_url:
        if settings.uses_mastodon:
            remedy = "set GUICHET_PUBLIC_URL, and let the contact page be reached: deploy/nginx.conf.example does"
            yield Check("page", "warning", "there is no address: the public is offered direct messages alone", remedy)
        return
    if not settings.web:
        yield Check("page", "warning", "GUICHET_PUBLIC_URL is set and GUICHET_WEB=false: its links lead nowhere", "")
        return
    from adapters.web.examine import examined  # takes a moment to import
    from adapters.web.sessions import signing_key

    async for check in examined(settings.public_url, signing_key(settings)):
        yield check
