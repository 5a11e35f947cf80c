"""Replicas that a cluster starts at the same moment find the same empty database."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.app import Desk, engine, open_desk
from bot.settings import Settings
from tests.engine.desk import OneDeskRoom
from tests.ledger.watched import watched

REPLICAS = 3


class FirstCommitTogether:
    """Holds each replica at its first commit until all have read and want to write."""

    def __init__(self, all_read: asyncio.Barrier) -> None:
        self._all_read = all_read
        self._is_first = True

    async def __call__(self, point: str, detail: Any) -> None:
        if point == "before commit" and self._is_first:
            self._is_first = False
            await self._all_read.wait()


async def test_replicas_that_start_together_all_start(postgres_url: str, tmp_path: Path) -> None:
    all_read, all_started = asyncio.Barrier(REPLICAS), asyncio.Barrier(REPLICAS)
    async with AsyncExitStack() as stack:
        desks: list[Desk] = []
        for number in range(REPLICAS):
            settings = {"home": tmp_path / str(number), "database_url": postgres_url, "samples": True}
            desk = await stack.enter_async_context(open_desk(Settings.model_validate(settings)))
            desks.append(replace(desk, storage=watched(desk.storage, FirstCommitTogether(all_read))))

        async def start(desk: Desk) -> None:
            async with engine(desk, desk.deliverer([]), OneDeskRoom()):
                await all_started.wait()

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for desk in desks:
                group.create_task(start(desk))
        async with desks[0].storage.unit_of_work() as uow:
            assert await uow.categories.all() == desks[0].categories.records()
            assert sum((await uow.knowledge.count_by_language()).values()) > 50
