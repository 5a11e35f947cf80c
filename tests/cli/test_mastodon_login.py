"""`guichet mastodon login`: from the server's address to a token in `.env`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.mastodon.signing_up import HERE, SCOPES
from bot.cli.mastodon_login import Terminal, log_in
from bot.env_file import changed
from bot.errors import InvalidInput, PlatformUnavailable
from bot.settings import Settings, load_settings
from tests.adapters.mastodon.writing import PRESETS
from tests.fakes.mastodon import FakeMastodon, oauth
from tests.fakes.mastodon.state import Json, Token
from tests.fakes.mastodon.web_api import Call, Route
from tests.fakes.mastodon.world import Refused
from tests.fakes.mastodon_beside import Beside, mastodon_beside


@dataclass
class Holder:
    """Whoever has the account, at a terminal and a browser. `says`: what they type in place of a code, first."""

    beside: Beside
    says: list[str] = field(default_factory=list)
    agrees: bool = True
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def terminal(self) -> Terminal:
        return Terminal(self.told.append, self._types, self._agrees)

    @property
    def address(self) -> str:
        (found,) = {one.strip() for one in self.told if "/oauth/authorize" in one}
        return found

    def _types(self, question: str) -> str:
        self.asked.append(question)
        if "server" in question.lower() or "serveur" in question.lower():
            return self.beside.mastodon.url
        return self.says.pop(0) if self.says else self.beside.do(self.beside.mastodon.authorises(self.address))

    def _agrees(self, question: str) -> bool:
        self.asked.append(question)
        return self.agrees


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


@pytest.fixture
def beside() -> Iterator[Beside]:
    with mastodon_beside(bot=False) as server:
        yield server


def settings() -> Settings:
    return load_settings(None)


@pytest.mark.parametrize("kind", PRESETS)
def test_a_token_is_made_kept_and_good(kind: str) -> None:
    with mastodon_beside(quirks=PRESETS[kind](), bot=False) as beside:
        holder = Holder(beside)
        log_in(settings(), None, holder.terminal)
        kept = load_settings(".env")
        assert kept.uses_mastodon and kept.mastodon_url == beside.mastodon.url
        assert kept.mastodon_token and kept.mastodon_token.get_secret_value() == beside.mastodon.token
        assert Path(".env").stat().st_mode & 0o777 == 0o600
        assert sorted(token_of(beside.mastodon).scopes) == sorted(SCOPES)
        assert beside.mastodon.bot.bot
        assert not [one for one in holder.told if beside.mastodon.token in one]
        assert "This is @guichet@masto.example. Is that the desk’s account?" in holder.asked


def test_strangers_direct_messages_are_let_in(beside: Beside) -> None:
    holder = Holder(beside)
    log_in(settings(), beside.mastodon.url, holder.terminal)
    assert beside.mastodon.bot.policy["for_private_mentions"] == "accept"
    assert any("come in from now on" in one for one in holder.told)


def test_it_is_said_in_french(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    holder = Holder(beside)
    log_in(settings(), None, holder.terminal)
    assert any("autorisez l’accès" in one for one in holder.told) and "lang=fr" in holder.address
    assert any("Est-ce le compte du support" in one for one in holder.asked)


def test_other_lines_stay_as_they_are(beside: Beside) -> None:
    before = (
        "# ours\nGUICHET_HOME=./data\n\nexport GUICHET_MASTODON_TOKEN=old\nGUICHET_MASTODON_TOKEN=older\nOTHER='x y'\n"
    )
    Path(".env").write_text(before)
    log_in(settings(), beside.mastodon.url, Holder(beside).terminal)
    assert Path(".env").read_text() == (
        f"# ours\nGUICHET_HOME=./data\n\nGUICHET_MASTODON_TOKEN={beside.mastodon.token}\nOTHER='x y'\n"
        f"GUICHET_MASTODON_URL={beside.mastodon.url}\n"
    )
    assert [one.name for one in Path.cwd().iterdir()] == [".env"]


def test_what_a_link_leads_to_is_changed(beside: Beside, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    real.mkdir()
    (real / "settings").write_text("A=1\n")
    Path(".env").symlink_to(real / "settings")
    log_in(settings(), beside.mastodon.url, Holder(beside).terminal)
    assert Path(".env").is_symlink() and (real / "settings").read_text().startswith("A=1\nGUICHET_MASTODON_URL=")


def test_a_server_that_cannot_show_codes_sends_the_browser_away_and_the_address_will_do(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = oauth.apps

    def without_oob(call: Call) -> Json:
        if call.text("redirect_uris") != HERE:
            raise Refused(422, "Validation failed: Redirect URI must be an absolute URI")
        return real(call)

    monkeypatch.setattr(
        beside.mastodon.api,
        "routes",
        {
            **beside.mastodon.api.routes,
            "POST /api/v1/apps": Route(without_oob, kind="open"),
        },
    )
    holder = Holder(beside)
    log_in(settings(), beside.mastodon.url, holder.terminal)
    assert any("whole address" in one for one in holder.told)
    assert f"GUICHET_MASTODON_TOKEN={beside.mastodon.token}" in Path(".env").read_text()


def test_a_server_that_knows_no_fine_scopes_is_asked_for_broad_ones(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = oauth.apps

    def broad_only(call: Call) -> Json:
        if ":" in call.text("scopes"):
            raise Refused(422, "Validation failed: Scopes")
        return real(call)

    monkeypatch.setattr(
        beside.mastodon.api,
        "routes",
        {
            **beside.mastodon.api.routes,
            "POST /api/v1/apps": Route(broad_only, kind="open"),
        },
    )
    log_in(settings(), beside.mastodon.url, Holder(beside).terminal)
    assert sorted(token_of(beside.mastodon).scopes) == ["follow", "read", "write"]


def test_a_wrong_code_may_be_corrected(beside: Beside) -> None:
    holder = Holder(beside, says=["nonsense", " "])
    log_in(settings(), beside.mastodon.url, holder.terminal)
    assert len([one for one in holder.told if "does not take that code" in one]) == 2
    assert Path(".env").exists()


def test_without_a_good_code_nothing_is_kept(beside: Beside) -> None:
    holder = Holder(beside, says=["a", "http://localhost/guichet?code=b&state=other", "c"])
    with pytest.raises(InvalidInput, match="nothing was kept"):
        log_in(settings(), beside.mastodon.url, holder.terminal)
    assert not Path(".env").exists()


def test_of_the_wrong_account_nothing_is_kept(beside: Beside) -> None:
    with pytest.raises(InvalidInput, match="nothing was kept"):
        log_in(settings(), beside.mastodon.url, Holder(beside, agrees=False).terminal)
    assert not Path(".env").exists() and not beside.mastodon.bot.bot


@pytest.mark.parametrize("written", ["ftp://masto.example", "https://masto.example/about", "not an address", ""])
def test_what_is_no_address_is_said_to_be_none(beside: Beside, written: str) -> None:
    terminal = Terminal(lambda _: None, lambda _: written, lambda _: True)
    with pytest.raises(InvalidInput, match="no address of a server"):
        log_in(settings(), None, terminal)


def test_what_is_no_mastodon_is_said_to_be_none(beside: Beside) -> None:
    with pytest.raises(PlatformUnavailable, match="does not answer as a Mastodon does"):
        log_in(settings(), "http://127.0.0.1:9", Holder(beside).terminal)
    beside.mastodon.quirks.without.add("/api/v1/apps")
    with pytest.raises(PlatformUnavailable, match="does not answer as a Mastodon does"):
        log_in(settings(), beside.mastodon.url, Holder(beside).terminal)
    beside.mastodon.faults.break_down("POST /api/v1/apps", 500, times=4)
    with pytest.raises(PlatformUnavailable, match="does not answer as a Mastodon does"):
        log_in(settings(), beside.mastodon.url, Holder(beside).terminal)


def test_a_variable_that_hides_the_file_is_named(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_MASTODON_TOKEN", "old")
    monkeypatch.setenv("GUICHET_MASTODON_URL", beside.mastodon.url)
    holder = Holder(beside)
    log_in(settings(), beside.mastodon.url, holder.terminal)
    assert any(re.search("GUICHET_MASTODON_TOKEN is set in the environment", one) for one in holder.told)


def test_where_the_mark_cannot_be_set_it_is_said_how(beside: Beside) -> None:
    beside.mastodon.faults.refuse("PATCH /api/v1/accounts/update_credentials", 422, "no")
    holder = Holder(beside)
    log_in(settings(), beside.mastodon.url, holder.terminal)
    assert any("automated account" in one for one in holder.told)


def test_values_are_written_so_that_they_are_read_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(
        changed("", {"GUICHET_MASTODON_URL": "https://masto.example", "GUICHET_MASTODON_TOKEN": "a 'b' #c\\ d"})
    )
    token = load_settings(file).mastodon_token
    assert token and token.get_secret_value() == "a 'b' #c\\ d"


def token_of(mastodon: FakeMastodon) -> Token:
    return mastodon.state.tokens[mastodon.token]
