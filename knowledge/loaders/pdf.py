"""PDF: one article a document, each page below a heading of its own, so that sources can say which page."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.markdown import LONGEST_BODY
from knowledge.loaders.fields import article_of, name_of
from knowledge.loaders.pdf_text import tidied
from knowledge.loaders.plain_text import paragraphs
from knowledge.loaders.source import Loaded, Source, usable

PAGE = "Page {number}"  # French and English say the same
# What Word and others write where nobody gave a title.
_NO_TITLE = re.compile(
    r"(?i)(?:microsoft \w+ - .*|.*\.(?:docx?|indd|pdf|pptx?|xlsx?|tex|dvi|fm|ps)|untitled.*|sans titre.*|document\d*)?"
)
_PASSED_ON = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG", "TMPDIR")  # of the environment: no secrets


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may cost."""

    processor_seconds: int = 60
    seconds: int = 120
    memory: int = 1_000_000_000  # bytes
    pages: int = 3_000
    characters: int = LONGEST_BODY


def load(source: Source, limits: Limits = Limits()) -> Iterator[Loaded]:
    """One article. Raises LoadError where there is no text at all."""
    if b"%PDF-" not in source.content[:1024]:
        raise source.error("is no PDF")
    read = _read(source, limits)
    raw: list[str] = read["pages"]
    texts = [paragraphs(text, lists=False) for text in tidied(raw)]
    empty = [number for number, text in enumerate(texts, 1) if not text and number not in read["failed"]]
    if not any(texts):
        if read["failed"]:
            raise source.error("is damaged: no page of it can be read")
        raise source.error("has no text on any page: scanned? Text recognition (OCR) would make it readable")
    if read["failed"]:
        yield source.notice(f"cannot be read on {_pages(read['failed'])}, damaged; the rest is used")
    if empty:
        yield source.notice(f"has no text on {_pages(empty)}, scanned? The rest is used")
    body, used = _body(texts)
    if used < read["count"]:
        yield source.notice(f"only the first {used:,} of {read['count']:,} pages are used: it is too long")
    title = " ".join(usable(source, "title", _sane(read["title"])).split())
    yield from article_of(
        source,
        source.fields,
        body,
        title=name_of(source) if _NO_TITLE.fullmatch(title) else title,
        language=read["language"],
    )


def _body(texts: Sequence[str]) -> tuple[str, int]:
    """Every page that fits, and the number of the last one."""
    parts: list[str] = []
    size = 0
    for number, text in enumerate(texts, 1):
        part = f"## {PAGE.format(number=number)}\n\n{text}"
        if parts and size + len(part) > LONGEST_BODY:
            return "\n\n".join(parts), number - 1
        if text:
            parts.append(part)
            size += len(part) + 2
    return "\n\n".join(parts), len(texts)


def _read(source: Source, limits: Limits) -> dict[str, Any]:
    """In a process of its own, which may be stopped: within this one nothing could end a parser that does not end."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("pdf_child.py"))]
    command += map(str, (limits.processor_seconds, limits.memory, limits.pages, limits.characters))
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 (our own program)
            command,
            input=source.content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise source.error(f"takes too long to read: more than {limits.seconds} s") from error
    except OSError as error:
        raise source.error(f"cannot be read: no process can be started for it ({error.strerror})") from error
    if done.returncode != 0:
        raise source.error("takes too much time or memory to read, or is damaged: reading it was stopped")
    result: dict[str, Any] = json.loads(done.stdout)
    if "error" in result:
        raise source.error(result["error"])
    return result


def _sane(title: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", title)


def _pages(numbers: Sequence[int]) -> str:
    """page 3; pages 2, 5-7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    shown = ", ".join("-".join(map(str, run)) for run in runs[:20]) + (", …" if len(runs) > 20 else "")
    return f"page {shown}" if len(numbers) == 1 else f"pages {shown}"
