"""Lists of companies, people, devices and technicians as CSV files, read with every suspicion that a stranger's file
deserves.

The first line names the columns, in any order; commas, semicolons and tabs separate. All problems of a file are found
before anything is said, each with its line as a text editor counts it. Refused are: what is no UTF-8, NUL and other
control characters, cells that a spreadsheet would run as a formula, rows of another length than the first, and
anything said twice.
"""

import csv
import io
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from bot.errors import InvalidInput
from bot.model.people import LEVELS
from bot.model.values import Role

LARGEST = 5_000_000  # bytes of a file
MOST_ROWS = 20_000
LONGEST = 300  # characters of a cell
SHOWN = 20  # problems that are told one by one

_EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]\\]{1,64}@(?=.{4,255}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_DOMAIN = re.compile(r"(?=.{4,255}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LOCALE = re.compile(r"([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{2}))?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@")
_SEPARATORS = ",;\t"

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class CompanyRow:
    line: int
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    line: int
    email: str
    name: str
    company: str | None = None  # its domain
    locale: str | None = None
    timezone: str | None = None
    licence: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    line: int
    serial: str
    model: str
    name: str = ""
    owner: str | None = None  # a person's address
    company: str | None = None  # a domain; by default the owner's


@dataclass(frozen=True, slots=True)
class TechnicianRow:
    """`categories` are skills: what the technician takes by turn, and what is below it. None: everything."""

    line: int
    email: str
    number: int | None = None  # None: the next free one
    role: Role = Role.TECHNICIAN
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.file}{'' if self.line is None else f', line {self.line}'}: {self.text}"


@dataclass(frozen=True, slots=True)
class Lists:
    """What the files of a folder say. Files that are not there are empty lists."""

    companies: tuple[CompanyRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    devices: tuple[DeviceRow, ...] = ()
    technicians: tuple[TechnicianRow, ...] = ()
    unused: tuple[str, ...] = ()  # columns that mean nothing here: "people.csv: phone"


class Row:
    """A row's cells by column, and the problems found in them."""

    def __init__(self, line: int, cells: Mapping[str, str], complain: Callable[[int, str], None]) -> None:
        self.line = line
        self._cells = cells
        self._complain = complain

    def problem(self, text: str) -> None:
        self._complain(self.line, text)

    def text(self, column: str) -> str:
        return self._cells.get(column, "")

    def needed(self, column: str) -> str:
        if not (value := self.text(column)):
            self.problem(f"{column} is empty")
        return value

    def matching(self, column: str, shape: re.Pattern[str], example: str) -> str | None:
        """In lower case; None if empty, or not of that shape, which is a problem."""
        value = self.text(column).lower()
        if value and not shape.fullmatch(value):
            self.problem(f"{column} should look like {example}, not {self.text(column)[:60]!r}")
            return None
        return value or None


@dataclass(frozen=True, slots=True)
class _Kind(Generic[R]):
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    once: tuple[str, ...]  # columns in which no value may be twice
    make: Callable[[Row], R]


def _company(row: Row) -> CompanyRow:
    row.needed("domain")
    return CompanyRow(row.line, row.needed("name"), row.matching("domain", _DOMAIN, "acme.example") or "")


def _person(row: Row) -> PersonRow:
    row.needed("email")
    locale = _LOCALE.fullmatch(row.text("locale"))
    if row.text("locale") and not locale:
        row.problem(f"locale should look like fr-FR, not {row.text('locale')[:60]!r}")
    return PersonRow(
        row.line,
        row.matching("email", _EMAIL, "ada@acme.example") or "",
        row.needed("name"),
        row.matching("company", _DOMAIN, "acme.example, a company's domain,"),
        "-".join(filter(None, (locale[1].lower(), (locale[2] or "").upper()))) if locale else None,
        _timezone(row),
        row.text("licence") or None,
        _level(row),
    )


def _timezone(row: Row) -> str | None:
    if not (name := row.text("timezone")):
        return None
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError):
        row.problem(f"timezone should look like Europe/Paris, not {name[:60]!r}")
        return None


def _level(row: Row) -> str | None:
    level = row.text("level").lower()
    if level and level not in LEVELS:
        row.problem(f"level should be one of {', '.join(LEVELS)}, not {level[:60]!r}")
        return None
    return level or None


def _device(row: Row) -> DeviceRow:
    return DeviceRow(
        row.line,
        row.needed("serial"),
        row.needed("model"),
        row.text("name"),
        row.matching("owner", _EMAIL, "ada@acme.example"),
        row.matching("company", _DOMAIN, "acme.example, a company's domain,"),
    )


def _technician(row: Row) -> TechnicianRow:
    row.needed("email")
    email = row.matching("email", _EMAIL, "ada@acme.example") or ""
    number = re.fullmatch(r"(?i:TECH-)?0*([1-9]\d{0,5})", row.text("number"))
    if row.text("number") and not number:
        row.problem(f"number should look like 42 or TECH-042, not {row.text('number')[:60]!r}")
    role = row.text("role").lower() or Role.TECHNICIAN.value
    if role not in set(Role):
        row.problem(f"role should be one of {', '.join(Role)}, not {role[:60]!r}")
        role = Role.TECHNICIAN.value
    return TechnicianRow(
        row.line, email, int(number[1]) if number else None, Role(role), tuple(row.text("categories").split())
    )


_COMPANIES = _Kind(("name", "domain"), (), ("domain",), _company)
_PEOPLE = _Kind(("email", "name"), ("company", "locale", "timezone", "licence", "level"), ("email",), _person)
_DEVICES = _Kind(("serial", "model"), ("name", "owner", "company"), ("serial",), _device)
_TECHNICIANS = _Kind(("email",), ("number", "role", "categories"), ("email", "number"), _technician)
FILES = ("companies.csv", "people.csv", "devices.csv", "technicians.csv")


def read_lists(folder: Path) -> Lists:
    """Read those of companies.csv, people.csv, devices.csv and technicians.csv that are in a folder.

    Raises InvalidInput with every problem, or if there is none of these files.
    """
    reader = _Reader(folder)
    lists = Lists(
        reader.rows("companies.csv", _COMPANIES),
        reader.rows("people.csv", _PEOPLE),
        reader.rows("devices.csv", _DEVICES),
        reader.rows("technicians.csv", _TECHNICIANS),
        tuple(reader.unused),
    )
    if not reader.found:
        raise InvalidInput(f"{folder} has none of {', '.join(FILES)}")
    refuse(reader.problems)
    return lists


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InvalidInput that tells these problems, if there are any."""
    if not (found := list(problems)):
        return
    lines = [f"  {problem}" for problem in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"  and {len(found) - SHOWN} more")
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    raise InvalidInput("\n".join([f"{count}, nothing was changed:", *lines]))


@dataclass
class _Reader:
    folder: Path
    found: bool = False
    problems: list[Problem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def rows(self, name: str, kind: _Kind[R]) -> tuple[R, ...]:
        path = self.folder / name
        if not (path.exists() or path.is_symlink()):
            return ()
        self.found = True
        try:
            return tuple(self._rows(name, content_of(path), kind))
        except InvalidInput as error:
            self.problems.append(Problem(name, None, str(error)))
            return ()

    def _rows(self, name: str, text: str, kind: _Kind[R]) -> Iterator[R]:
        first: dict[tuple[str, str], int] = {}

        def complain(line: int, problem: str) -> None:
            self.problems.append(Problem(name, line, problem))

        table = _table(text, complain)
        columns = self._columns(name, next(table, (1, []))[1], kind)
        for count, (line, cells) in enumerate(table, 1):
            if count > MOST_ROWS:
                complain(line, f"more than {MOST_ROWS:,} rows: split the file")
                return
            if len(cells) != len(columns):
                complain(line, f"has {len(cells)} cells, the first line has {len(columns)}")
                continue
            row = Row(line, dict(zip(columns, cells, strict=True)), complain)
            for column, cell in zip(columns, cells, strict=True):
                if problem := _suspicious(cell):
                    row.problem(f"{column} {problem}")
            for column in kind.once:
                if (value := row.text(column).casefold()) and (other := first.setdefault((column, value), line)) < line:
                    row.problem(f"{column} {row.text(column)[:60]!r} is in line {other} already")
            yield kind.make(row)

    def _columns(self, name: str, header: list[str], kind: _Kind[R]) -> list[str]:
        columns = [cell.lower() for cell in header]
        there = ", ".join(repr(column[:40]) for column in header[:20]) or "nothing"
        if missing := [column for column in kind.needed if column not in columns]:
            raise InvalidInput(f"the first line lacks the columns {', '.join(missing)}; there are: {there}")
        if twice := sorted({column for column in columns if column and columns.count(column) > 1}):
            raise InvalidInput(f"the first line names {', '.join(twice)} twice")
        known = {*kind.needed, *kind.optional}
        self.unused += [f"{name}: {column[:40]!r}" for column in columns if column not in known]
        return columns


def content_of(path: Path) -> str:
    """The text of a regular file of bearable size. Raises InvalidInput."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InvalidInput("is not a regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InvalidInput(f"cannot be read ({error.strerror})") from error
    if len(content) > LARGEST:
        raise InvalidInput(f"is too large: more than {LARGEST:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f'is not text in UTF-8 (line {line}): save it anew as "CSV UTF-8"') from error
    if "\0" in text:
        raise InvalidInput(f"contains a NUL character (line {text.count(chr(10), 0, text.index(chr(0))) + 1})")
    if not text.strip():
        raise InvalidInput("is empty")
    return text


def _table(text: str, complain: Callable[[int, str], None]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with the lines they begin in."""
    header = text.lstrip().partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip(" \u00a0") for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        complain(line, f"cannot be read from here on: {error}")


def _suspicious(cell: str) -> str | None:
    if len(cell) > LONGEST:
        return f"is too long: {len(cell)} characters, at most {LONGEST}"
    if found := _CONTROL.search(cell):
        return f"contains a control character (U+{ord(found[0]):04X})"
    if cell.startswith(_FORMULA):
        return f"begins with {cell[0]!r}, which a spreadsheet takes for a formula: {cell[:60]!r}"
    return None
