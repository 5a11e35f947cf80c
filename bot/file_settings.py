"""What the settings about files may hold."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

FILE_TYPES = tuple(
    "png jpg jpeg gif webp bmp tif tiff heic pdf txt log md csv rtf doc docx xls xlsx ppt pptx odt ods odp zip".split()
)
# What runs when it is opened. Nobody who means well sends it to a support desk under its own name.
PROGRAMS = frozenset(
    "exe dll com scr pif cpl msi msp msix appx bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta lnk scf reg jar class "
    "app apk dmg pkg deb rpm sh bash run bin elf so dylib html htm xhtml svg svgz mht mhtml url desktop iso img "
    "vhd".split()
)
_EXTENSION = re.compile(r"[a-z0-9]{1,10}")


def _words(value: Any) -> Any:
    """`png, .pdf zip` as a tuple; empty: what is taken without a setting. What is no text is left to pydantic."""
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(word.lstrip(".").lower() for word in re.split(r"[,\s]+", value) if word)) or FILE_TYPES


def _extensions(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _EXTENSION.fullmatch(value):
            raise ValueError(f"should be endings such as png, pdf, zip, separated by commas; {value!r} is none")
        if value in PROGRAMS:
            raise ValueError(f"should name no programs or pages with scripts: {value} would run where it is opened")
    return values


FileTypes = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_extensions)]
