"""The contact form, for who has something to say and no post to say it about."""

from dataclasses import replace
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, BeforeValidator, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web import forms
from adapters.web.chat import PATIENCE
from adapters.web.contact.browsers import Browser
from adapters.web.contact.pages import NOBODY
from adapters.web.contact.part import Part
from adapters.web.contact.seats import NoSuchPage, shown_as
from adapters.web.places import Visitor
from adapters.web.translate import clean, said
from adapters.web.waiting import ended
from bot.contact.form import LONGEST_MESSAGE, LONGEST_NAME, Checked, checked
from bot.contact.natives import native_id
from bot.contact.telling import ways_to_write
from bot.contact.visits import begin
from bot.engine.reruns import rerun_when_stale
from bot.errors import StorageError
from bot.model.contact import ContactVisit


def _kept(value: object) -> object:
    """Whole, so that nobody has to write it again: what is too long is said to be."""
    return clean(value) if isinstance(value, str) else value


Written = Annotated[str, BeforeValidator(_kept), Field(max_length=20_000)]


class ContactForm(BaseModel):
    id: forms.FormId
    name: Written = ""
    message: Written = ""
    mastodon: Written = ""
    phone: Written = ""
    email: Written = ""
    consent: Written = ""
    website: Written = ""  # which nobody sees: only programs fill it in


class Form(Part):
    @property
    def routes(self) -> list[Route]:
        return [Route("/contact", self.page), Route("/contact", self.send, methods=["POST"])]

    async def page(self, request: Request) -> Response:
        return self._shown(request)

    async def send(self, request: Request) -> Response:
        form = await forms.parsed(request, ContactForm)
        if form.website:
            raise HTTPException(400)
        country = self._services.policy.public.country
        found = checked(
            form.name,
            form.message,
            {"email": form.email, "mastodon": form.mastodon, "phone": form.phone},
            consent=bool(form.consent),
            country=country,
            usable=ways_to_write(self._services.policy),
        )
        if found.problems:
            return self._shown(request, form, found, 400)
        if (refused := await self._too_many(request, "form")) is not None:
            return refused
        browser = self._browsers.of(request)
        id = uuid5(NAMESPACE_URL, f"{browser.id}/{form.id}")  # the same form, sent again, is the same request
        named = self._site.say("contact.visitor_named", self._services.policy.desk_language, name=found.name)
        visitor = self._stranger(request, native_id(browser.id, id), named)
        event = replace(said(visitor, found.message, form.id, self._site.clock()), wants_ticket=True)
        try:
            await self._begin(browser, id, visitor, found)
            await self._site.inbox.receive(event)
        except StorageError:
            return self._site.refusals.response(request, 503, "not_stored", {"Retry-After": "5"})
        await ended(self._site.storage, event.key, PATIENCE)
        response = RedirectResponse(f"/contact/{id}", 303)
        self._browsers.keep(response, browser)
        return response

    async def _begin(self, browser: Browser, id: UUID, visitor: Visitor, found: Checked) -> None:
        now = self._site.clock()
        fresh = ContactVisit(
            browser.id, NOBODY, NOBODY, now, now, language=visitor.language, way=found.way, address=found.address,
            others=found.others, consented_at=now, id=id,
        )  # fmt: skip

        async def once() -> None:
            async with self._site.storage.unit_of_work() as uow:
                if await uow.contact.visit(id) is None:
                    await begin(self._services, uow, fresh, visitor.identity, visitor.chat)
                    await uow.commit()

        await rerun_when_stale(once, "a request by the contact form")

    def _shown(
        self, request: Request, form: ContactForm | None = None, found: Checked | None = None, status: int = 200
    ) -> Response:
        """With what was written, and what is wrong beside it."""
        request.state.shown_as = shown_as("/contact")
        response = self._site.page(
            request,
            "contact_form.html",
            status,
            form=form or ContactForm(id="00000000"),
            problems=found.problems if found else {},
            longest=LONGEST_MESSAGE,
            longest_name=LONGEST_NAME,
            usable=ways_to_write(self._services.policy),
        )
        self._browsers.keep(response, self._browsers.of(request))
        return response

    async def gone(self, request: Request, error: Exception) -> Response:
        """The page for an address at which there is nothing, or nothing any more: with a way on."""
        assert isinstance(error, NoSuchPage)
        request.state.shown_as = shown_as("/contact")
        return self._site.page(request, "contact_gone.html", 410 if error.gone else 404, gone=error.gone)
