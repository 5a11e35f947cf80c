"""Which conversations there are. Another server than Slack's may know one of the methods that tell it, and not both."""

from collections.abc import AsyncIterator
from typing import Any

from adapters.slack.api import Api
from adapters.slack.channels import pages
from bot.errors import DeliveryRefused

MINE = "users.conversations"  # those that the bot is in
ALL = "conversations.list"  # those that it may see
NO_SUCH_METHOD = "unknown_method"


async def conversations(api: Api, method: str, page: int, **params: Any) -> AsyncIterator[dict[str, Any]]:
    """What `method` tells of, `page` at a time; if there is no such method, what the other tells of the bot's own.

    Raises PlatformUnavailable or DeliveryRefused.
    """
    try:
        async for some in pages(api, method, "channels", page, **params):
            for one in some:
                yield one
    except DeliveryRefused as error:
        if NO_SUCH_METHOD not in str(error):
            raise
        async for some in pages(api, ALL if method == MINE else MINE, "channels", page, **params):
            for one in some:
                if one.get("is_member") is not False:
                    yield one
