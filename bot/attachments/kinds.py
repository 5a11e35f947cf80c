"""What kind of file something is: decided from its name and its bytes, and never from what its sender says it is."""

import codecs
from collections.abc import Collection
from dataclasses import dataclass

import filetype

from bot.attachments.names import extension_of

HEAD = 8192  # bytes from which a kind is told

# What is served as what it is; everything else is just bytes to a browser.
MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "log": "text/plain",
    "md": "text/plain",
    "csv": "text/csv",
    "rtf": "application/rtf",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "zip": "application/zip",
}
BYTES = "application/octet-stream"
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # a page may show them: pixels, no scripts

_TEXT = frozenset({"txt", "log", "md", "csv", "json", "xml", "yaml", "yml", "ini", "conf", "eml", "ics"})
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # of what the old office programs wrote
_OLD_OFFICE = frozenset({"doc", "xls", "ppt", "msg"})
_ZIPPED = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp", "zip"})
_ALIKE = {"jpeg": "jpg", "tiff": "tif"}
_KNOWN = frozenset(kind.extension for kind in filetype.TYPES)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Kinds:
    """What is taken: `allowed` are extensions, in lower case."""

    allowed: frozenset[str]

    @classmethod
    def of(cls, extensions: Collection[str]) -> "Kinds":
        return cls(frozenset(one.lower().lstrip(".") for one in extensions))

    def media_type(self, name: str, head: bytes) -> str | None:
        """The media type of a file of that name that begins with these bytes; None if it is not taken, or is something
        else than its name says. What has no extension, as pictures have none on some servers, is what its bytes are."""
        extension = extension_of(name) or _picture(head)
        if extension not in self.allowed or not _is(extension, head):
            return None
        return MEDIA_TYPES.get(extension, BYTES)

    def may_be(self, name: str) -> bool:
        """What can be said before the bytes are there."""
        return extension_of(name) in self.allowed


def _picture(head: bytes) -> str:
    """What a picture's name should end in; empty for anything else."""
    found = (filetype.guess_extension(head) if head else None) or ""
    return found if MEDIA_TYPES.get(found) in SHOWN else ""


def _is(extension: str, head: bytes) -> bool:
    found = filetype.guess_extension(head) if head else None
    if extension in _OLD_OFFICE:
        return head.startswith(_OLE)
    if extension in _ZIPPED:
        return found in _ZIPPED
    if extension in _TEXT:
        return is_text(head)
    known_as = _ALIKE.get(extension, extension)
    if known_as in _KNOWN:
        return found == known_as or (extension, found) == ("png", "apng")
    return found is None  # nobody knows what it should be: not what it should not be, at least


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is text, in whatever encoding: programs and pictures have NUL bytes early on."""
    return head.startswith(_UTF_16) or (b"\x00" not in head and not head.startswith((b"MZ", b"%PDF", b"{\\rtf")))
