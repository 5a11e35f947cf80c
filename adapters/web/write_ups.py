"""The page on which a technician writes up a resolved ticket: a form filled in from what was said."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web import forms
from adapters.web.acts import Acts, said
from adapters.web.behind import technician_of, ticket_of
from adapters.web.site import Site
from adapters.web.tickets import TicketPage
from bot.interventions.draft import draft_of, of_intervention
from bot.interventions.saving import is_settled, present_one
from bot.interventions.written import Draft, cleaned, sent, steps_of
from bot.model.documents import Document
from bot.model.people import Technician
from bot.model.tickets import Intervention
from bot.ports.storage import UnitOfWork

REASONS = ("fixed", "duplicate", "no_reply", "not_reproducible")


@dataclass(frozen=True, slots=True)
class WriteUpPage:
    page: TicketPage
    present: Intervention | None
    draft: Draft
    pictures: tuple[str, ...]  # names of the screenshots that go with it

    @property
    def is_settled(self) -> bool:
        return self.present is not None and is_settled(self.present)


class WriteUps:
    def __init__(self, site: Site, acts: Acts) -> None:
        self._site = site
        self._acts = acts

    @property
    def routes(self) -> list[Route]:
        path = "/desk/T{number:int}/write-up"
        return [Route(path, self.show), Route(path, self.save, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            found = await self._found(request, uow, await technician_of(self._site, request, uow))
        return self._response(request, found)

    async def save(self, request: Request) -> Response:
        """Said to the desk as its command; to the ticket once it is kept, else here again with what was written."""
        technician = await self._acts.technician(request)
        form = await forms.parsed(request, forms.WriteUp)
        async with self._site.storage.unit_of_work() as uow:
            before = await self._found(request, uow, technician)
        reference = before.page.ticket.reference
        draft = Draft(
            title=form.title,
            symptoms=form.symptoms,
            root_cause=form.cause,
            steps=tuple(steps_of(form.steps)),
            keywords=tuple(form.keywords.split(",")),
            language=form.language,
        )
        draft = cleaned(draft)
        told = f" --skip {form.reason}" if form.reason else f"\n{sent(draft)}"
        event = self._acts.command(request, f"/ticket write-up {reference}{told}", form.id)
        answered = await self._acts.say(request, event)
        if isinstance(answered, Response):
            return answered
        async with self._site.storage.unit_of_work() as uow:
            after = await self._found(request, uow, technician)
        kinds = {one.kind for one, _ in after.page.events[len(before.page.events) :]}
        if kinds & {"written_up", "not_written_up"}:
            return RedirectResponse(f"/desk/{reference}{said(answered)}", 303)
        return self._response(request, WriteUpPage(after.page, after.present, draft, after.pictures), answered.outcome)

    async def _found(self, request: Request, uow: UnitOfWork, technician: Technician) -> WriteUpPage:
        """Raises HTTPException 404 for a ticket that is not there, or not resolved."""
        page = await ticket_of(self._site, request, uow, technician)
        if not page.can_write_up:
            raise HTTPException(404)
        present = present_one(await uow.tickets.interventions(page.ticket.id), page.ticket)
        draft = of_intervention(present) if present else await draft_of(uow, page.ticket, self._site.tree)
        files = [
            one
            for message in await uow.conversations.messages(page.ticket.conversation_id)
            for one in (await uow.tickets.attachments(message.id) if draft.screenshots else ())
        ]
        return WriteUpPage(page, present, draft, tuple(one.name for one in files if one.id in draft.screenshots))

    def _response(self, request: Request, found: WriteUpPage, outcome: Document | None = None) -> Response:
        return self._site.page(request, "write_up.html", found=found, outcome=outcome, reasons=REASONS)
