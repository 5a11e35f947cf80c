"""The settings of a Slack workspace."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings


def _empty_is_unset(value: Any) -> Any:
    return None if value == "" else value


def _address(value: str) -> str:
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise ValueError("should be an address such as https://slack.com/api/")
    return value if value.endswith("/") else value + "/"


def _bind(value: str) -> str:
    host_and_port(value)
    return value


def host_and_port(bind: str) -> tuple[str, int]:
    """`127.0.0.1:3000`, `[::1]:3000`. Raises ValueError."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise ValueError("should be an address and a port such as 127.0.0.1:3000")
    return host.strip("[]"), int(port)


Token = Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)]
Address = Annotated[str, AfterValidator(_address)]
Bind = Annotated[str, AfterValidator(_bind)]


class SlackSettings(BaseSettings):
    """Read as part of Settings."""

    slack_bot_token: Token = Field(
        None,
        description="Bot token of your Slack app, xoxb-…. Empty: no Slack, or only workspaces that install the app.",
    )
    slack_app_token: Token = Field(None, description="App-level token with connections:write, xapp-…, for socket mode.")
    slack_signing_secret: Token = Field(None, description="Signing secret of your Slack app, for http mode.")
    slack_client_id: str = Field(
        "", description="Client id of your Slack app, for other workspaces to install it (with GUICHET_SECRET_KEY)."
    )
    slack_client_secret: Token = Field(None, description="Client secret of your Slack app, for the same.")
    slack_mode: Literal["socket", "http"] = Field(
        "socket", description="How Slack reaches the desk: socket (the desk connects) or http (Slack calls)."
    )
    slack_api_url: Address = Field(
        "https://slack.com/api/", description="Address of Slack's Web API; another one for tests and proxies."
    )
    slack_http_bind: Bind = Field(
        "127.0.0.1:3000", description="Address and port on which http mode listens, behind your reverse proxy."
    )
    slack_ping_seconds: float = Field(
        10.0, ge=0.5, le=120, description="Seconds between two signs of life on a socket; after three it is made anew."
    )
    slack_desk_channel: str = Field(
        "",
        description="Where technicians work: a channel's id (C…) or name. Tickets of a category can have one of "
        "their own: C111, network=C222, hardware/printers=C333. Where none is for all, the first is.",
    )
    slack_ticket_emoji: str = Field(
        "ticket", description="Emoji that opens a ticket for the author of the message it is put on."
    )

    @property
    def uses_slack(self) -> bool:
        return self.slack_bot_token is not None or bool(self.slack_client_id)


def slack_refusals(settings: SlackSettings, *, has_key: bool) -> list[str]:
    """What is missing or wrong about the settings together; empty where there is no Slack."""
    wrong = []
    token, app_token = settings.slack_bot_token, settings.slack_app_token
    if token and not token.get_secret_value().startswith("xoxb-"):
        wrong.append("GUICHET_SLACK_BOT_TOKEN: should be a bot token, which begins with xoxb-")
    if app_token and not app_token.get_secret_value().startswith("xapp-"):
        wrong.append("GUICHET_SLACK_APP_TOKEN: should be an app-level token, which begins with xapp-")
    if settings.uses_slack and settings.slack_mode == "socket" and not app_token:
        wrong.append("GUICHET_SLACK_APP_TOKEN: is needed in socket mode (or set GUICHET_SLACK_MODE=http)")
    if settings.uses_slack and settings.slack_mode == "http" and not settings.slack_signing_secret:
        wrong.append("GUICHET_SLACK_SIGNING_SECRET: is needed in http mode")
    if bool(settings.slack_client_id) != bool(settings.slack_client_secret):
        wrong.append("GUICHET_SLACK_CLIENT_ID: and GUICHET_SLACK_CLIENT_SECRET are set together or not at all")
    if settings.slack_client_id and not has_key:
        wrong.append("GUICHET_SECRET_KEY: is needed with GUICHET_SLACK_CLIENT_ID: it seals the workspaces' tokens")
    return wrong
