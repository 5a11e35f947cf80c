"""Identifiers are version 7 and sort by the order in which they were made."""

import time
from uuid import RFC_4122

from bot.model.ids import new_id


def test_ids_of_one_process_grow_even_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(5_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_an_id_says_its_version_and_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    one = new_id()
    assert (one.version, one.variant) == (7, RFC_4122)
    assert before - 1 <= one.int >> 80 <= time.time_ns() // 1_000_000 + 1
