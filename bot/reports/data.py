"""The figures of a period as plain data, for programs: keys that stay, numbers that are not rounded.

Shares are fractions, or null where there are fewer than `minimum` cases; times are seconds; moments are ISO 8601.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bot.model.lateness import BUCKETS
from bot.model.reports import Funnel, Questions, Ratings, Spread, TechnicianWork
from bot.reports.figures import Figures, Slice, automation, escalation, kept
from bot.reports.shares import MINIMUM, Share, net_promoters, p90_of, response, satisfied
from bot.reports.sheets import FUNNEL

Data = dict[str, Any]
CSV_COLUMNS = ("section", "key", "measure", "value", "before")
_NAMES = {"days": "day", "hours": "hour", "categories": "category", "intents": "intent", "technicians": "technician"}


def compared_data(now: Figures, before: Figures, zone: str, names: Mapping[UUID, str]) -> Data:
    return {
        "view": "overview",
        "zone": zone,
        "minimum": MINIMUM,
        "now": figures_data(now, names),
        "before": figures_data(before, names),
    }


def figures_data(figures: Figures, names: Mapping[UUID, str]) -> Data:
    late = figures.lateness
    return {
        "from": figures.span.since.isoformat(),
        "until": figures.span.until.isoformat(),
        "questions": _questions(figures.questions),
        "tickets": asdict(figures.tickets) | {"because": figures.because},
        "times": {mark: _spread(spread) for mark, spread in figures.times.items()},
        "promises": {
            kind: asdict(promise) | {"share": kept(promise).value} for kind, promise in figures.promises.items()
        },
        "lateness": {
            "notices": late.total,
            "at_most": dict(zip((*(f"{bound:g}" for bound in BUCKETS), "more"), late.counts, strict=True)),
            "p50": late.p50,
            "p99": late.p99,
            "longest": late.longest,
        },
        "csat": _csat(figures.ratings.get("csat", Ratings())),
        "nps": _nps(figures.ratings.get("nps", Ratings())),
        "public": _funnel(figures.funnel),
        "days": [{"day": day.isoformat(), **_slice(one)} for day, one in figures.days.items()],
        "hours": [{"hour": hour, **_slice(one)} for hour, one in figures.hours.items()],
        "categories": [
            {"category": slug or "uncategorised", **_slice(one)} for slug, one in figures.categories.items()
        ],
        "intents": [{"intent": name, **_slice(one)} for name, one in figures.intents.items()],
        "technicians": [_technician(one, names) for one in figures.technicians],
    }


def listed_data(view: str, **lists: Sequence[Any]) -> Data:
    """The other views: the records as they are."""
    return {"view": view} | {name: [_plain(asdict(one)) for one in records] for name, records in lists.items()}


def csv_rows(data: Data) -> Iterator[tuple[object, ...]]:
    """One row for each number of the figures, with that of the period before; or for each field of a listed record."""
    if "now" not in data:
        for section, records in data.items():
            for number, record in enumerate(records if isinstance(records, list) else (), 1):
                yield from ((section, str(number), measure, value, None) for measure, value in _leaves(record))
        return
    before = {(section, key, measure): value for section, key, measure, value in _flat(data["before"])}
    for section, key, measure, value in _flat(data["now"]):
        yield section, key, measure, value, before.get((section, key, measure))


def _flat(figures: Data) -> Iterator[tuple[str, str, str, object]]:
    for section, content in figures.items():
        if isinstance(content, list):
            for one in content:
                rest = dict(one)
                key = str(rest.pop(_NAMES[section]))
                yield from ((section, key, measure, value) for measure, value in _leaves(rest))
        elif isinstance(content, dict):
            for name, part in content.items():
                if isinstance(part, dict):
                    yield from ((section, name, measure, value) for measure, value in _leaves(part))
                else:
                    yield section, "", name, part


def _leaves(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in data.items():
        path = f"{above}.{name}" if above else str(name)
        if isinstance(value, dict):
            yield from _leaves(value, path)
        elif isinstance(value, list | tuple):
            yield path, " ".join(map(str, value))
        else:
            yield path, value


def _questions(questions: Questions) -> Data:
    shares = {"automation": _share(automation(questions)), "escalation": _share(escalation(questions))}
    return {"asked": questions.asked, **asdict(questions), **shares}


def _slice(one: Slice) -> Data:
    return {"opened": one.opened, **_questions(one.questions)}


def _share(share: Share) -> Data:
    return {"part": share.part, "whole": share.whole, "share": share.value}


def _spread(spread: Spread) -> Data:
    return {
        "count": spread.count,
        "median": spread.median,
        "p90": p90_of(spread),
        "waiting": spread.waiting,
        "oldest": spread.oldest.isoformat() if spread.oldest else None,
    }


def _funnel(funnel: Funnel) -> Data:
    counts: dict[str, int] = asdict(funnel)
    return {
        step: {"count": counts[step]} | (_share(Share(counts[step], counts[whole])) if whole else {})
        for step, whole in FUNNEL
    }


def _csat(ratings: Ratings) -> Data:
    share = satisfied(ratings)
    low, high = share.range or (None, None)
    return {**_rated(ratings), "satisfied": {**_share(share), "estimated_low": low, "estimated_high": high}}


def _nps(ratings: Ratings) -> Data:
    return {**_rated(ratings), "estimated_points": net_promoters(ratings)}


def _rated(ratings: Ratings) -> Data:
    scores = {str(score): count for score, count in sorted(ratings.scores.items())}
    return {"sent": ratings.sent, "answered": ratings.answered, "response": _share(response(ratings)), "scores": scores}


def _technician(one: TechnicianWork, names: Mapping[UUID, str]) -> Data:
    """By name, without anything that is waiting: who has a ticket now need not have had it all the time."""
    spreads = {name: {"count": of.count, "median": of.median, "p90": p90_of(of)} for name, of in _timed(one)}
    counts = {name: getattr(one, name) for name in ("opened", "confirmed", "silent", "reopened")}
    return {"technician": names.get(one.technician_id, str(one.technician_id)), **counts, **spreads}


def _timed(one: TechnicianWork) -> tuple[tuple[str, Spread], ...]:
    return ("claim", one.claim), ("resolution", one.resolution)


def _plain(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
