"""Pictures and other files that were published with a post: only named at first; they are fetched, and lie with the
desk, once there is a ticket for them. Nothing of them is ever said in public."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bot.attachments.showing import files_block
from bot.engine.work import Work
from bot.model.documents import Files, plain
from bot.model.messages import IncomingMessage
from bot.model.public import PublicPost
from bot.model.tickets import Attachment, Ticket
from bot.model.values import Language
from bot.ports.storage import UnitOfWork

IN_PUBLIC = "in_public"  # the problem of a file that is only named
MOST_DESCRIBED = 5
LONGEST_DESCRIPTION = 200  # characters of what a picture shows, on a card


def worded(event: IncomingMessage) -> IncomingMessage:
    """A post always has words: one without any was taken back."""
    return event if event.text.strip() else replace(event, text="📎" if event.files else "…")


def only_named(file: Attachment) -> Attachment:
    """A file of a post that no ticket came of."""
    return file if file.problem else replace(file, problem=IN_PUBLIC, next_at=None)


def wanted(file: Attachment, now: datetime) -> Attachment:
    """The same once there is a ticket: to be fetched from now on. What is had, or will not be had, stays so."""
    return replace(file, problem=None, next_at=now) if file.problem == IN_PUBLIC else file


async def bring(work: Work, post: PublicPost) -> Files | None:
    """A ticket came of the post: its files, and those of what its author said in the thread before, go where that
    goes. They are returned as the desk is shown them."""
    found: list[Attachment] = []
    for one in await posts_up_to(work.uow, post):
        heard_now = work.files.get(one.message_id)
        files = await work.uow.attachments.of([one.message_id]) if heard_now is None else heard_now
        kept = tuple(wanted(file, work.now) for file in files)
        for file, before in zip(kept, files, strict=True):
            if heard_now is None and file is not before:  # else they are kept with the message that is being heard
                work.uow.attachments.save(file)
        work.files[one.message_id] = kept
        found += kept
    return files_block(found)


async def message_ids(uow: UnitOfWork, ticket: Ticket) -> list[UUID]:
    """The messages that a ticket's posts are; what was told it later is not among them."""
    posts = [one for one in await uow.public.of_ticket(ticket.id) if one.text and one.seen_at <= ticket.created_at]
    found = [one.message_id for post in posts for one in await posts_up_to(uow, post)]
    return list(dict.fromkeys(found))


async def posts_up_to(uow: UnitOfWork, post: PublicPost) -> list[PublicPost]:
    """What its author said in its thread before, and did not take back; the post itself is the last."""
    thread = await uow.public.of_thread(post.platform, post.account, post.root)
    theirs = [one for one in thread if one.person_id == post.person_id and one.text and one.id != post.id]
    return [*(one for one in theirs if one.seen_at <= post.seen_at), post]


async def described(work: Work, post: PublicPost, language: Language) -> str:
    """How many files a post has, and what its pictures show; empty where it has none, or was taken back."""
    known = work.files.get(post.message_id)
    files = await work.uow.attachments.of([post.message_id]) if known is None else known
    files = [one for one in files if one.problem != "gone"]
    if not files or not post.text:
        return ""
    say = work.services.texts
    pictures = sum(one.media_type.startswith("image/") for one in files)
    counts = {"pictures": pictures, "others": len(files) - pictures}
    said = [
        say(f"post.files.{kind}.{'one' if count == 1 else 'many'}", language, count=count)
        for kind, count in counts.items()
        if count
    ]
    if any(one.sensitive for one in files):
        said.append(say("post.files.sensitive", language))
    shows = [f"« {plain(_short(one.alternative))} »" for one in files[:MOST_DESCRIBED] if one.alternative]
    return " · ".join([*said, *(shows or [say("post.files.undescribed", language)])])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_DESCRIPTION else f"{line[: LONGEST_DESCRIPTION - 1].rstrip()}…"
