"""A workspace installs the app in a browser, and removes it again."""

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from adapters.slack.adapter import SlackAdapter
from adapters.slack.installed import InstalledWorkspaces
from adapters.slack.oauth import COOKIE, SECONDS, States
from adapters.slack.permissions import scopes
from adapters.slack.rooms import SlackDesk
from bot.errors import PlatformUnavailable
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, IncomingMessage
from bot.model.values import Audience
from bot.texts import Texts
from storage.store import SqlStorage, open_storage
from tests.adapters.slack.hearing import SmallReception, Store, settings_for, until
from tests.fakes.ports import free_port
from tests.fakes.slack import FakeSlack

KEY = "a secret key that nobody guesses, 40 letters"


@dataclass
class Site:
    """The desk, with the pages on which the app is installed."""

    slack: FakeSlack
    adapter: SlackAdapter
    installed: InstalledWorkspaces
    storage: SqlStorage
    store: Store
    url: str

    @property
    def install(self) -> str:
        return f"{self.url}/slack/install"


@dataclass
class Arrival:
    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:  # on an address, too
        yield session


@asynccontextmanager
async def serving(
    slack: FakeSlack, storage: SqlStorage, store: Store | None = None, **options: Any
) -> AsyncIterator[Site]:
    port = free_port()
    values: dict[str, Any] = {
        "slack_http_bind": f"127.0.0.1:{port}",
        "slack_client_id": slack.state.client_id,
        "slack_client_secret": slack.state.client_secret,
        "secret_key": KEY,
    }
    settings = settings_for(slack, **values | options)
    installed = InstalledWorkspaces.of(settings, storage.installations, lambda: datetime.now(UTC))
    assert installed is not None
    store = store or Store()
    adapter = SlackAdapter(
        settings,
        SmallReception(),
        store,
        store,
        Texts.load(),
        SlackDesk(),
        lambda: datetime.now(UTC),
        installed=installed,
    )
    running = asyncio.create_task(adapter.run(store))
    try:
        await until(lambda: adapter.is_listening or running.done(), "listening")
        if running.done():
            await running
        yield Site(slack, adapter, installed, storage, store, f"http://127.0.0.1:{port}")
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[SqlStorage]:
    opened = await open_storage(str(tmp_path / "guichet.db"))
    yield opened
    await opened.close()


@pytest.fixture
async def site(slack: FakeSlack, storage: SqlStorage) -> AsyncIterator[Site]:
    async with serving(slack, storage) as open_site:
        yield open_site


async def sent_to_slack(session: aiohttp.ClientSession, site: Site) -> str:
    """The address that a visitor of /slack/install is sent to."""
    async with session.get(site.install, allow_redirects=False) as answer:
        assert answer.status == 302
        return answer.headers["Location"]


async def agreed(session: aiohttp.ClientSession, site: Site, address: str, into: str, **more: str) -> str:
    """The address that Slack sends them back to."""
    async with session.get(address) as answer:
        form = await answer.text()
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    page = f"{site.slack.url}/oauth/v2/authorize"
    async with session.post(page, data=fields | {"into": into} | more, allow_redirects=False) as answer:
        return answer.headers["Location"]


async def arrived(session: aiohttp.ClientSession, address: str) -> Arrival:
    async with session.get(address, allow_redirects=False) as answer:
        return Arrival(answer.status, await answer.text(), dict(answer.headers))


async def installs(site: Site, into: str) -> Arrival:
    async with browser() as session:
        back = await agreed(session, site, await sent_to_slack(session, site), into)
        return await arrived(session, back)


def way_back(site: Site, **query: str) -> str:
    return f"{site.url}/slack/oauth_redirect?{'&'.join(f'{k}={v}' for k, v in query.items())}"


async def test_slack_is_asked_for_what_is_used(site: Site) -> None:
    async with browser() as session:
        address = urlsplit(await sent_to_slack(session, site))
        query = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{site.slack.url}/oauth/v2/authorize"
    assert query["client_id"] == [site.slack.state.client_id]
    assert query["scope"] == [",".join(scopes())]
    assert query["redirect_uri"] == [f"{site.url}/slack/oauth_redirect"]


async def test_a_workspace_is_connected_and_its_people_are_the_public(site: Site) -> None:
    other = site.slack.workspace("Elsewhere & <Sons>")
    answer = await installs(site, other.id)
    assert answer.status == 200
    assert "Elsewhere &amp; &lt;Sons&gt;" in answer.text and "<Sons>" not in answer.text
    assert "est installé dans" in answer.text and "is installed in" in answer.text
    assert site.adapter.accounts == {site.slack.team.id, other.id}
    eve = site.slack.person("Eve", team=other)
    await eve.says(eve.dm(), "how do I reset my password?")
    await until(lambda: site.store.texts, "a question")
    found = await site.adapter.introduce(site.store.last(IncomingMessage))
    assert isinstance(found, IncomingMessage)
    assert (found.author.account, found.author.guest, found.audience) == (other.id, True, Audience.PUBLIC)


