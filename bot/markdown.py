"""An article's Markdown taken apart for an answer: what it is about, what to do step by step, what else there is."""

from dataclasses import dataclass
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

LONGEST_BODY = 1_000_000  # characters looked at; what is beyond is not shown


@dataclass(frozen=True, slots=True)
class Section:
    """`heading` is empty for what follows the steps without a heading of its own."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """Inline Markdown throughout; an empty line between paragraphs, each item of a list on a line of its own.

    `intro` is what stands before the steps and before the first heading; a level 1 heading at the very top is the
    title and left out. `steps` are the items of the first numbered list, wherever it stands; numbered lists that go on
    counting after an interruption (a picture, a remark) belong to it.
    """

    intro: str
    steps: tuple[str, ...]
    sections: tuple[Section, ...]


@cache
def markdown_parser() -> MarkdownIt:
    """CommonMark blocks with tables; inline mark-up is left as it is written, which also keeps hostile text cheap.

    HTML is text like any other: an article is never a way to bring mark-up into an answer. One parser serves all
    threads, since what it learns of a text is kept with the text; to make one takes as long as to parse an article.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.parse("")  # orders its rules now, before threads share it
    return parser


@lru_cache(maxsize=512)
def parse(body: str) -> ParsedArticle:
    """Never raises, whatever the text."""
    blocks = SyntaxTreeNode(markdown_parser().parse(body[:LONGEST_BODY])).children
    if blocks and blocks[0].type == "heading" and blocks[0].tag == "h1":
        blocks = blocks[1:]
    intro: list[str] = []
    steps: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    text = intro
    for block in blocks:
        if block.type == "heading":
            text = []
            sections.append((_inline(block), text))
        elif block.type == "ordered_list" and _continues(block, steps):
            steps += [_item(item) for item in block.children]
            if text is intro:
                text = []
                sections.append(("", text))
        elif rendered := _block(block):
            text.append(rendered)
    return ParsedArticle(
        intro="\n\n".join(intro),
        steps=tuple(step for step in steps if step),
        sections=tuple(Section(heading, "\n\n".join(lines)) for heading, lines in sections if lines),
    )


def _continues(block: SyntaxTreeNode, steps: list[str]) -> bool:
    return not steps or block.attrs.get("start") == len(steps) + 1


def _block(block: SyntaxTreeNode) -> str:
    match block.type:
        case "paragraph" | "heading":
            return _inline(block)
        case "bullet_list":
            return "\n".join(f"• {item}" for item in map(_item, block.children) if item)
        case "ordered_list":
            first = int(block.attrs.get("start", 1))
            return "\n".join(f"{number}. {_item(item)}" for number, item in enumerate(block.children, first))
        case "fence" | "code_block":
            return "\n".join(_code(line) for line in block.content.splitlines() if line.strip())
        case "table":
            rows = [row for part in block.children for row in part.children]
            return "\n".join(" · ".join(_inline(cell) for cell in row.children) for row in rows)
        case "blockquote":
            return "\n\n".join(filter(None, map(_block, block.children)))
        case _:
            return ""


def _item(item: SyntaxTreeNode) -> str:
    return "\n".join(filter(None, map(_block, item.children)))


def _inline(block: SyntaxTreeNode) -> str:
    lines = [child.content for child in block.children if child.type == "inline"]
    return " ".join(" ".join(lines).split())


def _code(line: str) -> str:
    fence = "``" if "`" in line else "`"
    return f"{fence}{line.strip()}{fence}"
