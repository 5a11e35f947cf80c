"""Text that was never Markdown, as Markdown: nothing in it may be taken for a mark."""

import re

from bot.model.documents import plain

# What `plain` leaves alone, since it means something only at the start of a line: lists, rules, underlined headings.
_MARK = re.compile(r"\d{1,9}[.)](?=\s|$)|[-+=](?=[\s=-]|$)")
_GUARD = "\xa0"  # no indentation to Markdown, and not to be seen: a backslash before such a mark would be shown
_LIST_ITEM = re.compile(r"(?:(\d{1,2})[.)]|[-•*‣◦▪])[ \t]+(?=\S)")


def escaped(text: str) -> str:
    """One line of text that stays what it is, wherever it stands."""
    return guarded(plain(" ".join(text.split())))


def guarded(line: str) -> str:
    """A line that begins like an item of a list, or a rule, so that it is neither."""
    return _GUARD + line if _MARK.match(line) else line


def paragraphs(text: str, *, lists: bool) -> str:
    """Lines and paragraphs kept; with `lists`, lines that begin like items of a list are a list."""
    blocks: list[str] = []
    before = ""  # what the line above was
    for line in text.splitlines():
        stripped = line.strip()
        kind = _kind(stripped) if lists else "text" if stripped else ""
        if kind in ("number", "bullet"):
            item = _LIST_ITEM.match(stripped)
            assert item
            mark = f"{int(item[1])}. " if item[1] else "- "
            made = mark + escaped(stripped[item.end() :])
        else:
            made = escaped(stripped)
        if made and before == kind:
            blocks[-1] += ("\n" if kind != "text" else "  \n") + made
        elif made:
            blocks.append(made)
        before = kind
    return "\n\n".join(blocks)


def _kind(line: str) -> str:
    if not line:
        return ""
    item = _LIST_ITEM.match(line)
    return "text" if not item else "number" if item[1] else "bullet"
