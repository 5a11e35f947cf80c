"""What the doctor finds at the public address."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.web.app import create_app
from adapters.web.examine import examined, mark_of
from adapters.web.health import Health
from bot.checks import Check
from storage.store import SqlStorage
from tests.adapters.web.contact.desk import KEY, contact_desk
from tests.adapters.web_security.site import served
from tests.cli.conftest import Run
from tests.fakes.ports import free_port


async def found(address: str, key: str = KEY) -> list[tuple[str, str]]:
    checks: list[Check] = [check async for check in examined(address, key, 3.0)]
    assert all(check.remedy or check.state == "ok" for check in checks), "it says what to do"
    return [(check.state, check.finding) for check in checks]


async def test_a_name_that_nobody_knows_is_broken() -> None:
    [(state, finding)] = await found("https://desk.invalid")
    assert state == "broken" and "not known to the DNS" in finding


async def test_an_address_at_which_nothing_answers() -> None:
    states = await found(f"http://localhost:{free_port()}")
    assert [state for state, _ in states] == ["warning", "warning"]
    assert "this machine alone" in states[0][1] and "cannot be reached" in states[1][1]


async def test_whether_it_is_this_desk_and_the_public_gets_in(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home") as desk:
        site = desk.web.site
        application = create_app(site, Health({}, mark=mark_of(KEY)))
        async with served(application, site.settings) as address:
            assert (await found(address))[-1] == (
                "ok",
                f"{address} leads to this desk, and the public may open the contact page",
            )
            state, finding = (await found(address, KEY[::-1]))[-1]
            assert state == "broken" and "not as this desk" in finding
        closed = create_app(replace(site, services=None), Health({}, mark=mark_of(KEY)))
        async with served(closed, site.settings) as address:
            state, finding = (await found(address))[-1]
            assert state == "broken" and "the public is kept out" in finding


def test_without_an_address_nothing_is_said(run: Run) -> None:
    assert " page " not in run("doctor").stdout


def test_a_public_that_can_be_given_no_links_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_MASTODON_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("GUICHET_MASTODON_TOKEN", "t")
    assert "the public is offered direct messages alone" in run("doctor").stdout
    monkeypatch.setenv("GUICHET_PUBLIC_URL", f"http://127.0.0.1:{free_port()}")
    assert "leads to this machine alone" in run("doctor").stdout
