"""Questions to Slack without whose answer the desk goes on."""

from typing import Any

from adapters.slack.api import Api
from bot.errors import PlatformUnavailable


async def or_unknown(api: Api, method: str, **params: Any) -> dict[str, Any] | None:
    """The answer, or None where the app may not ask: waiting would not help, and people wait for theirs.

    Raises PlatformUnavailable, or DeliveryRefused for what is not there.
    """
    try:
        return await api.read(method, **params)
    except PlatformUnavailable:
        if may_not_ask(api):
            return None
        raise


def may_not_ask(api: Api) -> bool:
    """Whether the app lacks a scope in that workspace."""
    return any(one.kind in ("scope", "installed_scope") and one.where == api.account for one in api.troubles.present)
