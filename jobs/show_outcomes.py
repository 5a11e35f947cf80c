"""Show technicians that a public reply stands, and where; or that its platform refused it."""

from collections.abc import Iterable

from bot.engine.services import Services
from bot.model.public import PublicPost
from bot.ports.adapters import ChatAdapter, LinksTo
from bot.public.outcomes import show_outcome
from jobs.each import each

PORTION = 50


async def any_outcomes(services: Services) -> bool:
    async with services.storage.unit_of_work() as uow:
        return bool(await uow.public.delivered(1))


async def show_outcomes(services: Services, adapters: Iterable[ChatAdapter]) -> int:
    """Return how many."""
    linking = {one.platform: one.link_to for one in adapters if isinstance(one, LinksTo)}

    async def link_of(post: PublicPost, message: str) -> str | None:
        link_to = linking.get(post.platform)
        return await link_to(message) if link_to else None

    async with services.storage.unit_of_work() as uow:
        found = await uow.public.delivered(PORTION)
    return await each(found, lambda one: show_outcome(services, *one, link_of))
