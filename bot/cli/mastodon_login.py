"""`guichet mastodon login`: a token for the desk's account, from the account's own server."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr, TypeAdapter, ValidationError

from adapters.console.speaker import locale_tag
from adapters.mastodon.api import WHO, Api
from adapters.mastodon.filtered import KEPT_BACK
from adapters.mastodon.limits import Limits
from adapters.mastodon.server import Me, me_of
from adapters.mastodon.signing_up import SHOWN, Application, SigningUp
from adapters.mastodon.troubles import mastodon_troubles
from bot.app import now
from bot.env_file import kept_in
from bot.errors import DeliveryError, InvalidInput, PlatformUnavailable
from bot.mastodon_settings import Server
from bot.model.values import Language
from bot.settings import Settings, load_settings
from bot.texts import Texts

ATTEMPTS = 3  # at a code
ENV_FILE = Path(".env")
TOKEN, URL = "GUICHET_MASTODON_TOKEN", "GUICHET_MASTODON_URL"  # names


@dataclass(frozen=True, slots=True)
class Terminal:
    """Who is asked."""

    tell: Callable[[str], Any] = click.echo
    ask: Callable[[str], str] = lambda text: str(click.prompt(text, prompt_suffix=" "))
    agrees: Callable[[str], bool] = lambda text: click.confirm(text, default=True)


@click.group(name="mastodon")
def command() -> None:
    """The desk's account on Mastodon, or on a server that speaks as it does."""


@command.command()
@click.option("--url", default=None, help="Address of the server, such as https://mastodon.example.")
def login(url: str | None) -> None:
    """Have the server make a token for the desk's account, and keep it in .env."""
    log_in(load_settings(), url, Terminal())


def log_in(settings: Settings, url: str | None, terminal: Terminal, env_file: Path = ENV_FILE) -> None:
    """Raises InvalidInput, SettingsError, PlatformUnavailable, each with a line for whoever sits there."""
    language = Language.of(locale_tag(os.environ)) or settings.desk_language
    texts = Texts.load(settings.texts)

    def say(key: str, **values: object) -> str:
        return texts.plain(f"mastodon_login.{key}", language, **values)

    url = server_of(url or settings.mastodon_url or terminal.ask(say("which_server")), say)
    with SigningUp(url, settings.mastodon_timeout) as signing_up:
        try:
            application = signing_up.register()
        except PlatformUnavailable as error:
            raise PlatformUnavailable(say("no_server", url=url, error=error)) from error
        terminal.tell(say("open"))
        terminal.tell(f"\n  {signing_up.address(application, language)}\n")
        terminal.tell(say("code_shown" if application.redirect == SHOWN else "code_in_address"))
        token = token_of(signing_up, application, terminal, say)
    there = settings.model_copy(update={"mastodon_url": url, "mastodon_token": SecretStr(token)})
    asyncio.run(take_up(there, token, terminal, say, env_file))


def server_of(written: str, say: Callable[..., str]) -> str:
    """The address of a server, as somebody wrote it. Raises InvalidInput."""
    written = written.strip()
    try:
        found = TypeAdapter(Server).validate_python(written if "://" in written else f"https://{written}")
        return found or ""
    except ValidationError as error:
        raise InvalidInput(say("not_a_server", url=written)) from error


def token_of(signing_up: SigningUp, application: Application, terminal: Terminal, say: Callable[..., str]) -> str:
    """Raises InvalidInput when no code was good."""
    for attempt in range(ATTEMPTS):
        try:
            return signing_up.token(application, terminal.ask(say("code")))
        except InvalidInput:
            if attempt + 1 < ATTEMPTS:
                terminal.tell(say("code_refused"))
    raise InvalidInput(say("no_code"))


async def take_up(settings: Settings, token: str, terminal: Terminal, say: Callable[..., str], env_file: Path) -> None:
    """See whose it is, keep it, and see that the account is as a desk's should be."""
    api = Api(settings, mastodon_troubles(now), token=token)
    try:
        me = await whose(api, settings, say)
        if not terminal.agrees(say("who", handle=f"@{me.handle}")):
            raise InvalidInput(say("not_kept"))
        kept_in(env_file, {URL: settings.mastodon_url or "", TOKEN: token})
        terminal.tell(say("kept", file=env_file))
        for name, value in ((URL, settings.mastodon_url), (TOKEN, token)):
            if os.environ.get(name, value) != value:
                terminal.tell(say("hidden", name=name))
        if not me.is_bot:
            await mark(api, terminal, say)
        await let_in(api, terminal, say)
        terminal.tell(say("next"))
    finally:
        await api.close()


async def whose(api: Api, settings: Settings, say: Callable[..., str]) -> Me:
    """Raises PlatformUnavailable."""
    try:
        instance = await Limits(api, settings, asyncio.get_running_loop().time).now()
        return me_of(await api.read(WHO), instance.domain or api.url.partition("://")[2])
    except DeliveryError as error:
        raise PlatformUnavailable(say("no_account", error=error)) from error


async def mark(api: Api, terminal: Terminal, say: Callable[..., str]) -> None:
    """As what it is: a program."""
    terminal.tell(say("not_marked"))
    if not terminal.agrees(say("mark")):
        return
    try:
        answer = await api.call("account_update_credentials", bot=True)
        is_marked = isinstance(answer, dict) and bool(answer.get("bot"))
    except DeliveryError:
        is_marked = False
    terminal.tell(say("marked" if is_marked else "mark_by_hand"))


async def let_in(api: Api, terminal: Terminal, say: Callable[..., str]) -> None:
    """Direct messages of people whom the account does not follow, where the server keeps them back."""
    with suppress(DeliveryError):
        policy = await api.read("notifications_policy")
        kept = {name: "accept" for name in KEPT_BACK if isinstance(policy, dict) and policy.get(name) == "filter"}
        if kept:
            await api.call("update_notifications_policy", **kept)
            terminal.tell(say("let_in"))
