"""The files of a message that has come in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from bot.attachments.intake import MOST_FILES, Intake
from bot.attachments.names import safe_name
from bot.model.messages import IncomingFile
from bot.model.tickets import Attachment


def attachments_of(
    files: Sequence[IncomingFile], message_id: UUID, intake: Intake, now: datetime
) -> tuple[Attachment, ...]:
    """One for each. What is not here yet is to be fetched from now on, unless it surely would not be taken."""
    return tuple(_attachment(file, number, message_id, intake, now) for number, file in enumerate(files, 1))


def _attachment(file: IncomingFile, number: int, message_id: UUID, intake: Intake, now: datetime) -> Attachment:
    problem = file.problem or ("too_many" if number > MOST_FILES else None)
    if problem is None and file.stored_as is None:
        problem = intake.objection(file)
    return Attachment(
        message_id,
        safe_name(file.name),
        file.media_type,
        file.size,
        file.native_id,
        stored_as=None if problem else file.stored_as,
        url=file.url,
        alternative=file.alternative,
        sensitive=file.sensitive,
        problem=problem,
        next_at=now if problem is None and file.stored_as is None else None,
    )
