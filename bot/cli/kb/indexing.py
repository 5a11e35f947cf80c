"""What a command does after it has changed articles."""

from collections.abc import Callable

from bot.app import Desk, own_index


async def index_now(desk: Desk, doing: str, progress: Callable[[int, int], None]) -> str | None:
    """Bring the index up to date, unless another process answers here and will do so itself: then return which."""
    async with own_index(desk, doing) as index:
        if index is None:
            return desk.lock.holder() or "another process"
        await desk.follower(index).catch_up(progress)
        return None
