"""A Document as the text of a post: plain, since that is all that every server shows."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache

from babel.dates import format_date

from adapters.mastodon.words import defused, one_line, safe_address, words
from bot.attachments.showing import file_path, size_text
from bot.model.documents import (
    Actions,
    Block,
    Button,
    Document,
    Fields,
    FileItem,
    Files,
    Image,
    Paragraph,
    Source,
    Sources,
    Steps,
)
from bot.model.values import Language
from bot.texts import Texts

Say = Callable[..., str]  # (key, language, **values): a sentence of the catalogue

NOTHING = "…"  # no server takes a post without text


def rendered(
    document: Document,
    language: Language,
    *,
    say: Say | None = None,
    page: str = "",
    public: bool = False,
    signature: Iterable[str] = (),
) -> str:
    """An empty line between blocks. Nobody is mentioned in it, and it has no hashtags but those of the signature, where
    the last paragraph of a public reply is made of them alone.

    Buttons are numbered lines, since one answers with a number; in public there are none. `page`: the address of the
    web page, where files can be had.
    """
    say = say or _shipped()
    shown = ["\n".join(_lines(block, language, say, page)) for block in document.blocks]
    kept = signature if public and _is_signature(shown, signature) else ()
    text = "\n\n".join(part.strip("\n") for part in shown if part.strip())
    if not public and (choices := _choices(document)):
        text = f"{text}\n\n{words(say('mastodon.choose', language))}\n{choices}".lstrip("\n")
    head, _, last = text.rpartition("\n\n")
    if kept:
        return f"{defused(head)}\n\n{defused(last, tuple(kept))}".lstrip("\n")
    return defused(text) or NOTHING


def _is_signature(shown: list[str], signature: Iterable[str]) -> bool:
    """Whether the last thing said is hashtags of ours and nothing else."""
    said = shown[-1].split() if shown else []
    known = {f"#{tag}".casefold() for tag in signature}
    return bool(said) and all(one.casefold() in known for one in said)


def _choices(document: Document) -> str:
    """In the order in which they are counted wherever buttons are numbers."""
    buttons: list[Button] = [one for block in document.blocks if isinstance(block, Actions) for one in block.buttons]
    return "\n".join(f"{number}. {one_line(words(one.label))}" for number, one in enumerate(buttons, 1))


def _lines(block: Block, language: Language, say: Say, page: str) -> Iterator[str]:
    match block:
        case Paragraph(text=text):
            yield words(text)
        case Steps(items=items):
            yield from (f"{number}. {words(item)}" for number, item in enumerate(items, 1))
        case Fields(items=pairs, title=title):
            if title:
                yield words(title)
            yield from (f"{one_line(words(label))}: {words(value)}" for label, value in pairs)
        case Sources(items=sources):
            yield from (_source(one, language, say) for one in sources)
        case Image(url=url, alternative=alternative):
            yield _with_address(words(alternative), _web(url))
        case Files(items=files):
            yield from (_file(one, language, say, page) for one in files)
        case _:
            return


def _source(source: Source, language: Language, say: Say) -> str:
    named = one_line(source.title) or source.id
    if source.heading:
        named += f" › {one_line(words(source.heading))}"
    line = say("mastodon.source", language, source=named)
    if source.reviewed:
        line += f" ({say('mastodon.reviewed', language, date=_day(source.reviewed, language))})"
    return _with_address(words(line), _web(source.link))


def _with_address(text: str, address: str) -> str:
    return f"{text} {address}".strip()


def _web(address: str | None) -> str:
    safe = safe_address(address)
    return safe if re.match("https?:", safe, re.IGNORECASE) else ""


def _file(item: FileItem, language: Language, say: Say, page: str) -> str:
    name = one_line(item.name)
    if item.problem:
        return f"📎 {name} · {words(say(f'file.problem.{item.problem}', language))}"
    named = f"📎 {name} · {size_text(item.size, language)}"
    return _with_address(named, safe_address(page + file_path(item))) if page else named


def _day(day: date, language: Language) -> str:
    """12 Oct 2026, or 12 oct. 2026."""
    return format_date(day, "d MMM y", locale=language.value)


@lru_cache(maxsize=1)
def _shipped() -> Texts:
    return Texts.load()