async def test_the_token_is_sealed(site: Site, tmp_path: Path) -> None:
    other = site.slack.workspace("Elsewhere")
    await installs(site, other.id)
    token = site.slack.state.installed_in(other.id)
    assert token is not None
    assert await site.installed.tokens() == {other.id: token.token}
    [kept] = await site.storage.installations.all("slack")
    assert token.token not in kept.token and "xoxb" not in repr(kept)
    files = await asyncio.to_thread(lambda: [file.read_bytes() for file in tmp_path.iterdir()])
    assert files and not any(token.token.encode() in content for content in files)


async def test_nothing_of_the_page_is_kept_or_passed_on(site: Site) -> None:
    answer = await installs(site, site.slack.workspace("Elsewhere").id)
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "xoxb" not in answer.text and site.slack.state.client_secret not in answer.text


async def test_who_says_no_is_told_that_nothing_was_done(site: Site) -> None:
    async with browser() as session:
        back = await agreed(session, site, await sent_to_slack(session, site), site.slack.team.id, deny="1")
        answer = await arrived(session, back)
    assert answer.status == 200 and "you said no" in answer.text and "vous avez refusé" in answer.text
    assert await site.installed.tokens() == {}


async def test_the_way_back_is_good_once(site: Site) -> None:
    other = site.slack.workspace("Elsewhere")
    async with browser() as session:
        set_out = await sent_to_slack(session, site)
        [cookie] = [one for one in session.cookie_jar if one.key == COOKIE]
        back = await agreed(session, site, set_out, other.id)
        assert (await arrived(session, back)).status == 200
        assert not [one for one in session.cookie_jar if one.key == COOKIE]
        again = await agreed(session, site, set_out, other.id)  # with a new code, and even with the old cookie
        async with session.get(again, cookies={COOKIE: cookie.value}) as answer:
            assert answer.status == 400 and "was used before" in await answer.text()


async def test_it_is_good_only_in_the_browser_that_set_out(site: Site) -> None:
    async with browser() as mine, browser() as theirs:
        back = await agreed(mine, site, await sent_to_slack(mine, site), site.slack.workspace("Elsewhere").id)
        await sent_to_slack(theirs, site)  # they set out, too, on a way of their own
        assert (await arrived(theirs, back)).status == 400
    assert await site.installed.tokens() == {}
    assert site.slack.called("oauth.v2.access") == []


@pytest.mark.parametrize("state", ["", "made-up", "WyJhIiwiYiJd.aaaa.bbbb"])
async def test_what_did_not_set_out_does_not_come_back(site: Site, state: str) -> None:
    async with browser() as session:
        await sent_to_slack(session, site)
        answer = await arrived(session, way_back(site, code="123", state=state))
    assert answer.status == 400 and 'href="/slack/install"' in answer.text
    assert site.slack.called("oauth.v2.access") == []


def test_a_state_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    states = States(KEY)
    state, kept = states.begin()
    late, late_kept = states.begin()
    assert not States("another key that is also long enough to be one").end(state, kept)
    assert not states.end(state, late_kept)
    assert states.end(state, kept) and not states.end(state, kept)
    later = time.time() + SECONDS + 2
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert not states.end(late, late_kept)


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        ("invalid_code", 400, "was used before"),
        ("bad_client_secret", 500, "Those who run this desk"),
        ("ratelimited", 503, "start again in a moment"),
        ("internal_error", 503, "start again in a moment"),
    ],
)
async def test_slacks_refusals_are_plain_pages(site: Site, error: str, status: int, says: str) -> None:
    site.slack.faults.refuse("oauth.v2.access", error)
    answer = await installs(site, site.slack.workspace("Elsewhere").id)
    assert answer.status == status and says in answer.text and error not in answer.text


async def test_installed_anew_it_has_another_token(site: Site) -> None:
    other = site.slack.workspace("Elsewhere")
    await installs(site, other.id)
    first = await site.installed.tokens()
    await installs(site, other.id)
    second = await site.installed.tokens()
    assert first.keys() == second.keys() and first != second
    eve = site.slack.person("Eve", team=other)
    await eve.says(eve.dm(), "hello")
    await until(lambda: site.store.texts, "a message")
    assert isinstance(await site.adapter.introduce(site.store.last(IncomingMessage)), IncomingMessage)


async def test_a_workspace_that_removes_the_app_is_forgotten(site: Site) -> None:
    other = site.slack.workspace("Elsewhere")
    await installs(site, other.id)
    gone = site.slack.state.installed_in(other.id)
    assert gone is not None
    site.slack.world.revoke(gone, "account_inactive", uninstalled=True)
    await until(lambda: site.adapter.accounts == {site.slack.team.id}, "gone")
    assert await site.installed.tokens() == {}


