"""The organisation's file of policies: read, checked, and told what is wrong with it in its own words."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.errors import SettingsError
from bot.model.tickets import SlaKind
from bot.model.values import Role, Urgency
from bot.sla.hours import Calendar, Interval, no_holidays
from bot.sla.policy import Level, Policy
from bot.sla.policy_words import seconds, target, weekdays, zone

VARIABLE = "GUICHET_SLA"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Holidays(_Part):
    country: str | None = None
    region: str | None = None
    dates: frozenset[date] = frozenset()
    except_: frozenset[date] = Field(frozenset(), alias="except")


class _Level(_Part):
    after: Annotated[int, BeforeValidator(seconds)]
    tell: tuple[Literal["lead", "admin"], ...] = Field(min_length=1)


_Zone = Annotated[str, AfterValidator(zone)]
_Hours = Annotated[tuple[tuple[Interval, ...], ...], BeforeValidator(weekdays)]
_Targets = dict[SlaKind, Annotated[dict[Urgency, int | None], BeforeValidator(target)]]


class _Terms(_Part):
    zone: _Zone | None = None
    hours: _Hours | None = None
    holidays: _Holidays | None = None
    targets: _Targets = {}
    warning: Annotated[float, Field(gt=0, lt=1)] | None = None
    levels: list[_Level] | None = None


class _Policy(_Terms):
    name: str = Field(min_length=1)
    category: str | None = None
    priorities: frozenset[Urgency] = frozenset()


class _File(_Part):
    defaults: _Terms = _Terms()
    policies: list[_Policy] = Field(min_length=1)


def read_policies(path: Path | None, timezone: str, categories: Collection[str] | None = None) -> tuple[Policy, ...]:
    """The policies of a file, or those that ship with guichet; `timezone` is that of the desk. With `categories`, a
    policy for one that is not among them is refused. Raises SettingsError naming variable, file, policy and entry."""
    raw = _raw(path)
    try:
        parsed = _File.model_validate(raw)
    except ValidationError as error:
        raise _wrong(path, _first_problem(raw, error)) from error
    shipped = parsed if path is None else _File.model_validate(_raw(None))
    policies: list[Policy] = []
    for entry in parsed.policies:
        try:
            policy = _policy(entry, parsed.defaults, shipped.defaults, timezone)
            _check(policy, policies, categories)
        except ValueError as error:
            raise _wrong(path, f"policy {entry.name}: {error}") from error
        policies.append(policy)
    return tuple(policies)


def _raw(path: Path | None) -> Any:
    source = path or resources.files("bot.sla").joinpath("policies.yaml")
    try:
        return yaml.load(source.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe one)
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _wrong(path, "is not text in UTF-8") from error
    except yaml.YAMLError as error:
        raise _wrong(path, f"is not valid YAML: {error}") from error


def _wrong(path: Path | None, problem: str) -> SettingsError:
    return SettingsError(f"{VARIABLE}: {path or 'policies.yaml'}: {problem}")


def _policy(entry: _Policy, defaults: _Terms, shipped: _Terms, timezone: str) -> Policy:
    """What the entry says, else the file's defaults, else those of the file that ships with guichet."""
    parts = (entry, defaults, shipped)
    hours = next(part.hours for part in parts if part.hours is not None)
    where = next((part.zone for part in parts if part.zone is not None), timezone)
    holidays = next((part.holidays for part in parts if part.holidays is not None), None)
    levels = next(part.levels for part in parts if part.levels is not None)
    closed = _holidays_of(holidays) if holidays else no_holidays
    try:
        calendar = Calendar(ZoneInfo(where), hours, closed)
    except ValueError as error:
        raise ValueError(f"hours: {error}") from error
    return Policy(
        name=entry.name,
        calendar=calendar,
        targets=_merged(part.targets for part in reversed(parts)),
        warning=next(part.warning for part in parts if part.warning is not None),
        levels=tuple(Level(level.after, tuple(map(Role, level.tell))) for level in levels),
        category=entry.category,
        priorities=entry.priorities,
    )


def _merged(said: Iterable[_Targets]) -> dict[SlaKind, dict[Urgency, int]]:
    """Of each promise at each priority the latest word."""
    merged: dict[SlaKind, dict[Urgency, int | None]] = {}
    for targets in said:
        for kind, times in targets.items():
            merged[kind] = merged.get(kind, {}) | times
    return {
        kind: {priority: promised for priority, promised in times.items() if promised is not None}
        for kind, times in merged.items()
    }


def _holidays_of(said: _Holidays) -> partial[frozenset[date]]:
    if said.country is None and said.region is not None:
        raise ValueError("holidays / region: should come with a country")
    if said.country is not None:
        _public(said.country, said.region, 2026)
    return partial(_closed, said)


def _closed(said: _Holidays, year: int) -> frozenset[date]:
    public = _public(said.country, said.region, year) if said.country else frozenset()
    return (public | said.dates) - said.except_


def _public(country: str, region: str | None, year: int) -> frozenset[date]:
    import holidays  # takes a sixth of a second, and not every desk names a country

    try:
        return frozenset(holidays.country_holidays(country, subdiv=region, years=year))
    except NotImplementedError as error:
        should = "should be codes of ISO 3166, such as FR" + (' and "57"' if region else "")
        raise ValueError(f"holidays / country: {should}, not {' '.join(filter(None, (country, region)))}") from error


def _check(policy: Policy, others: Collection[Policy], categories: Collection[str] | None) -> None:
    for other in others:
        if other.name == policy.name:
            raise ValueError("should have a name of its own")
        if other.rivals(policy):
            raise ValueError(
                f"should not be for the same tickets as policy {other.name}: name a category or priorities"
            )
    if policy.category is not None and categories is not None and policy.category not in categories:
        raise ValueError(f"category: should be one of your categories, not {policy.category}")
    delays = [level.after for level in policy.levels]
    if delays != sorted(set(delays)):
        raise ValueError("levels: should come one after the other, each later than the one before")


def _first_problem(raw: Any, error: ValidationError) -> str:
    """The first thing wrong, with the entry that it is in."""
    problem = error.errors()[0]
    where = list(_path(raw, problem["loc"]))
    if not where:
        return "should be a mapping with `policies`, as the one that ships with guichet"
    message: str = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] == "extra_forbidden":
        message = "is no word that guichet knows here"
    elif problem["type"] == "missing":
        message = "should be there"
    elif problem["type"] in ("too_short", "string_too_short"):
        message = "should not be empty"
    elif problem["type"].startswith("date_"):
        message = "should be a date such as 2026-12-24"
    elif problem["type"].startswith(("model_", "dict_")):
        message = "should be a mapping"
    elif not message.startswith("should"):
        message = message[:1].lower() + message[1:]
    return f"{' / '.join(where)}: {message}"


def _path(raw: Any, keys: tuple[int | str, ...]) -> Iterator[str]:
    """Names on the way to an entry: a policy by its own, what else is in a list by its place."""
    at = raw
    for key in keys:
        try:
            at = at[key]
        except (KeyError, IndexError, TypeError):
            at = None
        if isinstance(key, int):
            named = at.get("name") if isinstance(at, dict) else None
            yield f"policy {named}" if named else f"entry {key + 1}"
        elif key != "[key]" and (key != "policies" or len(keys) == 1):
            yield key
