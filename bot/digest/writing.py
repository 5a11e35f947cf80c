"""A digest in words: at most `LINES` lines, what is to be done first; and at length, for the thread below."""

from collections.abc import Iterable

from bot.digest.gathering import SHOWN, Bars, Digest
from bot.model.documents import Document, Fields, FileItem, Files, Paragraph, plain
from bot.model.values import Language
from bot.reports import sheets
from bot.reports.documents import document
from bot.reports.figures import automation, escalation, kept
from bot.reports.shares import Share
from bot.reports.wording import NOTHING, Wording
from bot.texts import Inline, Texts, code

LINES = 12
TOP = 3  # of what was asked most, in the message
NAMED = 3  # of the tickets that are late, in the message
ROWS = 12  # of a table, in the thread
HELD = "/desk mastodon"


class Writer:
    """`say` has the zone of the reader's clock."""

    def __init__(self, texts: Texts, say: Wording) -> None:
        self._texts = texts
        self._say = say

    @property
    def _language(self) -> Language:
        return self._say.language

    def message(self, digest: Digest) -> Document:
        """Nothing but one line, where there is nothing to tell."""
        if digest.is_quiet:
            return Document((Paragraph(self._line(f"digest.{digest.kind}.quiet", days=self._days(digest))),))
        title = self._line(f"digest.{digest.kind}.title", days=self._days(digest))
        actions = list(self._actions(digest)) or [self._line("digest.nothing")]
        figures, learnt = list(self._figures(digest)), list(self._learnt(digest))
        room = LINES - 1 - len(actions) - len(figures) - len(learnt)
        themes = [self._theme(theme.count, theme.before, theme.title) for theme in digest.themes[: min(TOP, room)]]
        parts = (title, "\n".join(actions), "\n".join(figures), "\n".join((*themes, *learnt)))
        return Document(tuple(Paragraph(part) for part in parts if part))

    def details(self, digest: Digest, picture: FileItem | None = None) -> Document | None:
        """What the message counts, one by one, and every figure; None where there is nothing to add."""
        if digest.is_quiet:
            return None
        lists = tuple(fields for fields in self._lists(digest) if fields.items)
        tables = sheets.overview(digest.this, digest.before, self._say, {}) if not digest.this.is_empty else []
        chosen = [sheet for sheet in tables if sheet.title not in self._left_out]
        shown = document("", chosen, most_rows=ROWS).blocks
        files = (Files((picture,)),) if picture else ()
        return Document((*files, *lists, *shown))

    def alternative(self, digest: Digest) -> str:
        """What the picture shows, for who does not see it."""
        asked, opened = (self._numbers(bars) for bars in (digest.asked, digest.opened))
        return self._say("digest.chart.alternative", asked=asked, opened=opened)

    # --- the message ---------------------------------------------------------------------------------------------

    def _actions(self, digest: Digest) -> Iterable[str]:
        number, work = self._say.number, self._typed("ticket.stats", "work")
        if digest.late:
            named = ", ".join(
                self._say("digest.late.ticket", reference=one.ticket.reference, span=self._overdue(digest, place))
                for place, one in enumerate(digest.late[:NAMED])
            )
            key = _counted("digest.late", digest.late_count, NAMED)
            yield self._line(key, count=number(digest.late_count), tickets=named, command=work)
        if digest.waiting:
            yield self._counted("digest.waiting", digest.waiting, command=work)
        if digest.held:
            since = self._say.moment(digest.held[0].held_at or digest.held[0].seen_at)
            yield self._counted("digest.held", len(digest.held), since=since, command=code(HELD))
        if digest.gaps:
            first = digest.gaps[0]
            values = {"title": first.title, "questions": number(first.count), "command": self._typed("kb.gaps")}
            yield self._counted("digest.gaps", digest.gaps_count, **values)
        if digest.drafts:
            yield self._counted("digest.drafts", digest.drafts, command=self._typed("kb.review"))
        if digest.stuck:
            yield self._counted("digest.stuck", len(digest.stuck), command=self._typed("ticket.stats", "queue"))

    def _figures(self, digest: Digest) -> Iterable[str]:
        say, this, before = self._say, digest.this, digest.before
        asked = this.questions
        if asked.asked:
            shares = {"automation": say.short(automation(asked)), "escalation": say.short(escalation(asked))}
            change = say.change(asked.asked, before.questions.asked)
            yield self._line("digest.asked", count=say.number(asked.asked), change=change, **shares)
        else:
            yield self._line("digest.asked.none", before=say.number(before.questions.asked))
        tickets = this.tickets
        counts = {name: say.number(getattr(tickets, name)) for name in ("opened", "confirmed", "silent", "reopened")}
        promised = self._promised(digest)
        yield self._line(
            "digest.tickets.promised" if promised != NOTHING else "digest.tickets",
            **counts,
            change=say.change(tickets.opened, before.tickets.opened),
            promised=promised,
        )
        if (public := this.funnel).seen:
            yield self._line(
                "digest.public",
                seen=say.number(public.seen),
                change=say.change(public.seen, before.funnel.seen),
                complaints=say.number(public.complaints),
                sent=say.number(public.sent),
            )

    def _promised(self, digest: Digest) -> str:
        shares = [kept(promise) for promise in digest.this.promises.values()]
        return self._say.short(Share(sum(one.part for one in shares), sum(one.whole for one in shares)))

    def _learnt(self, digest: Digest) -> Iterable[str]:
        learnt = digest.learnt
        counts = {"write_ups": len(learnt.write_ups), "phrasings": learnt.phrasings, "articles": learnt.articles}
        parts = [
            self._say(_counted(f"digest.learnt.{name}", count), count=self._say.number(count))
            for name, count in counts.items()
            if count
        ]
        if parts:
            yield self._line("digest.learnt", parts=", ".join(parts))

    def _theme(self, count: int, before: int, title: str) -> str:
        change = self._say.change(count, before)
        return self._line("digest.theme", count=self._say.number(count), change=change, title=title)

    # --- at length -----------------------------------------------------------------------------------------------

    @property
    def _left_out(self) -> set[str]:
        """Tables that say nothing to who leads."""
        return {self._say(f"stats.{name}") for name in ("lateness", "by_intent", "by_hour")}

    def _lists(self, digest: Digest) -> Iterable[Fields]:
        say = self._say
        late = (
            (
                one.ticket.reference,
                f"{one.title} · {say(f'priority.{one.ticket.priority}')} · "
                + say("digest.details.late_by", span=self._overdue(digest, place), moment=self._due(digest, place)),
            )
            for place, one in enumerate(digest.late)
        )
        yield self._fields("late", late, len(digest.late), digest.late_count)
        held = [
            (post.reference, say("stats.since", moment=say.moment(post.held_at or post.seen_at)))
            for post in digest.held[:SHOWN]
        ]
        yield self._fields("held", held, len(held), len(digest.held))
        gaps = (
            (one.title, say("digest.details.gap", count=say.number(one.count), moment=say.moment(one.last)))
            for one in digest.gaps
        )
        yield self._fields("gaps", gaps, len(digest.gaps), digest.gaps_count)
        stuck = [
            (say(f"stats.{one.ledger}.{one.state}"), f"{one.platform} · {say.moment(one.since)}")
            for one in digest.stuck[:SHOWN]
        ]
        yield self._fields("stuck", stuck, len(stuck), len(digest.stuck))
        themes = digest.themes
        counts = (f"{say.number(one.count)} ({say.change(one.count, one.before)})" for one in themes)
        yield self._fields("themes", zip((one.title for one in themes), counts, strict=True))
        yield self._fields("learnt", digest.learnt.write_ups)

    def _fields(self, name: str, rows: Iterable[tuple[str, str]], shown: int = 0, count: int = 0) -> Fields:
        title = self._say(f"digest.details.{name}")
        title = f"{title} ({shown}/{count})" if shown < count else title
        return Fields(tuple((plain(label), plain(value)) for label, value in rows), title=plain(title))

    # --- in both -------------------------------------------------------------------------------------------------

    def _line(self, key: str, **values: object) -> str:
        return self._texts(key, self._language, **values)

    def _counted(self, key: str, count: int, **values: object) -> str:
        return self._line(_counted(key, count), count=self._say.number(count), **values)

    def _typed(self, command: str, *rest: str) -> Inline:
        return self._texts.typed(command, self._language, *(self._say(f"digest.word.{word}") for word in rest))

    def _days(self, digest: Digest) -> str:
        days = digest.days
        if days.first == days.last:
            return self._say.day(days.first)
        return self._say("stats.days", first=self._say.day(days.first), last=self._say.day(days.last))

    def _overdue(self, digest: Digest, place: int) -> str:
        ticket = digest.late[place].ticket
        return self._say.duration((digest.at - (ticket.due_at or ticket.since)).total_seconds())

    def _due(self, digest: Digest, place: int) -> str:
        ticket = digest.late[place].ticket
        return self._say.moment(ticket.due_at or ticket.since)

    def _numbers(self, bars: Bars) -> str:
        number = self._say.number
        return ", ".join(
            f"{self._say.day(day)} {number(now)} ({number(before)})"
            for day, now, before in zip(bars.days, bars.now, bars.before, strict=True)
        )


def _counted(key: str, count: int, most: int = 1) -> str:
    """The sentence for one, for a few (those that can all be named), or for many."""
    return f"{key}.one" if count == 1 else f"{key}.few" if 1 < count <= most else key
