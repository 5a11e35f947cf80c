"""What a message itself says: without the signature below it and the mail quoted under it."""

import re

from bot.understanding.normalise import fold

_CLOSING = re.compile(
    r"(?:bien |tres )?(?:cordialement|amicalement|respectueusement)"
    r"|bien a (?:vous|toi)|salutations(?: distinguees)?|sinceres salutations"
    r"|(?:best|kind|kindest|warm|many)? ?regards|(?:yours )?(?:sincerely|faithfully)"
    r"|best wishes|all the best|cheers|bonne journee|cdlt|cdt|best|-- ?|__+|==+"
)
_SENT_FROM = re.compile(
    r"(?im)^[ \t]*(?:sent from (?:my|mail for)|get outlook for"
    r"|envoy[ée] (?:de|depuis) (?:mon|mail|l['’])|t[ée]l[ée]charger outlook)"
)
_QUOTED = re.compile(
    r"(?im)^[ \t]*(?:>|-{3,} ?(?:original message|message d['’]origine|forwarded message|message transf[ée]r[ée])"
    r"|(?:on|le) [^\n]{6,80}(?:wrote|a [ée]crit) ?:)"
)


def body(text: str) -> str:
    """The text up to its signature, its "sent from" line or the first quoted line; all of it if nothing would be left.

    A closing such as "Cordialement" counts only on a line of its own (a comma or the name may follow).
    """
    end = len(text)
    for pattern in (_SENT_FROM, _QUOTED):
        if match := pattern.search(text):
            end = min(end, match.start())
    position = 0
    for line in text[:end].splitlines(keepends=True):
        if position and len(line) <= 80 and _CLOSING.match(fold(line.strip()) or " ") and _is_closing(line):
            end = position
            break
        position += len(line)
    return text[:end] if text[:end].strip() else text


def _is_closing(line: str) -> bool:
    """ "Cordialement," or "Best regards, Jean" - not "Cheers for the help, but it still fails"."""
    head, _, rest = fold(line.strip()).partition(",")
    return bool(_CLOSING.fullmatch(head.strip(" .!"))) and len(rest.split()) <= 10


def without_sent_from(text: str) -> str:
    """Without the line that a phone adds: its model is not what the message is about."""
    match = _SENT_FROM.search(text)
    return text[: match.start()] if match and text[: match.start()].strip() else text
