"""What a message names: device models, error codes, serial numbers, phones, e-mails, applications, tickets."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from bot.model.messages import Entities
from bot.understanding.lexicon import read
from bot.understanding.normalise import fold
from bot.understanding.phrases import Evidence
from bot.understanding.secrets import MASK

_Span = tuple[int, int]

EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,120}\.[A-Za-z]{2,24}(?![\w-])")
_URL = re.compile(r"\bhttps?://\S{1,500}|\bwww\.\S{1,300}", re.IGNORECASE)
PHONE = re.compile(
    r"(?<![\w+.])(?:"
    r"(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(0\)[ .-]?)?(?:\d[ .-]?){6,11}\d"  # international
    r"|0[1-9](?:[ .-]?\d{2}){4}"  # France
    r"|0\d{3,4}[ -]\d{3}[ -]?\d{3,4}"  # United Kingdom
    r"|\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}"  # North America
    r")(?![\w]|[.-]\d)"
)
SERIAL = re.compile(
    r"(?i)(?<!\w)(?:serial(?:\s+(?:number|no\.?|nr|#))?|s/n|sn|service\s+tag|imei|(?:num[ée]ro|n[°o]\.?|num\.?)\s?de\s+s[ée]rie)"
    r"(?:\s?(?:is|est|[:=#-]|c['’]est)){0,2}\s?(?P<value>(?=[A-Za-z-]{0,24}\d)[A-Za-z0-9][A-Za-z0-9-]{4,24})(?![\w-])"
)
_HEX = r"0x[0-9a-fA-F]{2,16}"
_NAMED_CODE = re.compile(
    r"(?i)(?<!\w)(?:code|error|erreur|err|fault|d[ée]faut|stop|http|message)s?"
    r"(?:\s(?:code|erreur|error|d['’]erreur|message|affich[ée]e?|is|est))?"
    r"\s?(?:n[°ºo]\.?|num[ée]ro|number|[:#=])?\s?[\"'«“(]?\s?"
    r"(?P<value>"
    + _HEX
    + r"|(?=[A-Za-z_]{0,12}[-.]?\d)[A-Za-z]{0,12}[-_.]?\d[\dA-Za-z]{0,9}(?:[._-]\d[\dA-Za-z]{0,6}){0,3})(?![\w])"
)
_PLAIN_CODE = re.compile(
    r"(?<![\w-])(?:"
    + _HEX
    + r"|[Ee]-\d{1,4}|E\d{2,4}|AADSTS\d{4,8}|(?:ERR|NET|SSL|DNS|STATUS|ERROR)(?:_[A-Z0-9]{2,20}){1,6}"
    r"|[A-Z]{4,20}(?:_[A-Z]{2,20}){1,5}|CAA[0-9A-F]{5,8})(?![\w-])"
)
_PRINTER_CODE = re.compile(
    r"(?<![\w.,:/-])\d{2}\.[0-9A-Z]{1,2}(?:\.\d{2})?(?![\w.,:/-]|\s?(?:€|%|euros?|eur\b|usd|\$|h\b|go\b|gb\b))",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"(?i)\b(?:errors?|erreurs?|codes?|affiche\w*|display\w*|says?|dit|shows?|showing|screen|[ée]cran|message)\b"
)
_NOT_A_CODE = re.compile(
    r"(?i)\s?(?:times|fois|minutes?|mins?|heures?|hours?|days?|jours?|euros?|€|%|personnes?|people|pc\b|users?)"
)
_MODEL_WORD = re.compile(r"(?<![\w@./_-])[A-Za-z]{1,6}-?\d{1,5}[A-Za-z]{0,4}(?![\w@_]|-\w|\.\w)")
_DASHED = re.compile(r"[A-Za-z]{2,4}-\d{2,5}[a-z]{0,4}", re.IGNORECASE)
_SUFFIXED = re.compile(r"[A-Za-z]{1,3}\d{3,5}[A-Za-z]{1,4}")
_TICKET = re.compile(
    r"(?i)(?<![\w-])#?t-?(?P<short>\d{1,7})(?![\w-]|\.\d)"
    r"|(?<!\w)tickets?\s?(?:n[°ºo]\.?|num[ée]ro|number|no\.?|#|:)?\s?#?"
    r"(?P<long>\d{1,7})(?![\w-]|\s?(?:€|euros?|jours?|days?))"
)
_OWNED = re.compile(
    r"(?i)\b(?:my|mon|un|a|new|nouveau|thinkpad|lenovo|laptop|portable|pc|model|mod[èe]le|ordi(?:nateur)?)\s$"
)
_OWN_THINKPAD = re.compile(r"(?i)[tx]\d{2}s?")  # "my T14" is a computer; "T14" is a ticket
_BEFORE = 24


@cache
def _names() -> dict[str, frozenset[str]]:
    return {name: frozenset(fold(word) for word in words) for name, words in read("devices").items()}


@cache
def _branded() -> re.Pattern[str]:
    """A maker or a line of products, up to three words of its name, and the model if there is one."""
    makers = "|".join(sorted(map(re.escape, _names()["makers"]), key=len, reverse=True))
    lines = "|".join(sorted(map(re.escape, _names()["lines"]), key=len, reverse=True))
    model = r"(?=[A-Za-z-]{0,6}\d)[A-Za-z0-9][A-Za-z0-9-]{0,11}"
    return re.compile(
        rf"(?i)(?<![\w-])(?:(?:{makers})(?:\s(?:{lines})){{0,2}}"
        rf"\s(?:(?:pro|air|mini|plus|max|series|color|mfp)\s)?{model}(?![\w-])"
        rf"|(?:{lines})(?:\s(?:pro|air|mini|plus|max|ultra|go|se|\d{{1,2}}|{model}))+(?![\w-]))"
    )


def entities(text: str, evidence: Evidence, catalogue: Iterable[str] = ()) -> Entities:
    """`evidence` brings the applications; `catalogue` are device models known besides those that look like one."""
    taken: list[_Span] = [match.span() for match in _URL.finditer(text)]
    emails = _take(text, (match.span() for match in EMAIL.finditer(text)), taken)
    serials = _take(text, (match.span("value") for match in SERIAL.finditer(text)), taken)
    phones = _take(text, (match.span() for match in PHONE.finditer(text)), taken)
    known = _take(text, _catalogued(text, catalogue), taken)
    branded = [match.span() for match in _branded().finditer(text)]
    codes = _take(text, _error_codes(text, branded), taken)
    devices = [*known, *_take(text, branded, taken), *_take(text, _models(text), taken)]
    applications = [hit.words for hit in evidence.of("applications.names")]
    return Entities(_once(devices), _once(codes), _once(serials), _once(phones), _once(emails), _once(applications))


def without_identifiers(text: str) -> str:
    """The text with e-mail addresses, serial numbers and phone numbers masked: what is kept to be counted and read by
    others than those it was said to."""
    return masked_identifiers(text)[0]


def masked_identifiers(text: str) -> tuple[str, tuple[str, ...]]:
    """The same, with the kinds that were found: email, serial, phone."""
    kinds = []
    for kind, pattern in (("email", EMAIL), ("serial", SERIAL), ("phone", PHONE)):
        text, count = pattern.subn(_hidden, text)
        kinds += [kind] * bool(count)
    return text, tuple(kinds)


def _hidden(match: re.Match[str]) -> str:
    value = match["value"] if "value" in match.re.groupindex else match.group()
    return match.group().replace(value, MASK)


def ticket_references(text: str, devices: Sequence[str]) -> tuple[int, ...]:
    """Numbers of the tickets named: T12, ticket 12, #T12; never a ThinkPad T14."""
    found = []
    for match in _TICKET.finditer(text):
        short = match["short"]
        if short and (
            _OWNED.search(text[max(0, match.start() - _BEFORE) : match.start()]) or _in_device(match.group(), devices)
        ):
            continue
        found.append(int(short or match["long"]))
    return tuple(number for number in dict.fromkeys(found) if number > 0)


