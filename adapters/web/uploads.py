"""Forms that may bring files: those are stored as they come, before the message is told."""

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from adapters.web.forms import MOST_FIELDS, parsed
from adapters.web.multipart import Multipart, is_multipart
from bot.attachments.intake import MOST_FILES, Intake
from bot.attachments.names import safe_name
from bot.attachments.purging import delete_files
from bot.model.messages import IncomingFile

FIELD = "file"
MOST_NAMED = 20  # files that are so much as named
PATHS = re.compile(r"/say|/desk/T[0-9]+/work|/c/[^/]+/say|/contact/[0-9a-f-]{36}/say")

Form = TypeVar("Form", bound=BaseModel)


def is_upload(scope: Scope, content_type: str) -> bool:
    """Whether a request's body is to be read as it comes, because files may be in it."""
    return scope["method"] == "POST" and is_multipart(content_type) and PATHS.fullmatch(scope["path"]) is not None


def largest_upload(intake_bytes: int, form_bytes: int) -> int:
    """Bytes that one form may have, files and all."""
    return MOST_FILES * intake_bytes + form_bytes


async def received(request: Request, kind: type[Form], intake: Intake) -> tuple[Form, tuple[IncomingFile, ...]]:
    """The form, and its files, stored or with the reason why not. Where the form is not what it should be, or breaks
    off, nothing is stored. Raises HTTPException 400, StorageUnavailable."""
    if not is_multipart(request.headers.get("content-type", "")):
        return await parsed(request, kind), ()
    fields: dict[str, str] = {}
    files: list[IncomingFile] = []
    try:
        async for part in Multipart(request.headers["content-type"], request.stream()):
            if part.filename is None:
                if len(fields) == MOST_FIELDS:
                    raise HTTPException(400)
                fields[part.name] = await part.text()
            elif part.filename and part.name == FIELD and len(files) < MOST_NAMED:
                if len(files) < MOST_FILES:
                    files.append(await intake.receive(part.filename, part.chunks()))
                else:
                    files.append(IncomingFile("", safe_name(part.filename), "", 0, problem="too_many"))
        return kind.model_validate(fields), tuple(files)
    except ValidationError as error:
        await discard(intake, files)
        raise HTTPException(400) from error
    except BaseException:
        await discard(intake, files)
        raise


async def discard(intake: Intake, files: list[IncomingFile] | tuple[IncomingFile, ...]) -> None:
    """Of a message that is not told."""
    await delete_files(intake.store, [file.stored_as for file in files if file.stored_as])
