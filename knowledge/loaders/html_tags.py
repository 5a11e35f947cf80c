"""HTML made harmless for its parser, in one pass: only whole tags are left in it.

The parser of the standard library looks at the rest of a page again for every tag, comment or script that does not end,
which takes hours for a page of a megabyte that is made for it.
"""

import re

# A tag with its quoted attributes; what is matched is never given back.
_TAG = re.compile(r"""</?[a-zA-Z](?:[^<>"']++|"[^"]{0,2000}+"|'[^']{0,2000}+')*+>""")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_RAW = {name: re.compile(rf"</{name}[\s>/]", re.IGNORECASE) for name in ("script", "style", "template", "noscript")}


def whole_tags(html: str) -> str:
    """Without comments, declarations and scripts; a "<" that begins no tag is text."""
    kept: list[str] = []
    at = 0
    while (start := html.find("<", at)) >= 0:
        kept.append(html[at:start])
        if html.startswith("<!--", start):
            at = _after(html, "-->", start + 4)
        elif html.startswith("<![CDATA[", start):
            at = _after(html, "]]>", start)
        elif html.startswith(("<!", "<?"), start):
            at = _after(html, ">", start)
        elif tag := _TAG.match(html, start):
            at = tag.end()
            name = _NAME.match(html, start)
            raw = _RAW.get(name[1].lower()) if name and html[start + 1] != "/" else None
            if raw:
                closing = raw.search(html, at)
                at = _after(html, ">", closing.start()) if closing else len(html)
            else:
                kept.append(tag.group())
        else:
            kept.append("&lt;")
            at = start + 1
    kept.append(html[at:])
    return "".join(kept)


def _after(html: str, end: str, start: int) -> int:
    """Behind the next `end`; without one, everything belongs to what it should have ended."""
    found = html.find(end, start)
    return found + len(end) if found >= 0 else len(html)
