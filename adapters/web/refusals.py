"""What somebody is told whose request is not served: a page for people, JSON for programs."""

from dataclasses import dataclass
from functools import cache

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, Response

from adapters.web.contact.paths import page_of
from adapters.web.sessions import Session
from bot.model.values import Language
from bot.texts import Texts


@cache
def environment() -> SandboxedEnvironment:
    """For pages that must be made whatever is wrong with the request or the desk: nothing but sentences goes in."""
    return SandboxedEnvironment(loader=PackageLoader("adapters.web"), autoescape=True, undefined=StrictUndefined)


def preferred_language(header: str, default: Language) -> Language:
    """The first of ours in an Accept-Language header, by weight, then by order."""
    wishes: list[tuple[float, int, Language]] = []
    for position, part in enumerate(header[:500].split(",")):
        tag, _, parameters = part.strip().partition(";")
        code = tag.partition("-")[0].strip().lower()
        if code in tuple(Language) and (quality := _quality(parameters)) > 0:
            wishes.append((-quality, position, Language(code)))
    return min(wishes)[2] if wishes else default


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return min(1.0, float(value)) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Refusals:
    texts: Texts
    default: Language

    def language(self, request: HTTPConnection) -> Language:
        session: Session | None = request.scope.get("state", {}).get("session")
        chosen = session.language if session else None
        default = request.scope.get("state", {}).get("fallback_language") or self.default
        return chosen or preferred_language(request.headers.get("accept-language", ""), default)

    def response(
        self, request: HTTPConnection, status: int, key: str, headers: dict[str, str] | None = None, **values: object
    ) -> Response:
        """`key`: what the catalogues say under web.refused. about it; programs get it as `error`, with the sentence."""
        language, say = self.language(request), self.texts.plain
        message = say(f"web.refused.{key}", language, **values)
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"error": key, "message": message}, status, headers)
        title, home = say("web.refused.title", language), page_of(request.scope["path"])
        back = say("web.refused.back" if home == "/" else "web.refused.back_to_page", language)
        page = environment().get_template("refused.html")
        html = page.render(language=language.value, status=status, title=title, message=message, back=back, home=home)
        return HTMLResponse(html, status, headers)
