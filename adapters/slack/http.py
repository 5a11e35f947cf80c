"""HTTP mode: Slack calls the desk."""

import logging
import socket
from collections.abc import Iterable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp

from adapters.slack.bolt import bolt_request
from adapters.slack.signed import MOST_BYTES, Signed
from bot.errors import SettingsError
from bot.listening import listened_on, socket_on
from bot.slack_settings import host_and_port

log = logging.getLogger(__name__)

PATH = "/slack/events"  # as the manifest has it; signed as they are, requests are taken at any other, too
ANY = "/{path:.*}"
GRACE = 3.0  # seconds that open requests have to end
SETTING = "GUICHET_SLACK_HTTP_BIND"


def listen(bind: str) -> socket.socket:
    """A socket on exactly that address and port. Raises SettingsError if it cannot be had."""
    try:
        host, port = host_and_port(bind)
    except ValueError as error:
        raise SettingsError(f"{SETTING}: {error}") from error
    return socket_on(host, port, host_setting=SETTING, port_setting=SETTING)


async def serve(
    app: AsyncApp | None, listening: socket.socket, pages: Iterable[web.RouteDef] = (), *, secret: str = ""
) -> web.AppRunner:
    """Serving, with `pages` for people beside what Slack calls; None for `app`: the pages alone. `secret`: what Slack
    signs with. `cleanup` of what is returned ends it, open requests first."""
    signed = Signed(secret)

    async def handle(request: web.Request) -> web.Response:
        async with signed.body(request) as body:
            told = bolt_request(body, query=request.query_string, headers=dict(request.headers))
            if told is None:
                return web.Response(status=400)
            assert app is not None  # or nothing is routed here
            response: web.Response = await to_aiohttp_response(await app.async_dispatch(told))
            return response

    site = web.Application(client_max_size=MOST_BYTES)
    site.router.add_routes(pages)
    if app is not None:
        site.router.add_post(ANY, handle)
    runner = web.AppRunner(site, access_log=None, handle_signals=False, shutdown_timeout=GRACE)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    log.info("slack: listening on %s", listened_on(listening))
    return runner
