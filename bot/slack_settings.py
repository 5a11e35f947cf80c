"""The settings of a Slack workspace."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings


def _empty_is_unset(value: Any) -> Any:
    return None if value == "" else value


Token = Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)]


class SlackSettings(BaseSettings):
    """Read as part of Settings."""

    slack_bot_token: Token = Field(None, description="Bot token of your Slack app, xoxb-…. Empty: no Slack.")
    slack_app_token: Token = Field(None, description="App-level token with connections:write, xapp-…, for socket mode.")
    slack_signing_secret: Token = Field(None, description="Signing secret of your Slack app, for http mode.")
    slack_mode: Literal["socket", "http"] = Field(
        "socket", description="How Slack reaches the desk: socket (the desk connects) or http (Slack calls)."
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", description="Address of Slack's Web API; another one for tests and proxies."
    )
    slack_http_bind: str = Field(
        "127.0.0.1:3000", description="Address and port on which http mode listens, behind your reverse proxy."
    )
    slack_ping_seconds: float = Field(
        10.0, ge=0.5, le=120, description="Seconds between two signs of life on a socket; after three it is made anew."
    )
    slack_desk_channel: str = Field(
        "",
        description="Where technicians work: a channel's id (C…) or name. Tickets of a category can have one of "
        "their own: C111, network=C222, hardware/printers=C333.",
    )
    slack_ticket_emoji: str = Field(
        "ticket", description="Emoji that opens a ticket for the author of the message it is put on."
    )
