"""The figures as a table, and as JSON."""

from collections.abc import Sequence
from typing import Any

from tests.bench.figures import Figure

_HEAD = ("figure", "value", "baseline", "value", "ratio", "target", "met")
_LEFT = (0, 2, 6)


def lines(figures: Sequence[Figure]) -> list[str]:
    """One line a figure and baseline."""
    rows: list[tuple[str, ...]] = [_HEAD]
    for figure in figures:
        for at, baseline in enumerate(figure.baselines):
            ratio = f"x {figure.ratio(baseline):,.{0 if figure.ratio(baseline) >= 10 else 1}f}"
            beside = (baseline.name, _shown(baseline.value, figure.unit), ratio)
            rows.append(
                (figure.name, _shown(figure.value, figure.unit), *beside, *_verdict(figure))
                if at == 0
                else ("", "", *beside, "", "")
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    text = [
        "  ".join(
            cell.ljust(width) if at in _LEFT else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return [text[0], "-" * max(map(len, text)), *text[1:]]


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    return [
        {
            "name": figure.name,
            "value": figure.value,
            "unit": figure.unit,
            "baselines": {
                baseline.name: {
                    "value": baseline.value,
                    "ratio": figure.ratio(baseline),
                }
                for baseline in figure.baselines
            },
            "target": figure.target,
            "better": figure.better,
            "met": figure.met,
        }
        for figure in figures
    ]


def _shown(value: float, unit: str) -> str:
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f} {unit}"


def _verdict(figure: Figure) -> tuple[str, str]:
    if figure.target is None:
        return "", ""
    sign = "<=" if figure.better == "less" else ">="
    return f"{sign} {figure.target:g} {figure.unit}", "yes" if figure.met else "NO"
