"""Passwords, tokens, keys and card numbers that were pasted by mistake: taken out before anything is stored.

Rather one masked word too many than a password kept; but people write far more about passwords than they write
passwords, so what follows "password is" must not be a plain statement ("expired", "not working").
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from bot.model.messages import MaskedSecret, MaskedText
from bot.understanding.lexicon import read
from bot.understanding.normalise import fold

MASK = "●●●●"

_Span = tuple[int, int, str]

_TOKENS = (
    ("token", re.compile(r"\bxox[a-z]-[A-Za-z0-9-]{8,}|\bxapp-[A-Za-z0-9-]{8,}")),
    ("token", re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|hf_|shpat_)[A-Za-z0-9_-]{10,}")),
    ("token", re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?")),
    ("token", re.compile(r"(?i)\bbearer\s+([A-Za-z0-9._~+/-]{12,}=*)")),
    ("token", re.compile(r"(?i)\bauthorization\s*:\s*basic\s+([A-Za-z0-9+/]{6,}=*)")),
    ("key", re.compile(r"\b(?:sk|pk|rk)[-_](?:[a-z]{2,8}[-_]){0,2}[A-Za-z0-9_-]{16,}")),
    (
        "key",
        re.compile(
            r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{30,}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
        ),
    ),
    ("password", re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,15}://[^\s:/@]{1,64}:([^\s@/]{1,128})@")),
    (
        "password",  # login / pass: jdupont / Azerty123
        re.compile(
            r"(?i)\b(?:login|user(?:name)?|identifiants?|id|compte)\s?[/&+]\s?(?:mdp|pass(?:word)?|pwd|mot\s+de\s+passe)"
            r"\s?[:=]\s?[^\s/|]{1,64}\s?[/|:, ]\s?([^\s/|]{1,128})"
        ),
    ),
)
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")
_PEM_END = re.compile(r"-----END [A-Z ]{0,30}PRIVATE KEY-----")

_NAMES = (
    r"(?:mots?\s+de\s+passe?|mot2passe|motdepasse|mdp|mpd|pass\s?words?|passwo?rd|pass\s?codes?|pass\s?phrases?|pwd|psw|passe?|pw"
    r"|(?:wi-?fi|wpa2?|network|security|s[ée]curit[ée])\s+(?:key|pass)|cl[ée]\s+(?:wi-?fi|wpa2?|de\s+s[ée]curit[ée])"
    r"|code\s+(?:pin|puk|secret|de\s+(?:v[ée]rification|validation|s[ée]curit[ée]))|(?:pin|puk)\s+code|pin|puk"
    r"|(?:verification|security|one-time|access)\s+code|otp)"
)
_KEY_NAMES = (
    r"(?:(?:api|access|secret|private|license|encryption|aws)[\s_-]{0,2}(?:access[\s_-]?)?(?:key|token|secret)(?:[\s_-]id)?"
    r"|cl[ée]\s+(?:d['’]\s?)?api|client[\s_-]secret|aws_secret_access_key|token|jeton|secret)"
)
# What may stand between the name and the value: "for the VPN", "windows", "actuel".
_ABOUT = (
    r"(?:\s+(?:(?:for|to|of|on|du|de|pour|de\s+la|le|la|mon|my|the)\s+)?"
    r"(?!is\b|was\b|est\b|c['’]?est\b|now\b)[\w.'’-]{1,24}){0,3}?"
)
_JOINED = re.compile(
    rf"(?i)(?<![\w-])(?P<name>{_NAMES}|{_KEY_NAMES})(?![\w-]){_ABOUT}\s{{0,3}}"
    r"(?P<link>[:=]|->|=>|\b(?:is|was|are|est|etait|était|sera|c['’ ]?est|cest)\b(?!-)"
    r"(?:\s+(?:now|maintenant|currently|désormais))?\s{0,3}:?)\s{0,3}"
    r"(?P<value>\"[^\"\n]{1,128}\"|«[^»\n]{1,128}»|“[^”\n]{1,128}”|`[^`\n]{1,128}`|'[^'\n]{1,128}'(?!\w)|\S{1,256})"
)
# Without a link: "mdp Soleil2024!", "changed my password to Soleil2024!" - only what looks like one.
_BARE = re.compile(rf"(?i)(?<![\w-]){_NAMES}(?![\w-])\s+(?:to\s+|en\s+|par\s+|as\s+)?(?P<value>\S{{4,128}})")
_PIN = re.compile(r"(?i)\b(?:pin|puk)(?:[ ]code)?[ ](?P<value>\d{4,8})(?!\w)")
_DIGITS = re.compile(r"(?<![\d+])(?:\d[ -]?){12,18}\d(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_CARD_LENGTHS = {"2": (16,), "3": (14, 15), "4": (13, 16, 19), "5": (16,), "6": (16, 19)}
_EDGES = ".,;:!?)(]}>\"'«»“”`…"
_PROSE_AFTER = re.compile(r"[ \t]+[^\W\d_]{2,}[ \t]+[^\W\d_]{2,}")


@cache
def _statements() -> tuple[frozenset[str], tuple[str, ...]]:
    """Words that say something about a password rather than being one, and endings of such words."""
    content = read("secrets")
    return frozenset(fold(word) for word in content["statements"]), tuple(content["endings"])


def mask(text: str) -> MaskedText:
    """The text with each secret replaced by MASK, and the kind of each, in the order of the text."""
    found = secret_spans(text)
    masked, at = [], 0
    for start, end, _ in found:
        masked += [text[at:start], MASK]
        at = end
    return MaskedText("".join([*masked, text[at:]]), tuple(MaskedSecret(kind) for _, _, kind in found))


def secret_spans(text: str) -> list[tuple[int, int, str]]:
    """Where each secret begins and ends, and its kind, in the order of the text; they do not overlap."""
    spans: list[_Span] = []
    for start, end, kind in sorted(_found(text), key=lambda span: (span[0], -span[1])):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]), spans[-1][2])
        else:
            spans.append((start, end, kind))
    return spans


def _found(text: str) -> Iterator[_Span]:
    yield from _pem(text)
    for kind, pattern in _TOKENS:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            yield match.start(group), match.end(group), kind
    yield from _named(text, _JOINED.finditer(text))
    yield from _bare(text)
    yield from _numbers(text)


def _pem(text: str) -> Iterator[_Span]:
    """Private keys; one that is cut off runs to the end of the text."""
    at = 0
    while begin := _PEM_BEGIN.search(text, at):
        end = _PEM_END.search(text, begin.end())
        at = end.end() if end else len(text)
        yield begin.start(), at, "key"


def _named(text: str, matches: Iterable[re.Match[str]]) -> Iterator[_Span]:
    for match in matches:
        start, end = match.span("value")
        quoted = text[start] in "\"«“`'" and end - start > 2
        start, end = _trimmed(text, start, end, keep_end=not quoted)
        value = text[start:end]
        if not value or value == MASK:
            continue
        explicit = match["link"][-1] in ":=>"
        if quoted or _is_secret(value, explicit, text[end:]):
            name = fold(match["name"])
            kind = (
                "token"
                if "token" in name or "jeton" in name
                else "key"
                if re.fullmatch(_KEY_NAMES, name)
                else "password"
            )
            yield start, end, kind


def _bare(text: str) -> Iterator[_Span]:
    for match in _BARE.finditer(text):
        start, end = _trimmed(text, *match.span("value"), keep_end=True)
        value = text[start:end]
        if fold(value) not in _statements()[0] and _looks_chosen(value):
            yield start, end, "password"
    for match in _PIN.finditer(text):
        yield *match.span("value"), "password"


def _is_secret(value: str, explicit: bool, after: str) -> bool:
    """Whether what stands where a password may stand is one."""
    statements, endings = _statements()
    folded = fold(value).strip(_EDGES)
    head = re.split(r"['’/]", folded, maxsplit=1)[0]
    if folded in statements or head in statements or not folded or len(value) < 2:
        return False
    if value.startswith(("http://", "https://", "#", "@", "<")) or MASK in value:
        return False
    if any(not char.isalpha() and char not in "'’-" for char in value):
        return True
    if value.strip(_EDGES).endswith(endings) and value == value.lower():
        return False
    prose = explicit and bool(_PROSE_AFTER.match(after)) and value[1:] == value[1:].lower()
    return not prose


def _looks_chosen(value: str) -> bool:
    """A digit beside letters or signs, as in Soleil2024!; not a date, a time, a year, an e-mail or a model's name."""
    if "@" in value[1:] and "." in value.rpartition("@")[2]:
        return False
    digits = sum(char.isdigit() for char in value)
    letters = sum(char.isalpha() for char in value)
    return (
        digits >= 1
        and letters >= 2
        and len(value) >= 6
        and not re.fullmatch(r"(?i)\d{1,2}h\d{0,2}|[a-z]{1,3}-?\d{2,3}|[a-z]+365", value)
    )


def _trimmed(text: str, start: int, end: int, *, keep_end: bool) -> tuple[int, int]:
    """Without quotes and brackets around; signs at the end may be part of a password: only a last full stop,
    comma or bracket that closes nothing goes."""
    while start < end and text[start] in "\"«“`'([ ":
        start += 1
    while end > start and text[end - 1] in (".,;)]\"'»”`" if keep_end else "\"»”`' "):
        end -= 1
    return start, end


def _numbers(text: str) -> Iterator[_Span]:
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) in _CARD_LENGTHS.get(digits[0], ()) and _card_prefix(digits) and luhn(digits):
            yield match.start(), match.end(), "card"
    for match in _IBAN.finditer(text):
        if is_iban(match.group().replace(" ", "")):
            yield match.start(), match.end(), "card"


def _card_prefix(digits: str) -> bool:
    """15 digits that begin with 35 are a phone's IMEI: of the threes only American Express and Diners count."""
    return digits[0] != "3" or digits[:2] in ("34", "37") or (len(digits) == 14 and digits[:2] in ("30", "36", "38"))


def luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_iban(compact: str) -> bool:
    """ISO 13616: moved round and read in base 36, the number is 1 modulo 97."""
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1
