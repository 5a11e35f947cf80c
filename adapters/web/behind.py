"""Behind the desk: who may come there, and which ticket they mean."""

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.web.site import Site
from adapters.web.tickets import TicketPage, ticket_page
from bot.model.people import Technician
from bot.model.values import TicketStatus
from bot.ports.storage import UnitOfWork

LARGEST = 10**9


async def technician_of(site: Site, request: Request, uow: UnitOfWork) -> Technician:
    """Raises HTTPException 403 for everybody else."""
    known = await uow.people.known(site.visitor(request).identity)
    technician = known.at_work if known else None
    if technician is None:
        raise HTTPException(403)
    return technician


async def ticket_of(site: Site, request: Request, uow: UnitOfWork, technician: Technician) -> TicketPage:
    """Raises HTTPException 404 for one that is not there."""
    number, outbox = request.path_params["number"], site.storage.outbox
    page = await ticket_page(uow, outbox, number, technician, site.clock()) if number < LARGEST else None
    if page is None:
        raise HTTPException(404)
    key = f"web.next.{page.ticket.status}"
    if page.ticket.is_active and page.ticket.snoozed_until:
        key = "web.next.snoozed"
    elif page.ticket.status is TicketStatus.OPEN and page.assignee:
        key = "web.next.assigned_you" if page.is_mine else "web.next.assigned"
    elif page.ticket.status in (TicketStatus.IN_PROGRESS, TicketStatus.WAITING) and not page.assignee:
        key = "web.next.open"
    elif page.ticket.status is TicketStatus.IN_PROGRESS and page.is_mine:
        key = "web.next.yours"
    language, until = site.language_of(request), page.ticket.snoozed_until
    when = site.when(until, language) if until else ""
    about = await site.about(uow, page.ticket, language) if site.about else None
    return replace(page, next=site.say(key, language, name=page.assignee or "", when=when), about=about)
