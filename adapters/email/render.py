"""A Document as a mail: a subject, plain text, and simple HTML that says the same."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from bot.model.documents import Actions, Block, Document, Fields, Files, Image, Paragraph, Source, Sources, Steps
from bot.ports.mail import Mail

LONGEST_PARSED = 4_000  # characters a line; mark-up in longer ones is shown as it is written
_SAFE_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s]+", re.IGNORECASE)
_MARKS = {"strong_open": "<strong>", "strong_close": "</strong>", "em_open": "<em>", "em_close": "</em>"}
_PAGE = Markup(
    '<!doctype html><html lang="{}"><head><meta charset="utf-8"></head>'
    '<body style="font: 16px/1.5 sans-serif; max-width: 40em">{}<p style="color: #666">{}</p></body></html>'
)
# Entities stay as written: a person's "&lt;" is meant literally.
_PARSER = MarkdownIt("commonmark", {"html": False}).disable(["entity", "html_inline", "image"])


def mail_of(document: Document, to: str, language: str, footer: str, id: str) -> Mail:
    """`footer` is inline Markdown, set apart at the end. Buttons are left out: nobody can press them in a mail."""
    blocks = [block for block in document.blocks if not isinstance(block, Actions)]
    lines = [line for block in blocks for line in _lines(block)]
    subject = next((line for line in (part for one in lines for part in one.splitlines()) if line.strip()), "guichet")
    text = "\n\n".join("\n".join(_lines(block)) for block in blocks)
    html = _PAGE.format(language, Markup("").join(map(_block, blocks)), inline(footer))
    return Mail(to, subject, f"{text}\n\n-- \n{words(footer)}\n", str(html), id)


def words(text: str) -> str:
    """One line or several without mark-up; an address stands behind the words that lead to it."""
    return "\n".join("".join(_plain(_tokens(line))) for line in text.split("\n"))


def inline(text: str) -> Markup:
    """The same as HTML, a line end as a line break. Nothing that a person wrote becomes mark-up."""
    return Markup("<br>").join(Markup("").join(_html(_tokens(line))) for line in text.split("\n"))


def _tokens(line: str) -> list[Token]:
    if len(line) > LONGEST_PARSED:
        return [Token("text", "", 0, content=line)]
    (parsed,) = _PARSER.parseInline(line)
    return parsed.children or []


def _plain(tokens: list[Token]) -> Iterator[str]:
    addresses: list[str] = []
    for token in tokens:
        if token.type == "link_open":
            addresses.append(str(token.attrs.get("href", "")))
        elif token.type == "link_close":
            if _SAFE_ADDRESS.fullmatch(address := addresses.pop()):
                yield f" ({address})"
        else:
            yield token.content


def _html(tokens: list[Token]) -> Iterator[Markup]:
    links: list[bool] = []
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close" | "em_open" | "em_close":
                yield Markup(_MARKS[token.type])  # noqa: S704  # a tag of ours
            case "link_open":
                address = str(token.attrs.get("href", ""))
                links.append(_SAFE_ADDRESS.fullmatch(address) is not None)
                if links[-1]:
                    yield Markup('<a href="{}">').format(address)
            case "link_close":
                if links.pop():
                    yield Markup("</a>")
            case "code_inline":
                yield Markup("<code>{}</code>").format(token.content)
            case _:
                yield escape(token.content)


def _lines(block: Block) -> list[str]:
    match block:
        case Paragraph(text=text):
            return [words(text)]
        case Steps(items=items):
            return [f"{number}. {words(item)}" for number, item in enumerate(items, 1)]
        case Fields(items=pairs, title=title):
            return [words(title)] * bool(title) + [f"{words(label)}: {words(value)}" for label, value in pairs]
        case Sources(items=sources):
            return [_source(source) for source in sources]
        case Image(alternative=alternative, url=url):
            return [f"{words(alternative)} ({url})" if _SAFE_ADDRESS.fullmatch(url) else words(alternative)]
        case Files(items=files):
            return [f"📎 {file.name}" for file in files]
        case _:
            return []


def _source(source: Source) -> str:
    named = f"[{words(source.title)}]"
    return f"{named} ({source.link})" if source.link and _SAFE_ADDRESS.fullmatch(source.link) else named


def _block(block: Block) -> Markup:
    match block:
        case Steps(items=items):
            return _all("<ol>{}</ol>", "<li>{}</li>", [inline(item) for item in items])
        case Fields(items=pairs, title=title):
            head = Markup("<p><strong>{}</strong></p>").format(inline(title)) if title else Markup("")
            rows = [Markup("{}: {}").format(inline(label), inline(value)) for label, value in pairs]
            return head + _all("<ul>{}</ul>", "<li>{}</li>", rows)
        case Paragraph(text=text):
            return Markup("<p>{}</p>").format(inline(text))
        case _:
            return Markup("<p>{}</p>").format(Markup("<br>").join(map(escape, _lines(block))))


def _all(around: str, each: str, items: list[Markup]) -> Markup:
    return Markup(around).format(Markup("").join(Markup(each).format(item) for item in items))  # noqa: S704  # ours
