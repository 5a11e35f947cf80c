"""Edits and deletions follow what was relayed: the copy on the other side changes with its original."""

from dataclasses import replace

from bot.engine.work import Work
from bot.model.conversations import Message
from bot.model.documents import Document, Paragraph, plain
from bot.model.tickets import HeldReply, Note
from bot.tickets.relay import internal_text


async def follow_edit(work: Work, known: Message, text: str) -> bool:
    """Bring what became of a message to its new text; False if nothing was relayed, noted or held of it.

    A note stays a note, whatever its new text begins with; a reply that becomes internal is taken back.
    """
    written = await work.uow.tickets.written_as(known.id)
    copies = await work.uow.conversations.copies(known.id)
    internal = internal_text(text)
    match written:
        case Note():
            work.uow.tickets.save(replace(written, text=text if internal is None else internal))
        case HeldReply(state="held"):
            work.uow.tickets.save(replace(written, text=text))
    for copy in copies:
        if copy.deleted:
            continue
        if known.author == "technician" and internal is not None:
            await take_back_copy(work, copy)
        else:
            await show_anew(work, replace(copy, document=reworded(copy, known.text, text)))
    if written is None and not copies:
        return False
    work.uow.conversations.save(replace(known, text=text, sent_at=max(known.sent_at, work.now)))
    return True


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
