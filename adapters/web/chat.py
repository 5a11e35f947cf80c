"""The chat's page, and what is said on it."""

from collections.abc import AsyncIterator

from sse_starlette import ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.web import forms
from adapters.web.history import files_of, history_of, items_of
from adapters.web.limits import too_many
from adapters.web.places import Role
from adapters.web.site import THEME_COOKIE, Site, script_texts
from adapters.web.stream import after_of, is_over, stream
from adapters.web.translate import pressed, said
from adapters.web.uploads import discard, received
from adapters.web.waiting import ended
from bot.errors import StorageError
from bot.model.messages import ConversationRef, IncomingClick, IncomingMessage

PATIENCE = 5.0  # seconds that a page without scripts waits for its answer
A_YEAR = 365 * 24 * 3600
SCRIPT_TEXTS = (
    "web.by.person",
    "web.no_answer",
    "web.not_sent",
    "web.offline",
    "web.news",
    "web.now",
    "web.connection_lost",
)


class Chat:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/", self.page),
            Route("/say", self.say, methods=["POST"]),
            Route("/press", self.press, methods=["POST"]),
            Route("/stream", self.news),
            Route("/role", self.role, methods=["POST"]),
            Route("/language", self.language, methods=["POST"]),
            Route("/theme", self.theme, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        site, visitor = self._site, self._site.visitor(request)
        async with site.storage.unit_of_work() as uow:
            history = await history_of(uow, visitor.chat)
        audience = "public" if visitor.role is Role.PUBLIC else "employee"
        examples = [site.say(f"web.example.{audience}.{one}", visitor.language) for one in ("first", "second", "third")]

        def words(key: str) -> str:
            return site.say(key, visitor.language)

        return site.page(
            request, "chat.html", history=history, examples=examples, texts=script_texts(words, SCRIPT_TEXTS)
        )

    async def say(self, request: Request) -> Response:
        if (seconds := await self._site.limits.message(request.state.session)) is not None:
            return too_many(self._site.refusals, request, seconds)
        form, files = await received(request, forms.Say, self._site.files)
        if not form.text and not files:
            return RedirectResponse("/", 303)
        visitor = self._site.visitor(request)
        return await self._receive(request, said(visitor, form.text, form.id, self._site.clock(), files))

    async def press(self, request: Request) -> Response:
        if (seconds := await self._site.limits.message(request.state.session)) is not None:
            return too_many(self._site.refusals, request, seconds)
        form = await forms.parsed(request, forms.Press)
        visitor = self._site.visitor(request)
        return await self._receive(request, pressed(visitor, form.action, form.value, form.id, self._site.clock()))

    async def _receive(self, request: Request, event: IncomingMessage | IncomingClick) -> Response:
        """Stored, and only then acknowledged. A script hears of the answer by the stream, a plain page waits for it."""
        site = self._site
        try:
            new = await site.inbox.receive(event)
            if not new and isinstance(event, IncomingMessage):  # the same form, sent again: its files are there already
                await discard(site.files, event.files)
        except StorageError:
            return site.refusals.response(request, 503, "not_stored", {"Retry-After": "5"})
        if forms.wants_json(request):
            return JSONResponse({"stored": True}, 202)
        await ended(site.storage, event.key, PATIENCE)
        return RedirectResponse("/#composer", 303)

    async def news(self, request: Request) -> Response:
        visitor = self._site.visitor(request)
        return stream(self._site, self._news(request, visitor.chat, after_of(request)))

    async def _news(self, request: Request, ref: ConversationRef, after: int) -> AsyncIterator[ServerSentEvent | None]:
        """What was delivered since, with what it answers; one event an item, an edited one once more. None: a pause."""
        site = self._site
        while True:
            rows = await site.storage.outbox.of_conversation(ref, after)
            # Of one conversation deliveries end in order; what is behind one that waits has not been delivered either.
            over = rows[: next((i for i, row in enumerate(rows) if not is_over(row)), len(rows))]
            if over:
                said_in = {row.message_id for row in over}
                async with site.storage.unit_of_work() as uow:
                    conversation = await uow.conversations.by_ref(ref)
                    messages = await uow.conversations.messages(conversation.id) if conversation else []
                    files = await files_of(uow, messages)
                answered = {one.in_reply_to for one in messages if one.id in said_in}
                fresh = {one.native_id for one in messages if one.id in said_in}
                shown = [one for one in messages if one.native_id in fresh or one.id in answered]
                after = over[-1].number
                items = items_of(shown, files)
                offer = next((item.id for item in reversed(items) if item.has_buttons), None)
                for item in items:
                    html = site.fragment(request, "items.html", items=[item], offer=offer)
                    yield ServerSentEvent(html, event="item", id=str(after))
            yield None

    async def role(self, request: Request) -> Response:
        """Play another part. Only where everybody may."""
        site = self._site
        form = await forms.parsed(request, forms.ChooseRole)
        session = request.state.session
        if session.email or not site.may_switch(request):
            return site.refusals.response(request, 403, "role")
        request.state.session = session.as_role(form.role.value)
        if form.role is Role.TECHNICIAN:
            await site.appoint(site.visitor(request).identity)
            return RedirectResponse("/desk", 303)
        return RedirectResponse("/", 303)

    async def language(self, request: Request) -> Response:
        form = await forms.parsed(request, forms.ChooseLanguage)
        request.state.session = request.state.session.in_language(form.language)
        return RedirectResponse(forms.local_path(form.next), 303)

    async def theme(self, request: Request) -> Response:
        form = await forms.parsed(request, forms.ChooseTheme)
        response = RedirectResponse(forms.local_path(form.next), 303)
        response.set_cookie(THEME_COOKIE, form.theme, max_age=A_YEAR, samesite="lax", httponly=False)
        return response
