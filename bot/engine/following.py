"""Edits and deletions follow what was relayed: the copy on the other side changes with its original."""

from dataclasses import replace

from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.conversations import Message
from bot.model.documents import Document, Paragraph, plain
from bot.model.tickets import HeldReply, Note
from bot.tickets.relay import internal_text
from bot.tickets.words import REFERENCE


async def follow_edit(work: Work, known: Message, text: str) -> bool:
    """Bring what became of a message to its new text; False if nothing was relayed, noted or held of it.

    A note stays a note, whatever its new text begins with; a reply that becomes internal, or another command, is taken
    back, and one that was held is a note from then on.
    """
    written = await work.uow.tickets.written_as(known.id)
    copies = await work.uow.conversations.copies(known.id)
    if written is None and not copies:
        return False
    command, old = said_in(work.services, known.text)
    if command is not None and work.services.commands.addressed(text):
        text = f"!{text}"  # given by the bot's name, as it was before
    now, new = said_in(work.services, text)
    internal = internal_text(text) if command is None or now is None else None
    is_internal = internal is not None or command != now
    new = new if internal is None else internal
    match written:
        case Note():
            work.uow.tickets.save(replace(written, text=new))
        case HeldReply(state="held", reason="public"):  # what was shown is not what it says now
            work.uow.tickets.save(replace(written, state="dropped"))
        case HeldReply(state="held") if is_internal:
            work.uow.tickets.save(replace(written, state="kept"))
            work.uow.tickets.add(Note(written.ticket_id, written.author_id, new, work.now, message_id=known.id))
        case HeldReply(state="held"):
            work.uow.tickets.save(replace(written, text=new))
    for copy in copies:
        if copy.deleted:
            continue
        if copy.author != "technician":  # the person's words, which the desk reads as they are
            await show_anew(work, replace(copy, document=reworded(copy, known.text, text)))
        elif is_internal:
            await take_back_copy(work, copy)
        else:
            await show_anew(work, replace(copy, document=reworded(copy, old, new)))
    work.uow.conversations.save(replace(known, text=text, sent_at=max(known.sent_at, work.now)))
    return True


def said_in(services: Services, text: str) -> tuple[str | None, str]:
    """The command in a message, None if it is none, and the words after it and after the ticket that it names."""
    parsed = services.commands.parse(text)
    if parsed is None:
        return None, text
    name = parsed.command.key if parsed.command else parsed.word
    return name, REFERENCE.sub("", parsed.argument, count=1).strip()


async def follow_deletion(work: Work, known: Message) -> None:
    """What was relayed of a deleted message is withdrawn, or, where it has been read, says that it was."""
    for copy in await work.uow.conversations.copies(known.id):
        if not copy.deleted:
            await take_back_copy(work, copy)
    written = await work.uow.tickets.written_as(known.id)
    if isinstance(written, HeldReply) and written.state == "held":
        work.uow.tickets.save(replace(written, state="kept", text=""))


async def take_back_copy(work: Work, copy: Message) -> None:
    language = copy.language or work.services.policy.desk_language
    work.uow.outbox.withdraw(copy.id)
    gone = replace(copy, deleted=True, document=work.line("relay.withdrawn", language))
    await show_anew(work, gone)


async def show_anew(work: Work, copy: Message) -> None:
    document = copy.document
    place = await work.place_by_id(copy.conversation_id)
    assert document is not None
    work.uow.conversations.save(replace(copy, text="" if copy.deleted else document.text))
    if place is not None:
        work.post(place, document, language=copy.language, edits=copy.id, coalesce=f"copy:{copy.id}")


def reworded(copy: Message, old: str, new: str) -> Document:
    """The copy with the new words in the old ones' place."""
    document = copy.document or Document(())
    blocks = tuple(
        replace(block, text=block.text.replace(plain(old), plain(new)))
        if isinstance(block, Paragraph) and plain(old)
        else block
        for block in document.blocks
    )
    if blocks == document.blocks:
        blocks = (*blocks, Paragraph(f"✏️ {plain(new)}"))
    return replace(document, blocks=blocks)