def _in_device(word: str, devices: Sequence[str]) -> bool:
    return any(word.lower() in device.lower().split() for device in devices)


def _error_codes(text: str, branded: Sequence[_Span]) -> Iterator[_Span]:
    for match in _NAMED_CODE.finditer(text):
        word = fold(text[match.start() : match.start("value")]).split()
        if _NOT_A_CODE.match(text, match.end()) or (
            word and word[0].startswith("message") and "." not in match["value"] and "0x" not in match["value"]
        ):
            continue
        if any(start <= match.start("value") < end for start, end in branded):
            continue
        yield match.span("value")
    yield from (match.span() for match in _PLAIN_CODE.finditer(text))
    if _SHOWN.search(text):
        yield from (match.span() for match in _PRINTER_CODE.finditer(text))


def _models(text: str) -> Iterator[_Span]:
    """Words that look like a model: with a dash (LX-420), with a suffix (M404dn), or after a word for a device."""
    names = _names()
    for match in _MODEL_WORD.finditer(text):
        word = match.group()
        if _OWN_THINKPAD.fullmatch(word) and _OWNED.search(text[max(0, match.start() - _BEFORE) : match.start()]):
            yield match.span()
            continue
        prefix = fold(re.split(r"[-\d]", word, maxsplit=1)[0])
        before = fold(text[max(0, match.start() - _BEFORE) : match.start()]).replace("'", " ").split()[-2:]
        if any(name in names["places"] for name in before[-1:]):
            continue
        near_device = any(name in names["devices"] for name in before)
        digits = sum(char.isdigit() for char in word)
        if (prefix in names["not_models"] and not (near_device and digits >= 3)) or fold(word) in names["not_models"]:
            continue
        if _DASHED.fullmatch(word) or _SUFFIXED.fullmatch(word) or (near_device and len(word) >= 3):
            yield match.span()


def _catalogued(text: str, catalogue: Iterable[str]) -> Iterator[_Span]:
    """Known models, whatever the case, with or without the dash or space; of two at one place the one named first."""
    if pattern := _known_models(tuple(catalogue)):
        yield from (match.span() for match in pattern.finditer(text))


@lru_cache(maxsize=8)
def _known_models(catalogue: tuple[str, ...]) -> re.Pattern[str] | None:
    names = [r"[\s-]?".join(parts) for model in catalogue if (parts := re.findall(r"[A-Za-z]+|\d+", model))]
    return re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(names)})(?![\w-])") if names else None


def _take(text: str, spans: Iterable[_Span], taken: list[_Span]) -> list[str]:
    """The words of the spans that nothing has claimed before; they are claimed now."""
    words = []
    for start, end in spans:
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            taken.append((start, end))
            words.append(text[start:end].strip(" -."))
    return words


def _once(words: Iterable[str]) -> tuple[str, ...]:
    """Each value once, however it is cased."""
    first: dict[str, str] = {}
    for word in words:
        first.setdefault(word.lower(), word)
    return tuple(first.values())
