"""The first technician, by the address that Slack knows them by."""

from collections.abc import Iterator

import pytest

from bot.errors import InvalidInput, PlatformUnavailable, SettingsError
from tests.cli.conftest import Run
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_beside import slack_beside


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    with slack_beside() as server:
        monkeypatch.setenv("GUICHET_SLACK_BOT_TOKEN", server.bot_token)
        monkeypatch.setenv("GUICHET_SLACK_APP_TOKEN", server.app_token)
        monkeypatch.setenv("GUICHET_SLACK_API_URL", server.api_url)
        yield server


def test_a_member_becomes_a_technician(run: Run, slack: FakeSlack) -> None:
    slack.person("Tess Martin", email="tess@example.org")
    result = run("technician", "add", "--slack", " Tess@Example.org ", "--role", "admin")
    assert result.exit_code == 0 and result.stdout == "TECH-001 is admin.\n"
    assert "TECH-001  admin       Tess Martin" in run("technician", "list").stdout
    assert run("technician", "add", "--slack", "tess@example.org").stdout == "TECH-001 is technician.\n"
    assert slack.bot_token not in result.output


def test_it_is_the_person_who_is_known_by_that_address(run: Run, slack: FakeSlack) -> None:
    slack.person("Tess Martin", email="tess@example.org")
    run("technician", "add", "--slack", "tess@example.org")
    assert run("technician", "add", "--email", "tess@example.org", "--role", "lead").stdout == "TECH-001 is lead.\n"


def test_a_command_of_theirs_is_obeyed_in_slack(run: Run, slack: FakeSlack) -> None:
    """They are known by their user id there, not by a name."""
    tess = slack.person("Tess Martin", email="tess@example.org")
    run("technician", "add", "--slack", "tess@example.org")
    same = run("technician", "add", "--platform", "slack", "--account", slack.team.id, "--user", tess.id)
    assert same.stdout == "TECH-001 is technician.\n"


def test_who_cannot_be_one(run: Run, slack: FakeSlack) -> None:
    slack.person("Zoe Guest", email="zoe@example.org", guest=True)
    slack.person("Max Single", email="max@example.org", single_channel=True)
    bot = slack.person("Robot", bot=True)
    bot.user.email = "robot@example.org"
    slack.person("Old Timer", email="old@example.org").user.deleted = True
    for email, reason in (
        ("zoe@example.org", "is a guest"),
        ("max@example.org", "is a guest"),
        ("robot@example.org", "is an app"),
        ("old@example.org", "or their account is deactivated"),
        ("nobody@example.org", "nobody in the Slack workspace Example has the address nobody@example.org"),
    ):
        with pytest.raises(InvalidInput, match=reason):
            run("technician", "add", "--slack", email)
    assert run("technician", "list").stdout == ""


def test_what_is_missing_is_named(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.person("Tess Martin", email="tess@example.org")
    slack.installation.scopes.remove("users:read.email")
    with pytest.raises(SettingsError, match=r"lacks the scope users:read\.email: paste deploy/slack-manifest\.yaml"):
        run("technician", "add", "--slack", "tess@example.org")
    slack.installation.gone = "token_revoked"
    with pytest.raises(SettingsError, match=r"GUICHET_SLACK_BOT_TOKEN: was refused \(token_revoked\)") as caught:
        run("technician", "add", "--slack", "tess@example.org")
    assert slack.bot_token not in str(caught.value)
    monkeypatch.delenv("GUICHET_SLACK_BOT_TOKEN")
    with pytest.raises(SettingsError, match="GUICHET_SLACK_BOT_TOKEN: is needed"):
        run("technician", "add", "--slack", "tess@example.org")


def test_one_way_of_naming_somebody_is_enough(run: Run, slack: FakeSlack) -> None:
    assert run("technician", "add").exit_code == 2
    assert run("technician", "add", "--slack", "a@example.org", "--email", "a@example.org").exit_code == 2
    assert run("technician", "add", "--slack", "a@example.org", "--user", "U1").exit_code == 2
    assert run("technician", "add", "--platform", "slack").exit_code == 2


def test_a_slack_that_is_away(run: Run, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.directory.PATIENCE", 0.2)
    monkeypatch.setenv("GUICHET_SLACK_API_URL", "http://127.0.0.1:1/api/")
    with pytest.raises(PlatformUnavailable, match="cannot be reached"):
        run("technician", "add", "--slack", "a@example.org")
