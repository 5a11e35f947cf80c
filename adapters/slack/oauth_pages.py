"""What somebody reads who installs the app into their workspace: plain pages, in both languages."""

from html import escape

from aiohttp import web

from bot.model.values import Language
from bot.texts import Texts

SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of the page has a code in it
    "X-Content-Type-Options": "nosniff",
}
_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1.5rem;"
    "color-scheme:light dark}"
    "p{margin:.4rem 0}section{margin:1.5rem 0}"
)


def page(texts: Texts, status: int, key: str, *, again: str = "", **values: object) -> web.Response:
    """One sentence of the catalogue. `again`: the address at which one may start over."""
    parts = []
    for language in (Language.FR, Language.EN):
        said = escape(texts.plain(key, language, **values))
        link = escape(texts.plain("slack.install.again", language))
        more = f'<p><a href="{escape(again)}">{link}</a></p>' if again else ""
        parts.append(f'<section lang="{language}"><p>{said}</p>{more}</section>')
    body = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>guichet · Slack</title><style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )
    return web.Response(status=status, text=body, content_type="text/html", headers=SAFE)
