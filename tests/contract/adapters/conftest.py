"""Every test that takes a `rig` runs once for each rig whose adapter declares what the test needs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.rigs import console, mastodon, slack, web
from tests.contract.rigs.rig import Rig, RigKind

RIGS = (console.PIPED, console.INTERACTIVE, web.SERVED, slack.SOCKET, slack.HTTP, *mastodon.ALL)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*capabilities): run for adapters (or rigs) that declare these Protocols")
    config.addinivalue_line("markers", "differs: servers of one platform do it in their own ways")
    config.addinivalue_line("markers", "lacks(capability): run for adapters that do not")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "rig" not in metafunc.fixturenames:
        return
    needed = [needed for marker in metafunc.definition.iter_markers("needs") for needed in marker.args]
    lacking = [marker.args[0] for marker in metafunc.definition.iter_markers("lacks")]
    differs = metafunc.definition.get_closest_marker("differs") is not None
    kinds = [
        kind
        for kind in RIGS
        if all(issubclass(kind.adapter, capability) or issubclass(kind.rig, capability) for capability in needed)
        and not any(issubclass(kind.adapter, capability) for capability in lacking)
        and (differs or not kind.in_part)
    ]
    assert kinds, f"no adapter has what {metafunc.definition.nodeid} asks for"
    metafunc.parametrize("rig", kinds, ids=[kind.name for kind in kinds], indirect=True)


@pytest.fixture
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    kind: RigKind = request.param
    async with kind.open(tmp_path) as rig:
        yield rig
