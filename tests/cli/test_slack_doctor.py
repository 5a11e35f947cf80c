"""The doctor on Slack: what is well, what is not and what to do, and never a token."""

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from filelock import FileLock

from adapters.slack.permissions import scopes
from bot.model.installations import Installation
from bot.sealing import Sealer
from storage.store import open_storage
from tests.cli.conftest import Run
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_beside import slack_beside

KEY = "a secret key that nobody guesses, 40 letters"


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    monkeypatch.setattr("adapters.slack.examine.PATIENCE", 0.5)
    with slack_beside() as server:
        server.installation.scopes = list(scopes())
        monkeypatch.setenv("GUICHET_SLACK_BOT_TOKEN", server.bot_token)
        monkeypatch.setenv("GUICHET_SLACK_APP_TOKEN", server.app_token)
        monkeypatch.setenv("GUICHET_SLACK_API_URL", server.api_url)
        yield server


def lines(result: Result) -> list[str]:
    """Those about Slack, remedies included."""
    found, about_slack = [], False
    for line in result.stdout.splitlines():
        about_slack = line[2:].startswith("slack ") or (about_slack and line.lstrip().startswith("→"))
        if about_slack:
            found.append(" ".join(line.split()))
    return found


def test_a_desk_without_slack_says_nothing_of_it(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0 and lines(result) == []
    asked = run("doctor", "--slack")
    assert asked.exit_code == 1 and lines(asked)[0] == "✗ slack Slack is not configured"


def test_a_desk_that_is_well(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = slack.channel("it-desk", private=True)
    network = slack.channel("network", private=True)
    monkeypatch.setenv("GUICHET_SLACK_DESK_CHANNEL", f"it-desk, network={network.id}")
    result = run("doctor")
    assert lines(result) == [
        f"✓ slack workspace Example ({slack.team.id}) as guichet",
        "✓ slack the bot is in the desk channel it-desk",
        f"✓ slack the bot is in the desk channel {network.id}",
        "✓ slack socket mode: Slack gives an address to connect to",
    ]
    assert result.exit_code == 0
    assert slack.messages(desk) == [] and slack.called("chat.postMessage") == []
    assert slack.bot_token not in result.output and slack.app_token not in result.output


@pytest.mark.parametrize(
    ("language", "says"), [("en", "tickets are announced here"), ("fr", "les tickets y sont annoncés")]
)
def test_a_test_message_in_the_desks_language(
    run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, language: str, says: str
) -> None:
    channels = [slack.channel("it-desk", private=True), slack.channel("network", private=True)]
    monkeypatch.setenv("GUICHET_SLACK_DESK_CHANNEL", "it-desk, network=network, telephony=network")
    monkeypatch.setenv("GUICHET_DESK_LANGUAGE", language)
    result = run("doctor", "--slack", "--json")
    found = [one["finding"] for one in json.loads(result.stdout) if one["part"] == "slack"]
    assert [one for one in found if "test message" in one] == [
        "a test message was posted in it-desk",
        "a test message was posted in network",
    ]
    for channel in channels:
        [seen] = slack.messages(channel)
        assert says in seen.text


def test_no_channel_for_the_tickets_of_other_categories(
    run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.channel("net", private=True)
    monkeypatch.setenv("GUICHET_SLACK_DESK_CHANNEL", "network=net")
    assert lines(run("doctor"))[1:-1] == [
        "! slack no desk channel for every category: tickets of all others are announced in net, too",
        "→ if they should stand elsewhere, set GUICHET_SLACK_DESK_CHANNEL=CHANNEL, network=net",
        "✓ slack the bot is in the desk channel net",
    ]


def test_channels_that_cannot_be_used(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.channel("old", private=True, archived=True)
    slack.channel("elsewhere", bot=False)
    monkeypatch.setenv(
        "GUICHET_SLACK_DESK_CHANNEL", "old, network=elsewhere, mail=nowhere, access=C0NOWHERE, files=partners"
    )
    slack.channel("partners", shared=True)
    result = run("doctor", "--slack")
    assert result.exit_code == 1
    assert lines(result)[1:-1] == [
        "✗ slack the desk channel old is archived",
        "→ unarchive it, or name another",
        "✗ slack the bot is not in the desk channel elsewhere",
        "→ write /invite @guichet there",
        "✗ slack there is no channel nowhere",
        "→ correct GUICHET_SLACK_DESK_CHANNEL, or invite the bot if the channel is private",
        "✗ slack the desk channel C0NOWHERE cannot be seen: conversations.info: channel_not_found",
        "→ correct GUICHET_SLACK_DESK_CHANNEL, or write /invite @guichet there",
        "✓ slack a test message was posted in partners",
        "! slack the desk channel partners is shared: people of other organisations read what is said of tickets",
        "→ work in a private channel of your own",
    ]


@pytest.mark.parametrize(
    ("options", "says", "remedy"),
    [
        ({}, "✓ slack digests are posted in the channel {id}, where the bot is", ""),
        (
            {"bot": False},
            "✗ slack the bot is not in the channel of GUICHET_DIGEST_PLACE, {id}",
            "→ write /invite @guichet there",
        ),
        (
            {"archived": True},
            "✗ slack the channel of GUICHET_DIGEST_PLACE, {id}, is archived",
            "→ unarchive it, or name another",
        ),
        (
            {"shared": True},
            "! slack the channel of GUICHET_DIGEST_PLACE, {id}, is shared: people of other organisations read the "
            "digests",
            "→ name a private channel of your own",
        ),
        (
            None,
            "✗ slack the channel of GUICHET_DIGEST_PLACE, C0NOWHERE, cannot be seen: conversations.info: "
            "channel_not_found",
            "→ correct GUICHET_DIGEST_PLACE, or write /invite @guichet there",
        ),
    ],
)
def test_where_digests_are_posted(
    run: Run,
    slack: FakeSlack,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any] | None,
    says: str,
    remedy: str,
) -> None:
    slack.channel("it-desk", private=True)
    id = "C0NOWHERE" if options is None else slack.channel("leads", **options).id
    monkeypatch.setenv("GUICHET_SLACK_DESK_CHANNEL", "it-desk")
    monkeypatch.setenv("GUICHET_DIGEST_PLACE", f"slack:{id}")
    result = run("doctor")
    assert "✓ digest      posted in slack:" in result.stdout
    assert lines(result)[2:-1] == [says.format(id=id), *([remedy] if remedy else [])]


def test_digests_in_a_desk_channel_are_not_looked_at_twice(
    run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = slack.channel("it-desk", private=True)
    monkeypatch.setenv("GUICHET_SLACK_DESK_CHANNEL", "it-desk")
    monkeypatch.setenv("GUICHET_DIGEST_PLACE", f"slack:{desk.id}")
    assert lines(run("doctor"))[1:-1] == ["✓ slack the bot is in the desk channel it-desk"]


def test_a_setting_that_names_no_category(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_SLACK_DESK_CHANNEL", "gardening=C0123")
    result = run("doctor")
    assert result.exit_code == 1 and "'gardening' is no category" in lines(result)[0]


def test_a_public_desk_channel_whose_members_are_technicians(
    run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.channel("it-desk")
    monkeypatch.setenv("GUICHET_SLACK_DESK_CHANNEL", "it-desk")
    assert not any("public" in line for line in lines(run("doctor")))
    monkeypatch.setenv("GUICHET_DESK_MEMBERS_ARE_TECHNICIANS", "true")
    result = run("doctor")
    assert result.exit_code == 0
    assert "! slack the desk channel it-desk is public: whoever joins it is a technician" in lines(result)


def test_scopes_that_are_missing_are_named(run: Run, slack: FakeSlack) -> None:
    slack.installation.scopes = [one for one in scopes() if one not in ("files:write", "im:write")]
    result = run("doctor")
    assert result.exit_code == 1
    at = lines(result).index("✗ slack scopes are missing: files:write, im:write")
    assert "deploy/slack-manifest.yaml" in lines(result)[at + 1]


def test_tokens_that_are_refused(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_SLACK_APP_TOKEN", "xapp-1-wrong")
    slack.installation.gone = "token_revoked"
    result = run("doctor")
    assert result.exit_code == 1
    assert lines(result) == [
        "✗ slack the bot token is refused: auth.test: token_revoked",
        "→ install the app again and set GUICHET_SLACK_BOT_TOKEN",
        "✗ slack no socket: apps.connections.open: invalid_auth",
        "→ make an app-level token with connections:write and set GUICHET_SLACK_APP_TOKEN; switch socket mode on",
    ]
    assert slack.bot_token not in result.output and "xapp-1-wrong" not in result.output


def test_a_slack_that_does_not_answer(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("GUICHET_SLACK_API_URL", f"http://127.0.0.1:{port}/api/")
    result = run("doctor")
    assert result.exit_code == 1
    assert lines(result)[0].startswith("✗ slack Slack does not answer: auth.test")
    assert [line for line in lines(result) if "correct GUICHET_SLACK_API_URL" in line] != []


def test_http_mode_looks_at_the_port(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("GUICHET_SLACK_MODE", "http")
        monkeypatch.setenv("GUICHET_SLACK_SIGNING_SECRET", slack.signing_secret)
        monkeypatch.setenv("GUICHET_SLACK_HTTP_BIND", bind)
        result = run("doctor")
        assert result.exit_code == 1
        assert lines(result)[-2].startswith("✗ slack http mode: GUICHET_SLACK_HTTP_BIND") and bind in lines(result)[-2]
    free = run("doctor")
    assert free.exit_code == 0
    assert lines(free)[-1] == f"✓ slack http mode: {bind} is free; Slack calls http://{bind}/slack/events"
    assert slack.signing_secret not in free.output


def test_the_port_may_be_in_use_by_the_running_desk(
    run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, home: object
) -> None:
    monkeypatch.setenv("GUICHET_SLACK_MODE", "http")
    monkeypatch.setenv("GUICHET_SLACK_SIGNING_SECRET", slack.signing_secret)
    monkeypatch.setenv("GUICHET_PUBLIC_URL", "https://desk.example.org")
    monkeypatch.setenv("GUICHET_WEB", "false")  # or it is looked whether the address leads to its pages
    with socket.create_server(("127.0.0.1", 0)) as taken, FileLock(f"{home}/owner.lock"):
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("GUICHET_SLACK_HTTP_BIND", bind)
        result = run("doctor")
    assert result.exit_code == 0
    assert f"{bind} is in use by another guichet process; Slack calls https://desk" in lines(result)[-1]


def install_by_hand(home: object, account: str, name: str, token: str, key: str) -> None:
    """As an installation in a browser leaves it."""

    async def keep() -> None:
        storage = await open_storage(f"{home}/guichet.db")
        sealed = Sealer(key, "slack").seal(token)
        await storage.installations.keep(Installation("slack", account, name, sealed, datetime.now(UTC)))
        await storage.close()

    asyncio.run(keep())


def test_each_installed_workspace_has_its_line(
    run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, home: object
) -> None:
    well, gone = slack.workspace("Well", installed=True), slack.workspace("Gone", installed=True)
    tokens = {one.team: one for one in slack.state.installations.values()}
    tokens[gone.id].gone = "account_inactive"
    for name, value in (
        ("GUICHET_SECRET_KEY", KEY),
        ("GUICHET_SLACK_CLIENT_ID", slack.state.client_id),
        ("GUICHET_SLACK_CLIENT_SECRET", slack.state.client_secret),
        ("GUICHET_PUBLIC_URL", "https://desk.example.org"),
    ):
        monkeypatch.setenv(name, value)
    tokens[well.id].scopes = list(scopes())
    install_by_hand(home, slack.team.id, "Example", slack.bot_token, KEY)
    install_by_hand(home, well.id, "Well", tokens[well.id].token, KEY)
    install_by_hand(home, gone.id, "Gone", tokens[gone.id].token, KEY)
    install_by_hand(home, "T0SEALED", "Sealed", "xoxb-x", "another key, and long enough to be one as well")
    result = run("doctor")
    assert result.exit_code == 1
    found = lines(result)
    assert found[0] == f"✓ slack workspace Example ({slack.team.id}) as guichet"
    assert len([line for line in found if "Example" in line]) == 1
    assert f"✓ slack workspace Well ({well.id}), which installed the app" in found
    at = found.index(f"✗ slack workspace Gone ({gone.id}), which installed the app: auth.test: account_inactive")
    assert found[at + 1] == "→ its people install it again: https://desk.example.org/slack/install"
    assert any("Sealed (T0SEALED)" in line and "another GUICHET_SECRET_KEY" in line for line in found)
    assert found[-1] == "✓ slack other workspaces install the app at https://desk.example.org/slack/install"
    for secret in (KEY, slack.state.client_secret, *(one.token for one in tokens.values())):
        assert secret not in result.output


def test_a_desk_that_is_only_installed_by_others(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUICHET_SLACK_BOT_TOKEN")
    monkeypatch.setenv("GUICHET_SECRET_KEY", KEY)
    monkeypatch.setenv("GUICHET_SLACK_CLIENT_ID", slack.state.client_id)
    monkeypatch.setenv("GUICHET_SLACK_CLIENT_SECRET", slack.state.client_secret)
    result = run("doctor")
    assert result.exit_code == 0
    assert "no workspace is the desk's own" in lines(result)[0]
    assert lines(result)[-1] == "→ set GUICHET_PUBLIC_URL, or only this machine can"
