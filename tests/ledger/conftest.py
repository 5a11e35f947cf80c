"""A home with indexed samples, from the engine's tests, and what starts and kills processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import sampled_home as sampled_home
from tests.ledger.nursery import Nursery


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(tmp_path / "desk.log") as opened:
        yield opened
