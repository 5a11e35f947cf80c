"""The manifest asks for what the code uses, and for nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import adapters.slack
from adapters.slack import permissions
from adapters.slack.http import PATH

PACKAGE = Path(adapters.slack.__path__[0])
MANIFEST = Path(__file__).resolve().parents[3] / "deploy" / "slack-manifest.yaml"


@pytest.fixture
def manifest() -> dict[str, Any]:
    found = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def strings_in_code() -> Iterator[str]:
    """Every string of the adapter's code, but not of permissions.py, which is what is checked."""
    for file in PACKAGE.glob("*.py"):
        if file.name != "permissions.py":
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_the_methods_listed_are_those_called() -> None:
    written = set(strings_in_code())
    assert {name for name in permissions.METHODS if name not in written} == set()
    families = {name.partition(".")[0] for name in permissions.METHODS}
    looks_like_one = {
        text for text in written if text.count(".") == 1 and text.partition(".")[0] in families and text.isascii()
    }
    called = {text for text in looks_like_one if text.replace(".", "").isalpha()}
    assert called <= set(permissions.METHODS)


def test_the_scopes_are_those_of_the_code(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"]["scopes"]["bot"] == list(permissions.scopes())


def test_the_events_are_those_of_the_code(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(permissions.EVENTS)


def test_the_events_listed_are_those_that_are_handled() -> None:
    (handler,) = (
        node
        for node in ast.walk(ast.parse((PACKAGE / "intake.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "_event"
    )
    handled = {
        node.value.value
        for node in ast.walk(handler)
        if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant)
    }
    assert handled == {name.partition(".")[0] for name in permissions.EVENTS}


def test_the_commands_and_the_shortcut_are_those_of_the_code(manifest: dict[str, Any]) -> None:
    features = manifest["features"]
    assert tuple(one["command"] for one in features["slash_commands"]) == permissions.COMMANDS
    assert [one["callback_id"] for one in features["shortcuts"]] == [permissions.SHORTCUT]
    assert features["app_home"]["home_tab_enabled"] and not features["app_home"]["messages_tab_read_only_enabled"]


def test_slack_takes_its_lengths(manifest: dict[str, Any]) -> None:
    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    for one in manifest["features"]["slash_commands"]:
        assert one["command"].startswith("/") and len(one["description"]) <= 2_000 and len(one["usage_hint"]) <= 1_000
    for one in manifest["features"]["shortcuts"]:
        assert len(one["name"]) <= 24 and len(one["description"]) <= 150


def test_for_http_mode_every_address_stands_ready_to_be_uncommented() -> None:
    uncommented = re.sub(r"(?m)^( +)# (url|request_url): ", r"\1\2: ", MANIFEST.read_text(encoding="utf-8"))
    manifest = yaml.safe_load(uncommented)
    settings, commands = manifest["settings"], manifest["features"]["slash_commands"]
    told = [settings["event_subscriptions"], settings["interactivity"]]
    addresses = {one["url"] for one in commands} | {one["request_url"] for one in told}
    assert addresses == {f"https://desk.example.org{PATH}"}
