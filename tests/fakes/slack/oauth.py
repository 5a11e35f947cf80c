"""The page on which somebody lets the app into their workspace."""

import secrets
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from tests.fakes.slack.installing import install
from tests.fakes.slack.world import World


def page(world: World, request: web.Request) -> web.Response:
    asked = request.query
    if asked.get("client_id") != world.state.client_id:
        return web.Response(status=400, text="Invalid client_id parameter")
    offered = [team for team in world.state.teams.values() if asked.get("team") in (None, "", team.id)]
    fields = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in asked.items())
    options = "".join(f'<option value="{one.id}">{escape(one.name)}</option>' for one in offered)
    form = f'<form method="post">{fields}<select name="into">{options}</select><button>Allow</button></form>'
    return web.Response(text=f"<!DOCTYPE html><title>Install</title>{form}", content_type="text/html")


async def allow(world: World, request: web.Request) -> web.Response:
    """The button was pressed, by the user in the form's `by`: back to the app with a code, or refused with `deny`."""
    form = {name: str(value) for name, value in (await request.post()).items()}
    back = form.get("redirect_uri", "")
    if form.get("deny"):
        raise web.HTTPFound(f"{back}?{urlencode({'error': 'access_denied', 'state': form.get('state', '')})}")
    team = form.get("into") or next(iter(world.state.teams))
    scopes = [one for one in form.get("scope", "").split(",") if one]
    made = install(world.state, team, scopes, form.get("by", ""))
    code = secrets.token_hex(8)
    world.state.cursors[f"code:{code}"] = {"token": made.token, "redirect_uri": back}
    raise web.HTTPFound(f"{back}?{urlencode({'code': code, 'state': form.get('state', '')})}")