async def test_what_is_wrong_with_an_installed_token_its_own_people_put_right(site: Site) -> None:
    other = site.slack.workspace("Elsewhere")
    await installs(site, other.id)
    for team, remedy in ((other, "install it again at /slack/install"), (site.slack.team, "GUICHET_SLACK_BOT_TOKEN")):
        app = site.slack.state.installed_in(team.id)
        assert app is not None
        app.gone = "token_revoked"
        question = ConversationRef("slack", team.id, "U0000ELSE")
        with pytest.raises(PlatformUnavailable):
            await site.adapter.send(Delivery(question, Document((Paragraph("Hello."),)), team.id))
        (trouble,) = [one for one in site.adapter.troubles.present if one.where == team.id]
        assert remedy in trouble.remedy


async def test_people_of_an_installed_workspace_are_answered_without_the_scope_to_know_them(site: Site) -> None:
    other = site.slack.workspace("Elsewhere")
    await installs(site, other.id)
    eve = site.slack.person("Eve", team=other)
    site.slack.faults.refuse("users.info", "missing_scope", times=9, needed="users:read")
    await eve.says(eve.dm(), "hello")
    await until(lambda: site.store.texts, "a message")
    found = await site.adapter.introduce(site.store.last(IncomingMessage))
    assert isinstance(found, IncomingMessage) and found.author.name == ""
    assert [one.kind for one in site.adapter.troubles.present] == ["installed_scope"]


async def test_a_workspace_that_is_not_connected_is_not_taken_for_another(site: Site) -> None:
    other = site.slack.workspace("Elsewhere", installed=True)  # on another replica, a moment ago
    eve, ada = site.slack.person("Eve", team=other), site.slack.person("Ada")
    await eve.says(eve.dm(), "hello from elsewhere")
    await ada.says(ada.dm(), "hello")
    await until(lambda: site.store.texts, "a message")
    assert site.store.texts == ["hello"]


async def test_late_news_of_the_last_end_leaves_a_new_installation_alone(site: Site) -> None:
    other = site.slack.workspace("Elsewhere")
    await installs(site, other.id)
    assert not await site.installed.forget(other.id, datetime.now(UTC) - timedelta(minutes=1))
    assert other.id in await site.installed.tokens()


async def test_installed_workspaces_are_connected_at_the_next_start(slack: FakeSlack, storage: SqlStorage) -> None:
    other = slack.workspace("Elsewhere")
    async with serving(slack, storage) as site:
        await installs(site, other.id)
    async with serving(slack, storage) as site:
        assert site.adapter.accounts == {slack.team.id, other.id}


async def test_what_was_said_in_an_installed_workspace_while_the_desk_was_away_is_read(
    slack: FakeSlack, storage: SqlStorage
) -> None:
    other, store = slack.workspace("Elsewhere"), Store()
    async with serving(slack, storage, store) as site:
        await installs(site, other.id)
        await until(lambda: f"slack/{other.id}/heard" in store.names, "the cursor")
    eve, ada = slack.person("Eve", team=other), slack.person("Ada")
    await eve.says(eve.dm(), "in one workspace")
    await ada.says(ada.dm(), "in the other")
    async with serving(slack, storage, store):
        await until(lambda: len(store.texts) == 2, "both")
    heard = {one.text: one.author.account for one in store.events if isinstance(one, IncomingMessage)}
    assert heard == {"in one workspace": other.id, "in the other": slack.team.id}


async def test_a_key_that_does_not_fit_leaves_the_others_connected(slack: FakeSlack, storage: SqlStorage) -> None:
    async with serving(slack, storage) as site:
        await installs(site, slack.workspace("Elsewhere").id)
    async with serving(slack, storage, secret_key="quite another key, but long enough as well") as site:
        assert site.adapter.accounts == {slack.team.id}


async def test_a_desk_without_a_workspace_of_its_own(slack: FakeSlack, storage: SqlStorage) -> None:
    async with serving(slack, storage, slack_bot_token=None, slack_mode="socket") as site:
        assert site.adapter.accounts == frozenset()
        await installs(site, slack.team.id)
        assert site.adapter.accounts == {slack.team.id}
        ada = slack.person("Ada")
        await ada.says(ada.dm(), "hello")
        await until(lambda: site.store.texts, "a message")


async def test_in_http_mode_the_same_port_takes_both(slack: FakeSlack, storage: SqlStorage) -> None:
    async with serving(slack, storage, slack_mode="http") as site, browser() as session:
        answer = await installs(site, slack.workspace("Elsewhere").id)
        assert answer.status == 200
        async with session.post(f"{site.url}/slack/events", data=b"{}") as unsigned:
            assert unsigned.status == 401
