"""What the desk's rooms are told of a public reply once its platform has it, or does not want it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.engine.services import Services
from bot.engine.working import working
from bot.model.public import PublicPost
from bot.public.cards import show
from bot.public.held import refused
from bot.public.left_alone import opt_out_of

LinkOf = Callable[[PublicPost, str], Awaitable[str | None]]


async def show_outcome(services: Services, post: PublicPost, message: str | None, link_of: LinkOf) -> bool:
    """Whether something had to be noted. `message`: the platform's id of the reply; None where it was refused: then a
    technician decides anew, who sees why. Raises StaleWrite."""
    link = await link_of(post, message) if message else None
    async with working(services, f"published:{post.reply_id}") as work:
        current = await work.uow.public.get(post.id)
        if current is None or current.reply_id != post.reply_id or current.state not in ("approved", "answered"):
            return False
        if message:
            current = replace(current, state="answered", reply_link=link)
            work.uow.public.save(await show(work, current))
        else:
            stopped = await opt_out_of(work, current.person_id, current.platform, current.account)
            await refused(work, current, is_over=not current.text or stopped is not None)
    return True
