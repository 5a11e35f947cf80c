"""What technicians do on their pages. It is said to the desk as its commands: every rule is the desk's."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.web import forms
from adapters.web.behind import technician_of, ticket_of
from adapters.web.limits import too_many
from adapters.web.site import Site
from adapters.web.tickets import ACTS, SHEETS, TicketPage
from adapters.web.translate import commanded, decided
from adapters.web.uploads import discard, received
from adapters.web.waiting import answers_to, ended
from bot.errors import StorageError
from bot.model.conversations import Message
from bot.model.documents import Document, Paragraph
from bot.model.messages import IncomingClick, IncomingFile, IncomingMessage
from bot.model.people import Technician

PATIENCE = 10.0  # seconds that a technician waits to hear what came of a press
SEEN_COOKIE = "guichet_notices"  # the number of the latest notice that was put away
A_MONTH = 30 * 24 * 3600

# (request, page, outcome, draft, chosen): the ticket's page with what was not done
TicketResponse = Callable[[Request, TicketPage, Document | None, str, str], Response]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the desk answered; `message` is None where it has not in time."""

    outcome: Document
    message: Message | None


class Acts:
    def __init__(self, site: Site, ticket_response: TicketResponse) -> None:
        self._site = site
        self._ticket_response = ticket_response

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/desk/duty", self.duty, methods=["POST"]),
            Route("/desk/notices", self.notices, methods=["POST"]),
            Route("/desk/T{number:int}/work", self.work, methods=["POST"]),
            Route("/desk/T{number:int}/held", self.held, methods=["POST"]),
            Route("/desk/T{number:int}/{act:str}", self.act, methods=["POST"]),
        ]

    async def act(self, request: Request) -> Response:
        """A press, with something chosen or written where it needs that: claim, snooze, assign, …"""
        technician = await self.technician(request)
        act = request.path_params["act"]
        if act not in ACTS and act not in SHEETS:
            raise HTTPException(404)
        form = await forms.parsed(request, forms.Act)
        text = form.text if act in SHEETS else ""
        command = f"/ticket {act} T{request.path_params['number']} {text}".strip()
        return await self._on_ticket(request, technician, self.command(request, command, form.id), act)

    async def work(self, request: Request) -> Response:
        technician = await self.technician(request)
        form, files = await received(request, forms.Work, self._site.files)
        number = request.path_params["number"]
        if form.kind == "resolve" and any(file.stored_as for file in files):
            # Files go to the asker before the words that all is done.
            first = tuple(file for file in files if file.stored_as)
            files = tuple(file for file in files if not file.stored_as)
            await self.say(request, self.command(request, f"/ticket reply T{number}", form.id, first))
        why = f"--reason {form.reason} " if form.kind == "resolve" and form.reason else ""
        command = f"/ticket {form.kind} T{number} {why}{form.text}".strip()
        event = self.command(request, command, form.id, files)
        return await self._on_ticket(request, technician, event, form.kind, form.text)

    async def held(self, request: Request) -> Response:
        """Send words that were held, or keep them as a note."""
        technician = await self.technician(request)
        form = await forms.parsed(request, forms.Held)
        visitor = self._site.visitor(request)
        event = decided(visitor, f"{form.decision}_held", str(form.held), form.id, self._site.clock())
        return await self._on_ticket(request, technician, event, "held")

    async def duty(self, request: Request) -> Response:
        await self.technician(request)
        form = await forms.parsed(request, forms.Duty)
        command = "/desk off keep" if form.state == "keep" else f"/desk {form.state}"
        answered = await self.say(request, self.command(request, command, form.id))
        if isinstance(answered, Response):
            return answered
        if forms.wants_json(request):
            html = self._site.fragment(request, "outcome.html", document=answered.outcome, undo=None)
            return JSONResponse({"done": answered.message is not None, "html": html, "text": answered.outcome.text})
        return RedirectResponse(f"/desk{said(answered)}", 303)

    async def notices(self, request: Request) -> Response:
        """Put away what was read."""
        await self.technician(request)
        form = await forms.parsed(request, forms.Seen)
        response = RedirectResponse(forms.local_path(form.next), 303)
        secure = (self._site.settings.public_url or "").startswith("https:")
        response.set_cookie(
            SEEN_COOKIE, str(form.number), A_MONTH, path="/desk", secure=secure, httponly=True, samesite="lax"
        )
        return response

    # --- saying it -------------------------------------------------------------------------------------------------

    async def technician(self, request: Request) -> Technician:
        """Before anything else of a request is looked at. Raises HTTPException 403."""
        async with self._site.storage.unit_of_work() as uow:
            return await technician_of(self._site, request, uow)

    def command(
        self, request: Request, command: str, form_id: str, files: tuple[IncomingFile, ...] = ()
    ) -> IncomingMessage:
        visitor = self._site.visitor(request)
        return commanded(visitor, command, form_id, self._site.clock(), visitor.language, files)

    async def say(self, request: Request, event: IncomingMessage | IncomingClick) -> Answered | Response:
        """Say it to the desk, and wait for what it answers; a response where it could not be said."""
        site = self._site
        files = event.files if isinstance(event, IncomingMessage) else ()
        if (seconds := await site.limits.message(request.state.session)) is not None:
            await discard(site.files, files)
            return too_many(site.refusals, request, seconds)
        try:
            if not await site.inbox.receive(event):  # the same form, sent again: its files are there already
                await discard(site.files, files)
        except StorageError:
            return site.refusals.response(request, 503, "not_stored", {"Retry-After": "5"})
        progress = await ended(site.storage, event.key, PATIENCE)
        answers = await answers_to(site.storage, event.conversation, progress) if progress else ()
        for one in answers:
            if one.document:
                return Answered(one.document, one)
        late = site.say("web.no_answer", site.language_of(request))
        return Answered(Document((Paragraph(late),)), None)

    async def _on_ticket(
        self, request: Request, technician: Technician, event: IncomingMessage | IncomingClick, act: str, text: str = ""
    ) -> Response:
        """The same about a ticket: done is what left a line of this technician's in its trail."""
        site = self._site
        async with site.storage.unit_of_work() as uow:
            before = await ticket_of(site, request, uow, technician)
        answered = await self.say(request, event)
        if isinstance(answered, Response):
            return answered
        async with site.storage.unit_of_work() as uow:
            page = await ticket_of(site, request, uow, technician)
        fresh = [one.kind for one, _ in page.events[len(before.events) :] if one.actor_id == technician.person_id]
        kept = "held" in fresh  # not sent, and not lost: the page shows it
        done = bool(fresh) and not kept
        refused = sum(file.problem is not None for file in event.files) if isinstance(event, IncomingMessage) else 0
        outcome = self._told(request, answered.outcome, act, page, refused) if fresh else answered.outcome
        if forms.wants_json(request):
            undo = page.ticket.reference if page.can_undo and done else None
            html = site.fragment(request, "outcome.html", document=outcome, undo=undo)
            return JSONResponse({"done": done, "kept": kept, "html": html, "text": outcome.text})
        if text and not fresh:
            return self._ticket_response(request, page, outcome, text, act)
        return RedirectResponse(f"/desk/T{page.ticket.number}{said(answered)}", 303)

    def _told(self, request: Request, outcome: Document, act: str, page: TicketPage, refused: int) -> Document:
        """What was done in a line: the page shows the rest. Of a claim, without a console’s next command. A line more
        for each file that was `refused`."""
        if act != "claim":
            return replace(outcome, blocks=outcome.blocks[: refused + 1])
        language = self._site.language_of(request)
        told = self._site.say("web.desk.claimed", language, reference=page.ticket.reference, name=page.asker)
        return Document((Paragraph(told),))


def said(answered: Answered) -> str:
    """Names the answer in an address, for a page without scripts to show it."""
    return f"?said={answered.message.id}" if answered.message else ""
