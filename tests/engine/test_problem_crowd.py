"""When many have tickets of one problem, a question costs no more for it."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.engine.rules import problems
from bot.problems import matching
from tests.engine.outage import Outage, open_tickets


async def test_a_question_is_compared_with_the_first_tickets_only(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def counting(*arguments: Any) -> bool:
        joined: Sequence[object] = arguments[4]
        compared.append(len(joined))
        return matching.matches(*arguments)

    monkeypatch.setattr(problems, "matches", counting)
    monkeypatch.setattr(problems, "COMPARED", 2)
    await open_tickets(outage, "cannot reach the vpn", "vpn drops every minute", "no vpn since noon")
    await outage.announce()
    await outage.command("/ticket problem join P1 T1 T2 T3")
    await outage.says("my printer jams", "elsewhere", "zoe")
    assert compared[-1] == 2
    assert "3" in await outage.command("/ticket problem list")
