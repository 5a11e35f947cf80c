"""The `guichet` command on a home of its own, with the samples loaded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import guichet
from tests.engine.conftest import sampled_home
from tests.homes import copy_home

__all__ = ["sampled_home"]

Run = Callable[..., Result]


@pytest.fixture
def home(sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    copy_home(sampled_home, folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUICHET_HOME", str(folder))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    """Run a command line; known errors come out as exceptions, like everywhere in the product."""
    runner = CliRunner()

    def call(*arguments: str) -> Result:
        return runner.invoke(guichet, list(arguments), prog_name="guichet", catch_exceptions=False)

    return call


@pytest.fixture
def json_of(run: Run) -> Callable[..., Any]:
    def call(*arguments: str) -> Any:
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return call
