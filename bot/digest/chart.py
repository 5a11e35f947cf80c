"""The digest's picture: what was asked and opened by day, beside the same days a week before.

The library that draws takes most of a second and some fifty megabytes to import: only who draws does.
"""

import asyncio
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.dates import format_date

from bot.digest.gathering import Bars, Digest
from bot.reports.wording import Wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEDIA_TYPE = "image/png"
NOW, BEFORE, INK, FAINT = "#1d5fa6", "#c4cbd4", "#1f2430", "#5b6472"
_SIZE, _DPI = (6.4, 6.4), 150  # as wide as a phone shows it without being turned
_WIDTH = 0.4  # of a bar; a day is 1 wide
_ROOM = 1.18  # above the highest bar, for its number


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    now: tuple[int, ...]
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Every word and number that is drawn. `this` and `last` name the two weeks."""

    days: tuple[str, ...]
    this: str
    last: str
    panels: tuple[Panel, ...]
    numbers: tuple[tuple[str, ...], ...]  # of each panel: those of `now`, then those of `before`


def chart_of(digest: Digest, say: Wording) -> Chart:
    week = digest.days.week

    def panel(name: str, bars: Bars) -> Panel:
        return Panel(say(f"digest.chart.{name}"), bars.now, bars.before)

    panels = panel("asked", digest.asked), panel("opened", digest.opened)
    return Chart(
        days=tuple(format_date(day, "EEE d", locale=say.language.value) for day in digest.asked.days),
        this=say("stats.days", first=say.day(week.first), last=say.day(week.last)),
        last=say("stats.days", first=say.day(week.before.first), last=say.day(week.before.last)),
        panels=panels,
        numbers=tuple(tuple(say.number(one) for one in (*panel.now, *panel.before)) for panel in panels),
    )


async def drawn(chart: Chart) -> bytes:
    """A PNG, drawn in a thread."""
    return await asyncio.to_thread(draw, chart)


def draw(chart: Chart) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    figure = Figure(figsize=_SIZE, dpi=_DPI, facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(chart.panels), 1, squeeze=False)[:, 0]
    for ax, panel, numbers in zip(axes, chart.panels, chart.numbers, strict=True):
        _draw_panel(ax, chart, panel, numbers)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles[::-1], labels[::-1], loc="outside upper left", ncols=2, frameon=False, fontsize=12, labelcolor=INK
    )
    written = io.BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def _draw_panel(ax: "Axes", chart: Chart, panel: Panel, numbers: tuple[str, ...]) -> None:
    places = range(len(chart.days))
    left, right = ([place + shift for place in places] for shift in (-_WIDTH / 2, _WIDTH / 2))
    before = ax.bar(left, panel.before, _WIDTH, color=BEFORE, label=chart.last)
    now = ax.bar(right, panel.now, _WIDTH, color=NOW, label=chart.this)
    large, small = (12, 10) if max(map(len, numbers)) <= 3 else (8.5, 7)  # as wide as two bars, and no wider
    ax.bar_label(before, numbers[len(places) :], fontsize=small, color=FAINT, padding=2)
    ax.bar_label(now, numbers[: len(places)], fontsize=large, color=INK, padding=2, fontweight="bold")
    ax.set_title(panel.title, loc="left", fontsize=15, color=INK, fontweight="bold")
    ax.set_xticks(places, chart.days, fontsize=12, color=INK)
    ax.set_yticks([])
    ax.set_ylim(0, max(1, *panel.now, *panel.before) * _ROOM)
    ax.tick_params(length=0)
    for side in ("top", "left", "right"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(BEFORE)
