"""How figures are written, in the reader's language. Plain text: whoever shows it escapes it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from bot.model.values import Language
from bot.reports.shares import Share

Say = Callable[..., str]  # (key, language, **values): a sentence of the catalogue as plain text
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Wording:
    say: Say
    category_name: Callable[[str, Language], str]
    language: Language
    zone: ZoneInfo

    def __call__(self, key: str, **values: object) -> str:
        return self.say(key, self.language, **values)

    def category(self, slug: str) -> str:
        return self.category_name(slug or "uncategorised", self.language)

    def number(self, number: float) -> str:
        return format_decimal(number, format="#,##0.#", locale=self.language.value)

    def percent(self, share: float) -> str:
        return format_percent(share, locale=self.language.value)

    def share(self, share: Share) -> str:
        """62 % (53 of 86); of too few cases, that they are."""
        if share.whole == 0:
            return NOTHING
        values = {"part": self.number(share.part), "whole": self.number(share.whole)}
        if share.value is None:
            return self("stats.too_few", **values)
        return self("stats.share", share=self.percent(share.value), **values)

    def short(self, share: Share) -> str:
        """The same for a table: 62 % (53/86), or 5/8."""
        if share.whole == 0:
            return NOTHING
        counts = f"{self.number(share.part)}/{self.number(share.whole)}"
        return counts if share.value is None else f"{self.percent(share.value)} ({counts})"

    def change(self, now: float, before: float) -> str:
        """+3, -12, =."""
        return self._signed(now - before) if now != before else "="

    def points(self, now: Share, before: Share) -> str:
        """The change of a share, in points of percent; nothing where one of the two is of too few."""
        if now.value is None or before.value is None:
            return NOTHING
        return self("stats.points", change=self._signed(round(100 * (now.value - before.value))))

    def _signed(self, change: float) -> str:
        return f"{'+' if change >= 0 else '−'}{self.number(abs(change))}"

    def duration(self, seconds: float | None) -> str:
        """45 s, 12 min, 3 h 05, 2 d 4 h."""
        if seconds is None:
            return NOTHING
        if seconds < 60:
            return f"{round(seconds)} s"
        minutes = round(seconds / 60)
        if minutes < 60:
            return f"{minutes} min"
        if minutes < 48 * 60:
            return f"{minutes // 60} h {minutes % 60:02}"
        hours = round(minutes / 60)
        return self("stats.days_hours", days=hours // 24, hours=hours % 24)

    def milliseconds(self, ms: float | None) -> str:
        if ms is None:
            return NOTHING
        return f"{self.number(round(ms, 1))} ms" if ms < 1000 else self.duration(ms / 1000)

    def day(self, day: date) -> str:
        return format_date(day, "EEE d MMM", locale=self.language.value)

    def date(self, day: date) -> str:
        return format_date(day, "d MMM y", locale=self.language.value)

    def moment(self, at: datetime) -> str:
        return format_datetime(at, "d MMM HH:mm", tzinfo=self.zone, locale=self.language.value)
