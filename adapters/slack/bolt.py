"""The bolt app: it sees that a request comes from Slack, and hands every one of them to the intake."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api import keep_quiet
from adapters.slack.team import Team

log = logging.getLogger(__name__)

Take = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


def bolt_app(take: Take, teams: Mapping[str, Team], client: AsyncWebClient, signing_secret: str) -> AsyncApp:
    """Who we are in a workspace is known already, so that no request waits for Slack to say it."""
    keep_quiet()

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        team = teams.get(team_id or "") or next(iter(teams.values()), None)
        if team is None:  # nobody has installed the app yet
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        workspace = team.workspace
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=workspace.account,
            bot_user_id=workspace.user_id,
            bot_id=workspace.bot_id,
            bot_token=workspace.api.client.token,
        )

    app = AsyncApp(
        name="guichet",
        logger=logging.getLogger("slack_bolt"),
        client=client,
        authorize=authorize,
        signing_secret=signing_secret,
    )

    async def everything(req: AsyncBoltRequest) -> BoltResponse:
        return await take(req)

    app.middleware(everything)
    return app


def bolt_request(body: str | dict[str, Any], **options: Any) -> AsyncBoltRequest | None:
    """None for what bolt cannot look at: nothing that Slack sends."""
    try:
        request = AsyncBoltRequest(body=body, **options)
        actions = request.body.get("actions", [{}])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        log.warning("a request that is not as Slack documents it was refused: %s", type(error).__name__)
        return None
    if isinstance(actions, list) and actions and isinstance(actions[0], dict):
        return request
    log.warning("a press of nothing was refused")
    return None
