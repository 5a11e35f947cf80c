"""Files of a post that come to a ticket which is there already, or that its author adds, or takes away, later."""

from collections.abc import Sequence
from dataclasses import replace

from bot.attachments.receiving import attachments_of
from bot.attachments.showing import files_block
from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.model.documents import Document
from bot.model.messages import IncomingFile
from bot.model.public import PublicPost
from bot.model.tickets import Attachment, Ticket
from bot.public.files import bring, only_named, wanted
from bot.tickets.cards import post_to_desk


async def show_to_desk(work: Work, ticket: Ticket, key: str, /, *, post: PublicPost, **values: object) -> None:
    """A line about a ticket in the rooms that show it, with the post's files beneath it."""
    files = await bring(work, post)
    said = work.line(key, work.services.policy.desk_language, reference=ticket.reference, **values)
    await post_to_desk(work, ticket, Document((*said.blocks, files)) if files else said)


async def follow_files(turn: Turn, post: PublicPost, sent: Sequence[IncomingFile]) -> bool:
    """The post was edited, and stays what it is: what it has no longer is gone, what is new is taken as the rest was.
    Whether anything of that is so."""
    known = {one.native_id: one for one in await turn.uow.attachments.of([post.message_id])}
    taken = attachments_of(sent, post.message_id, turn.services.files, turn.now)
    left = {one.native_id for one in taken}
    over = [one for id, one in known.items() if id not in left and one.problem != "gone"]
    fresh = [only_named(one) for one in taken if one.native_id not in known]
    for file in over:
        turn.uow.attachments.save(gone(file))
    fresh = await told(turn, post, fresh)
    for file in fresh:
        turn.uow.attachments.add(file)
    turn.files[post.message_id] = (*(one for id, one in known.items() if id in left), *fresh)
    return bool(over or fresh)


async def take_over(turn: Turn, before: PublicPost) -> None:
    """The post was edited, and is heard anew, as another message: what was had of its files is still had."""
    known = {one.native_id: one for one in await turn.uow.attachments.of([before.message_id])}
    again = [_as_known(one, known[one.native_id]) for one in turn.own_files if one.native_id in known]
    fresh = await told(turn, before, [one for one in turn.own_files if one.native_id not in known])
    for file in known.values():
        turn.uow.attachments.save(gone(file))
    turn.files[turn.message.id] = (*again, *fresh)
    ticket = await turn.current(before.ticket_id) if before.ticket_id else None
    if ticket and known:
        turn.show_cards_of(ticket)  # they name the files by ids, which are others now


async def told(turn: Turn, post: PublicPost, fresh: Sequence[Attachment]) -> list[Attachment]:
    """New files of a post. Where it has a ticket they are fetched, and the desk is told."""
    ticket = await turn.current(post.ticket_id) if post.ticket_id else None
    if ticket is None:
        return list(fresh)
    fetched = [wanted(one, turn.now) for one in fresh]
    if files := files_block(fetched):
        language = turn.services.policy.desk_language
        name = turn.known.person.name
        said = turn.line("desk.post_files", language, reference=ticket.reference, name=name)
        await post_to_desk(turn, ticket, Document((*said.blocks, files)))
    return fetched


def gone(file: Attachment) -> Attachment:
    """Its bytes are nobody's now."""
    return replace(file, stored_as=None, problem="gone", next_at=None)


def _as_known(file: Attachment, before: Attachment) -> Attachment:
    return replace(
        file,
        media_type=before.media_type,
        size=before.size,
        stored_as=before.stored_as,
        problem=before.problem,
        next_at=before.next_at,
    )
