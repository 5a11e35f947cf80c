"""What is heard is stored, or its sender is told that it is not."""

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest

from bot.engine import receiving
from bot.engine.receiving import Receiver
from bot.errors import StorageUnavailable
from bot.model.messages import Incoming
from bot.ports.storage import InboxLedger
from tests.engine.desk import TestDesk


class Silent:
    """A database whose machine is there and whose processes stand still."""

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        await asyncio.Event().wait()
        return 0


async def test_a_database_that_says_nothing_is_not_waited_for_without_end(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "PATIENCE", 0.05)
    with pytest.raises(StorageUnavailable):
        await Receiver(cast(InboxLedger, Silent())).receive(desk.message("hello?"))
    assert await desk.receive(desk.message("hello?")) == 1
