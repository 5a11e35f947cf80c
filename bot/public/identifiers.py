"""Identifiers that have a shape: numbers of people and contracts, addresses of every kind, and what only the
organisation's own people can open. Rather one word too many than one that should not have been published."""

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

import phonenumbers

from bot.understanding.entities import EMAIL, PHONE, SERIAL
from bot.understanding.secrets import is_iban, secret_spans

Span = tuple[int, int, str]  # start, end, kind

_STRASSE = r"[^\W\d_]+(?:stra(?:ß|ss)e|weg|platz|allee|gasse|laan|straat)"
_STREET = re.compile(
    r"(?i)(?<!\w)\d{1,5}(?:[ ]?(?:bis|ter|quater|[a-d]))?,?[ ](?:"
    r"(?:rue|avenue|av\.?|boulevard|boul\.?|bd\.?|bld\.?|place|pl\.|chemin|ch\.|all[ée]e|impasse|quai|route|rte\.?|cours"
    r"|square|passage|sentier|faubourg|fg\.?|lotissement|r[ée]sidence|esplanade|promenade|via|calle|ruelle|villa)"
    r"[ ](?:(?:de|du|des|la|le|les|l['’]|d['’])[ ]?){0,2}[\w'’.-]{2,40}(?:[ ](?-i:[A-ZÀ-ÖØ-Þ])[\w'’.-]{1,40}){0,3}"
    r"|(?-i:[A-ZÀ-ÖØ-Þ])[\w'’.-]{1,30}(?:[ ][\w'’.-]{2,30}){0,3}?"
    r"[ ](?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|close|court|crescent|terrace|gardens?|mews|way"
    r"|square|sq|place|pl|row|hill|parkway|pkwy|highway|hwy)(?!\w)"
    rf")|(?<!\w){_STRASSE}[ ]\d{{1,4}}[a-z]?(?!\w)"
)
_TOWN = re.compile(  # a postal code and the place it is of
    r"(?<![\w.,])(?:(?:F-|FR-|B-|CH-|L-|D-)?\d{5}[ ](?!(?:Go|Mo|Ko|To|GB|MB|KB|Hz|W)\b)"
    r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿA-ZÀ-ÖØ-Þ'’-]{2,40}"
    r"|[A-Z]{2}[ ]\d{5}(?:-\d{4})?|(?:[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}))(?!\w)"
)
_FLAT = re.compile(
    r"(?i)(?<!\w)(?:po box|bo[iî]te postale|bp|b\.p\.|cs|flat|appartement|appt?\.?|apt\.?)[ ]?"
    r"(?:n[°o][ ]?)?\d{1,6}(?!\w)"
)
# What such a number is of: in English before the word "number", in French after it.
_NUMBERED = (
    r"(?:customer|client|account|contract|policy|member(?:ship)?|subscriber|order|invoice|booking|reservation|tracking"
    r"|parcel|shipment|employee|staff|personnel|passport|licen[cs]e|social security|(?:national )?insurance|tax|case"
    r"|claim|file|meter|patient|student|serial|part|sim|card)"
)
_NUMEROTES = (
    r"(?:client|compte|contrat|police|abonn[ée]e?|abonnement|adh[ée]rente?|commande|facture|r[ée]servation|colis|suivi"
    r"|dossier|ligne|salari[ée]|employ[ée]|passeport|permis|s[ée]curit[ée] sociale|assur[ée]e?|assurance|fiscal"
    r"|s[ée]rie|compteur|patient|carte|sim)"
)
_NUMBER = r"(?:n[°ºo]\.?|num(?:[ée]ro|ber)?\.?|nr|no\.?|id(?:entifi(?:er|ant))?|r[ée]f(?:[ée]rence)?\.?|code|\#)"
_NAMED_NUMBER = re.compile(
    rf"""(?ix) (?<!\w) (?:
        (?: {_NUMBERED.replace(" ", "[ ]")} | {_NUMEROTES.replace(" ", "[ ]")} ) [ ]? (?: {_NUMBER} | : | \# )
        | {_NUMBER} [ ]? (?: (?:de|du|of|for) [ ] | d['’] )? (?: (?:la|le|votre|mon|my|your|the) [ ] | l['’] )?
          (?: {_NUMEROTES.replace(" ", "[ ]")} | {_NUMBERED.replace(" ", "[ ]")} )
        | matricule | nir | nin | ssn | imei | imsi | iccid | vin | siren | siret | iban | bic | rib
    ) [ ]? (?: (?: is | est | was | = | : | \# | n[°ºo]\.? | c['’]est ) [ ]? ){{0,2}}
    (?P<value> (?= [A-Z0-9./_ -]{{0,24}} \d)
        [A-Z0-9] (?: [A-Z0-9] | [./_-](?=[A-Z0-9]) | [ ](?=\d) ){{3,34}} ) (?!\w)"""
)
_NAMED_PHONE = re.compile(
    r"(?i)(?<!\w)(?:t[ée]l(?:[ée]phone)?|phone|mobile|cell|portable|fax|gsm|whatsapp|appel(?:ez|er|le)|call|ring|joignable)"
    r"(?:\.|[ ](?:me|moi|us|nous|him|her|them|number|is|est|at|on|au|le|sur))*(?:\.|[ ]?[:=])?[ ]{0,2}"
    r"(?P<value>\+?\(?\d(?:[ ./()-]{0,2}\d){6,14})(?!\w)"
)
_LONG = re.compile(r"(?<![\w.,/:])\d(?:[ .-]?\d){8,33}(?![\w/:]|[.,-]\d)")
_IBAN = re.compile(r"(?i)(?<![a-z0-9])[a-z]{2}[ -]?\d{2}(?:[ -]?[a-z0-9]){11,30}")
# How long the number of an account is in each country that has such numbers (registry of ISO 13616).
_IBAN_LENGTHS = {
    country: int(length)
    for length, *countries in map(
        str.split,
        (
            *("15 NO", "16 BE", "18 DK FI FO GL NL SD", "19 MK SI", "20 AT BA EE KZ LT LU MN XK", "21 CH CR HR LI LV"),
            *("22 BG BH DE GB GE IE ME RS VA", "23 AE GI IL IQ OM SO TL", "24 AD CZ ES MD PK RO SA SE SK TN VG"),
            *("25 LY PT ST", "26 IS TR", "27 BI DJ FR GF GP GR IT MC MQ MR NC PF PM RE SM TF WF YT"),
            *("28 AL AZ BY CY DO GT HN HU LB NI PL SV", "29 BR EG PS QA UA", "30 JO KW MU YE", "31 MT SC", "32 LC"),
            "33 RU",
        ),
    )
    for country in countries
}
_NIR = re.compile(
    r"(?<!\d)[1-478][ .-]?\d{2}[ .-]?(?:0[1-9]|[1-9]\d)[ .-]?(?:\d{2}|2[ABab])"
    r"[ .-]?\d{3}[ .-]?\d{3}(?:[ .-]?\d{2})?(?!\d)"
)
_SSN = re.compile(r"(?<!\w)(?:\d{3}-\d{2}-\d{4}|[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])(?![\w-])")
_PLATE = re.compile(r"(?<!\w)[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}(?![\w-])")
_BORN = re.compile(
    r"(?i)(?<!\w)(?:n[ée]e? le|date de naissance|birth ?date|date of birth|dob|born(?: on)?)[ ]?(?:is|est|:)?[ ]?"
    r"(?P<value>\d{1,4}(?:[ ./-]\d{1,2}[ ./-]\d{2,4}|(?:er|st|nd|rd|th)?[ ][^\W\d_]{3,10}[ ,]{1,2}\d{4})"
    r"|[^\W\d_]{3,10}[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ]\d{4})"
)
_SPELT_EMAIL = re.compile(
    r"(?i)(?<![\w.%+-])[\w.%+-]{1,64}[ ]?(?:[\[({<][ ]?(?:at|@|arobase|chez)[ ]?[\])}>]|[ ](?:arobase|at|@)[ ]|@)[ ]?"
    r"[a-z0-9-]{1,60}(?:[ ]?(?:\.|[\[({<][ ]?(?:dot|point|\.)[ ]?[\])}>]|[ ](?:dot|point)[ ])"
    r"[ ]?[a-z0-9-]{2,60}){1,4}(?!\w)"
)
_HANDLE = re.compile(r"(?<![\w@/.+-])@[\w][\w.-]{0,60}(?:@[\w-]{1,60}(?:\.[\w-]{1,60})+)?(?<![.-])")
_MAC = re.compile(
    r"(?i)(?<![\w:.])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})(?![\w:-]|\.\w)"
)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?i)(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\d{0,3}(?:\.\d{1,3}){3})?(?![\w:])")
# Said in every manual and of nobody in particular: a router's first address, masks, public resolvers.
_NOBODYS = frozenset(
    "0.0.0.0 127.0.0.1 192.168.0.1 192.168.1.1 192.168.1.254 192.168.0.254 255.255.255.0 255.255.0.0 255.255.255.255"
    " 1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 ::1 ::".split()
)
_URL = re.compile(r"(?i)(?<![\w])(?:https?|ftps?|sftp|ssh|smb|file|slack|rdp|ldaps?)://[^\s<>\"'«»]{1,2000}")
_SHARE = re.compile(r"(?<![\w\\])\\\\[\w.$-]{1,60}\\[^\s]{1,200}")
_HOST = re.compile(
    r"(?i)(?<![\w@/.-])(?:[a-z0-9-]{1,60}\.){1,5}(?:local|lan|internal|intranet|corp|home|localdomain|priv|private)(?![\w-]|\.\w)(?:[:/]\S{0,200})?"
)
_LETS_IN = re.compile(r"(?:^|[&?])(?:(?:access_)?token|key|sig|signature|password|pwd|secret|session|sid|auth|code)=")
_PRIVATE_ENDS = (".local", ".lan", ".internal", ".intranet", ".corp", ".home", ".localdomain", ".priv", ".private")
_WORKPLACES = ("slack.com", "discord.com", "discord.gg", "sharepoint.com", "atlassian.net", "teams.microsoft.com")
_REFERENCE = re.compile(r"(?i)(?<!\w)(?:INT-\d{4}-\d{2}-[A-Z]{3}-\d{3,9}|TECH-\d{1,6})(?!\w)")
_TICKET = re.compile(
    r"(?<!\w)(?<!ThinkPad )(?<!Lenovo )#?T\d{1,7}(?![\w-]|\.\d)"
    r"|(?i:(?<!\w)ticket\s?(?:n[°ºo]\.?|#|:)?\s?#?\d{1,7}(?!\w))"
)


