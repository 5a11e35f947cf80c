"""What people see of a post, and everything that stands, to be read."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.fakes.mastodon.ids import order
from tests.fakes.mastodon.state import Poll, State, Status


@dataclass(frozen=True)
class Seen:
    """A post as it stands now. `author`, `to` and `boosts` are handles without the first @."""

    id: str
    author: str
    by_bot: bool
    text: str
    visibility: str
    cw: str
    language: str | None
    reply_to: str | None
    to: tuple[str, ...]  # who is mentioned
    tags: tuple[str, ...]
    files: tuple[str, ...]  # descriptions, or names where there is none
    options: tuple[str, ...]  # of a poll
    edited: bool
    favourites: tuple[str, ...]
    boosts: tuple[str, ...]
    status: Status

    def __str__(self) -> str:
        return "\n".join(lines(self))


def seen(state: State, status: Status) -> Seen:
    poll: Poll | None = state.polls.get(status.poll) if status.poll else None
    attached = [state.media[one] for one in status.media]
    return Seen(
        id=status.id,
        author=state.author(status).acct,
        by_bot=status.account == state.bot,
        text=status.text,
        visibility=status.visibility,
        cw=status.spoiler,
        language=status.language,
        reply_to=status.reply_to,
        to=tuple(state.accounts[one].acct for one in status.mentions),
        tags=tuple(status.tags),
        files=tuple(one.description or one.name for one in attached),
        options=tuple(poll.options) if poll else (),
        edited=status.edited is not None,
        favourites=tuple(state.accounts[one].acct for one in status.favourites),
        boosts=tuple(state.author(one).acct for one in state.boosts(status.id)),
        status=status,
    )


def lines(one: Seen) -> Iterable[str]:
    """The post as one reads it: who, how openly, in which language, the warning before the text."""
    about = ", ".join(part for part in (one.visibility, one.language, "edited" if one.edited else "") if part)
    first, *rest = one.text.split("\n")
    yield f"@{one.author} ({about}): {f'[CW: {one.cw}] ' if one.cw else ''}{first}"
    yield from (f"    {line}" for line in rest)
    if one.files:
        yield "    [" + "] [".join(one.files) + "]"
    if one.options:
        yield "    ( ) " + "  ( ) ".join(one.options)
    if one.boosts:
        yield f"    boosted by @{', @'.join(one.boosts)}"
    if one.favourites:
        yield f"    liked by @{', @'.join(one.favourites)}"


def transcript(state: State) -> str:
    """Every thread, in order of time, answers under what they answer."""
    parts: list[str] = []
    roots = [one for one in state.statuses.values() if one.reply_to is None and one.boost_of is None]
    for root in sorted(roots, key=lambda one: (one.created, order(one.id))):
        parts.append("──")
        _thread(state, root, 0, parts)
    return "\n".join(parts)


def _thread(state: State, status: Status, depth: int, parts: list[str]) -> None:
    parts += ["  " * depth + line for line in lines(seen(state, status))]
    for reply in state.replies(status.id):
        _thread(state, reply, depth + 1, parts)
