"""How late the desk's own notices were, on both databases."""

from dataclasses import replace
from datetime import timedelta

from bot.model.ids import new_id
from bot.model.lateness import BUCKETS, Lateness
from bot.model.tickets import SlaNotice
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE, Everything


async def test_lateness_counts_what_was_sent_in_a_span(storage: Storage) -> None:
    everything = Everything()
    async with storage.unit_of_work() as work:
        everything.add_to(work)
        for stage in range(1, 100):
            sent_at = AT + timedelta(hours=stage)
            due_at = sent_at - timedelta(seconds=0.5 if stage < 99 else 7200)
            work.tickets.add_notice(SlaNotice(everything.ticket.id, "acknowledge", stage, 0, due_at, sent_at))
        await work.commit()
        whole = await work.tickets.lateness()
        assert (whole.total, whole.p50, whole.p99, whole.longest) == (100, 0.5, 60.0, 7200.0)
        assert whole.counts[0] == 98 and whole.counts[BUCKETS.index(60)] == 1 and whole.counts[-3] == 1
        span = await work.tickets.lateness(AT + timedelta(hours=98), AT + timedelta(hours=99))
        assert (span.total, span.longest) == (1, 0.5), "from the first moment on, before the last"
        nothing = await work.tickets.lateness(AT + timedelta(days=30))
        assert (nothing.total, nothing.p50, nothing.p99, nothing.longest) == (0, None, None, None)


def test_what_is_early_is_on_time_and_what_is_very_late_is_counted() -> None:
    late = Lateness.of([-3.0, 1.0, 1.0001, 10 * 86_400])
    assert late.counts[:2] == (2, 1) and late.counts[-1] == 1 and len(late.counts) == len(BUCKETS) + 1


async def test_lateness_keeps_fractions(storage: Storage) -> None:
    everything = Everything()
    async with storage.unit_of_work() as work:
        everything.notice = replace(everything.notice, id=new_id(), sent_at=AT + MINUTE / 1000)
        everything.add_to(work)
        await work.commit()
        assert (await work.tickets.lateness()).longest == 0.06