def identifiers(text: str, country: str) -> Iterator[Span]:
    """Where each stands; they may overlap, and what is first counts."""
    yield from secret_spans(text)
    yield from _links(text)
    yield from _of("handle", _HANDLE, text)
    yield from _of("email", EMAIL, text)
    yield from _of("email", _SPELT_EMAIL, text)
    yield from _ibans(text)
    yield from _of("address", _MAC, text)
    yield from _of("address", _IPV4, text, _is_somebodys)
    yield from _of("address", _IPV6, text, _is_somebodys)
    yield from _of("reference", _REFERENCE, text)
    yield from _of("reference", _TICKET, text)
    yield from _of("number", _NAMED_NUMBER, text)
    yield from _of("serial", SERIAL, text)
    yield from _phones(text, country)
    for pattern in (_NIR, _SSN, _PLATE):
        yield from _of("number", pattern, text)
    yield from _of("birth", _BORN, text)
    for pattern in (_STREET, _TOWN, _FLAT):
        yield from _of("street", pattern, text)
    yield from _of("number", _LONG, text)


def _of(kind: str, pattern: re.Pattern[str], text: str, holds: Callable[[str], bool] | None = None) -> Iterator[Span]:
    group: int | str = "value" if "value" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        if holds is None or holds(match[group]):
            yield *match.span(group), kind


