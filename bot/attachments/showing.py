"""Attachments in what is said: the block that names them, and the sentences about those that were not taken."""

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from babel.numbers import format_decimal

from bot.attachments.intake import MEGABYTE
from bot.model.documents import FileItem, Files, Paragraph
from bot.model.messages import IncomingFile
from bot.model.tickets import Attachment
from bot.model.values import Language

Say = Callable[..., str]  # (key, language, **values): a sentence of the catalogue

PROBLEMS = ("too_large", "wrong_type", "empty", "too_many", "gone", "refused", "unreachable")
_UNITS = {Language.EN: ("bytes", "kB", "MB", "GB"), Language.FR: ("octets", "ko", "Mo", "Go")}


def size_text(size: int, language: Language) -> str:
    """120 kB, 1.4 MB; in French 120 ko, 1,4 Mo."""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < 3:
        amount, unit = amount / 1000, unit + 1
    digits = "0.#" if unit > 1 and amount < 99.5 else "0"
    name = _UNITS[language][unit]
    return f"{format_decimal(amount, digits, locale=language.value)}\u00a0{name.rstrip('s') if size == 1 else name}"


def file_path(item: FileItem) -> str:
    """Where the web page has it. The name is for the looks of the address: the id finds it."""
    return f"/files/{item.id}/{quote(item.name, safe='')}"


def files_block(attachments: Iterable[Attachment], *, refused: bool = True) -> Files | None:
    """The block for a document; None where there are none. Without `refused`, only those that were taken."""
    items = tuple(
        FileItem(one.id, one.name, one.media_type, one.size, one.problem, one.alternative, one.sensitive)
        for one in attachments
        if refused or one.problem is None
    )
    return Files(items) if items else None


def refusals(files: Sequence[Attachment | IncomingFile], say: Say, language: Language, most: int) -> list[Paragraph]:
    """A sentence for each that was not taken, for who sent it. `most`: bytes that are taken of one."""
    refused = [one for one in files if one.problem in PROBLEMS]
    limit = size_text(most // MEGABYTE * 1_000_000, language) if refused else ""
    return [Paragraph(say(f"file.refused.{one.problem}", language, name=one.name, limit=limit)) for one in refused]
