"""Which post a public reply to a ticket answers: one that the ticket came of, or one that another came of which has
become part of it."""

import re

from bot.engine.work import Work
from bot.model.public import PublicPost
from bot.model.tickets import Ticket
from bot.tickets.merging import parts_of

_HANDLE = re.compile(r"@([\w.-]*\w(?:@[\w.-]*\w)?)[\s,:]*")


async def answerable(work: Work, ticket: Ticket) -> list[PublicPost]:
    """The posts that stand: those of the parts first, and the ticket's own after them, the oldest of each first."""
    own = await work.uow.public.of_ticket(ticket.id)
    others = [post for part in await parts_of(work, ticket) for post in await work.uow.public.of_ticket(part.id)]
    posts = [*sorted(others, key=lambda one: one.seen_at), *own]
    return [one for one in posts if one.state != "withdrawn" and one.text]


def chosen(posts: list[PublicPost], text: str) -> tuple[PublicPost, str] | None:
    """The post that is meant, and the words without whom they begin with: the last one, unless they name another's
    author."""
    if not posts:
        return None
    match = _HANDLE.match(text)
    named = [one for one in posts if match and _is_called(one, match[1])]
    return (named[-1], text[match.end() :]) if match and named else (posts[-1], text)


def authors(posts: list[PublicPost]) -> list[str]:
    return list(dict.fromkeys(one.handle for one in posts))


def _is_called(post: PublicPost, name: str) -> bool:
    handle, name = post.handle.lower(), name.lower()
    return name in (handle, handle.partition("@")[0])