def _phones(text: str, country: str) -> Iterator[Span]:
    """Numbers as their countries write them, whatever stands around; and what is said to be one."""
    for found in phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.VALID, max_tries=1000):
        if len(re.sub(r"\D", "", found.raw_string)) > 6:  # short ones are services', not people's
            yield found.start, found.end, "phone"
    yield from _of("phone", PHONE, text)
    yield from _of("phone", _NAMED_PHONE, text)


def _ibans(text: str) -> Iterator[Span]:
    """Whatever their spaces; words may follow without a sign between."""
    for match in _IBAN.finditer(text):
        compact = re.sub(r"[ -]", "", match.group()).upper()
        length = _IBAN_LENGTHS.get(compact[:2], 0)
        if 0 < length <= len(compact) and is_iban(compact[:length]):
            end = match.start()
            for sign in re.finditer(r"[^ -]", match.group()):
                length -= 1
                end = match.start() + sign.end()
                if not length:
                    break
            yield match.start(), end, "card"


def _is_somebodys(written: str) -> bool:
    try:
        return str(ip_address(written)) not in _NOBODYS
    except ValueError:
        return False


def _links(text: str) -> Iterator[Span]:
    """Those that only some can open, or that let in whoever has them."""
    for match in _URL.finditer(text):
        if not _anybody_may_open(match.group()):
            yield *match.span(), "link"
    yield from _of("link", _SHARE, text)
    yield from _of("link", _HOST, text)


def _anybody_may_open(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if parts.scheme.lower() not in ("http", "https") or parts.username or parts.password or "." not in host:
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        pass
    told = f"{parts.query}&{parts.fragment}".lower()
    if re.search(
        r"(?:^|[&?])(?:token|key|sig|signature|password|pwd|secret|session|sid|auth|code|access_token)=", told
    ):
        return False
    elsewhere = any(host == place or host.endswith(f".{place}") for place in _WORKPLACES)
    return not elsewhere and not host.endswith(_PRIVATE_ENDS)
