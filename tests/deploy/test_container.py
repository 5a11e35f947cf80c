"""The container and the compose file, as far as they can be tried without an engine that runs them."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from packaging.version import Version
from starlette.applications import Starlette

from adapters.web.health import Health
from bot.errors import SettingsError
from bot.settings import PREFIX, Settings, load_settings
from tests.adapters.web_security.site import served, settings_of

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
KEYS = {"POSTGRES_PASSWORD": "p" * 48, "QDRANT_API_KEY": "q" * 48}
BY_HAND = {
    "GUICHET_SECRET_KEY": "s" * 64,
    "GUICHET_PUBLIC_URL": "https://desk.example.org",
    "GUICHET_SIGN_IN": "email",
    "GUICHET_SIGN_IN_EMAILS": "@example.org",
    "GUICHET_SMTP_URL": "smtps://desk:x@mail.example.org",
    "GUICHET_SMTP_FROM": "desk@example.org",
}


@dataclass(frozen=True, slots=True)
class Instruction:
    stage: int
    word: str
    rest: str


def instructions() -> Iterator[Instruction]:
    """The Dockerfile's, with continued lines joined and comments left out."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    stage = -1
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            stage += word == "FROM"
            yield Instruction(stage, word, rest.strip())


ALL = tuple(instructions())
LAST = max(each.stage for each in ALL)


def of(word: str, stage: int | None = None) -> list[str]:
    return [each.rest for each in ALL if each.word == word and stage in (None, each.stage)]


def image_environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in of("ENV", LAST) for pair in rest.split())


def filled(text: str, values: dict[str, str]) -> str:
    """Compose's own substitution: ${NAME:?why} is required, $$ is a dollar."""
    required = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: values[found[1]], text)
    assert not re.search(r"(?<!\$)\$(?!\$)", required), required
    return required.replace("$$", "$")


# The image


def test_the_image_is_of_two_stages_and_a_python_that_is_supported() -> None:
    assert LAST == 1
    assert [rest.partition(" ")[0] for rest in of("FROM")] == ["python:${PYTHON}-slim"] * 2
    assert of("ARG", -1) == ["PYTHON=3.11"]


def test_everything_that_is_copied_is_there_and_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {line[1:] for line in rules if line.startswith("!")}
    copied = {source for rest in of("COPY", 0) for source in rest.split()[:-1]}
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)
    assert all(rest.startswith("--from=build /opt/guichet ") for rest in of("COPY", LAST))


@pytest.mark.parametrize("name", [".env", "deploy/.env", ".git", "data", "tests", "bot/__pycache__", "bot/x/.env"])
def test_neither_secrets_nor_data_nor_history_reach_the_builder(name: str) -> None:
    kept = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        hit = fnmatch(name, pattern) or name.startswith(f"{pattern}/") or fnmatch(name.rpartition("/")[2], pattern)
        if line and not line.startswith("#") and hit:
            kept = line.startswith("!")
    assert not kept


def test_everything_the_wheel_is_made_of_is_copied() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    packages = re.search(r"packages = \[(.*?)\]", text)
    assert packages
    wanted = {name.strip(' "') for name in packages[1].split(",")} | {"pyproject.toml", "README.md", "LICENSE"}
    assert wanted <= {source for rest in of("COPY", 0) for source in rest.split()[:-1]}


def test_only_what_the_lock_names_is_installed() -> None:
    installs = re.findall(r"pip install ([^&]*)", " && ".join(of("RUN")))
    assert len(installs) == 2
    assert "--require-hashes" in installs[0] and "--only-binary=:all:" in installs[0]
    assert "--no-deps" in installs[1] and "--no-index" in installs[1]
    assert "apt-get" not in DOCKERFILE and "curl" not in DOCKERFILE


def test_what_serves_to_build_is_gone_in_the_end() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    wanted_by: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\S)", lock):
        name = block.partition("==")[0].strip()
        comment = block.partition("# via")[2]
        wanted_by[name] = set(re.findall(r"[\w.-]+(?: \([^)]*\))?", comment.replace("#", " ")))
    building = {name for name, why in wanted_by.items() if why == {"guichet (pyproject.toml:build)"}}
    while more := {name for name, why in wanted_by.items() if why and why <= building} - building:
        building |= more
    steps = re.split(r" +&& +", of("RUN", 0)[-1])
    [removed, _] = [set(step.split("uninstall --yes ")[1].split()) for step in steps if "uninstall" in step]
    assert {"hatchling", "editables"} <= building
    assert building - {"pip"} == removed
    assert steps[-1].endswith("uninstall --yes setuptools pip")


def test_the_desk_is_not_root_and_writes_to_its_data_alone() -> None:
    words = [each.word for each in ALL if each.stage == LAST]
    assert of("USER", LAST) == ["10001:10001"]
    assert "RUN" not in words[words.index("USER") :] and "COPY" not in words[words.index("USER") :]
    assert "-o 10001 -g 10001 -m 0700 /data" in " ".join(of("RUN", LAST))
    assert json.loads(of("VOLUME")[0]) == ["/data"] and image_environment()["GUICHET_HOME"] == "/data"


def test_the_image_says_what_it_is_and_starts_the_desk() -> None:
    labels = set(re.findall(r"(org\.opencontainers\.image\.\w+)=", " ".join(of("LABEL", LAST))))
    assert {f"org.opencontainers.image.{name}" for name in ("title", "version", "revision", "licenses")} <= labels
    assert json.loads(of("ENTRYPOINT")[0]) + json.loads(of("CMD")[-1]) == ["guichet", "run", "--no-console"]
    assert of("EXPOSE") == [image_environment()["GUICHET_WEB_PORT"]]
    assert of("STOPSIGNAL") == ["SIGTERM"]


@pytest.mark.parametrize("command", of("RUN"), ids=range(len(of("RUN"))))
def test_the_shell_can_read_every_step(command: str) -> None:
    assert subprocess.run(["sh", "-n", "-c", command], capture_output=True).returncode == 0


@pytest.mark.parametrize("text", [DOCKERFILE, COMPOSE_TEXT], ids=["Dockerfile", "compose.yaml"])
def test_every_setting_that_is_named_exists(text: str) -> None:
    named = set(re.findall(r"GUICHET_[A-Z_]+", text))
    assert len(named) > 3
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}


def test_no_secret_is_written_down() -> None:
    assert not re.search(r"(?i)(KEY|PASSWORD|TOKEN|SECRET)=\S", DOCKERFILE)
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if re.search("KEY|PASSWORD|DATABASE_URL", name):
                assert "${" in value, name


# Its probes


def probe() -> list[str]:
    [rest] = of("HEALTHCHECK")
    command: list[str] = json.loads(rest.partition(" CMD ")[2])
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


async def status_of(command: list[str], **environment: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(os.environ) | environment, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


@pytest.fixture
async def health(tmp_path: Path) -> AsyncIterator[str]:
    """The port of a server that says that it is alive."""
    async with served(Starlette(routes=Health({}).routes()), settings_of(tmp_path)) as address:
        yield str(urlsplit(address).port)


async def test_the_images_probe_finds_a_desk_that_lives(health: str) -> None:
    proxied = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    assert await status_of(probe(), GUICHET_WEB_PORT=health, **proxied) == 0


async def test_the_images_probe_finds_out_that_nobody_answers(tmp_path: Path) -> None:
    assert await status_of(probe(), GUICHET_WEB_PORT="9") != 0
    async with served(Starlette(), settings_of(tmp_path)) as address:
        assert await status_of(probe(), GUICHET_WEB_PORT=str(urlsplit(address).port)) != 0


@pytest.mark.parametrize(("said", "well"), [(b"200 OK", True), (b"503 Service Unavailable", False)])
async def test_qdrants_probe_reads_what_it_answers(said: bytes, well: bool) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        assert asked.startswith(b"GET /readyz HTTP/1.0\r\n")
        writer.write(b"HTTP/1.1 " + said + b"\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    kind, *command = SERVICES["qdrant"]["healthcheck"]["test"]
    assert kind == "CMD" and command[:2] == ["bash", "-c"]
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        script = filled(command[2], {}).replace("6333", str(port))
        assert (await status_of(["bash", "-c", script]) == 0) is well
    assert await status_of(["bash", "-c", script]) != 0


# The services together


def test_services_wait_for_what_exists_and_says_how_it_is() -> None:
    waited = 0
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            waited += 1
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[name]["healthcheck"], name
            else:
                assert how["condition"] == "service_completed_successfully"
                assert "restart" not in SERVICES[name]
    assert waited == 4


def test_services_reach_one_another_by_their_names() -> None:
    settings = SERVICES["bot"]["environment"]
    for name in ("GUICHET_DATABASE_URL", "GUICHET_QDRANT_URL"):
        parts = urlsplit(filled(settings[name], KEYS))
        assert parts.hostname in SERVICES
        assert set(SERVICES["bot"]["networks"]) & set(SERVICES[parts.hostname]["networks"]), name
    database = urlsplit(filled(settings["GUICHET_DATABASE_URL"], KEYS))
    postgres = {name: filled(value, KEYS) for name, value in SERVICES["postgres"]["environment"].items()}
    assert (database.username, database.password) == (postgres["POSTGRES_USER"], postgres["POSTGRES_PASSWORD"])
    assert database.path == f"/{postgres['POSTGRES_DB']}"
    assert settings["GUICHET_QDRANT_API_KEY"] == SERVICES["qdrant"]["environment"]["QDRANT__SERVICE__API_KEY"]
    assert "--username=guichet" in SERVICES["postgres"]["healthcheck"]["test"]


def test_what_services_use_is_declared_and_nothing_else_is() -> None:
    volumes = {line.partition(":")[0] for service in SERVICES.values() for line in service["volumes"]}
    assert volumes == set(COMPOSE["volumes"])
    assert {name for service in SERVICES.values() for name in service["networks"]} == set(COMPOSE["networks"])
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_nothing_is_reached_from_another_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports == [f"127.0.0.1:8080:{image_environment()['GUICHET_WEB_PORT']}"]
    assert all("network_mode" not in service and "privileged" not in service for service in SERVICES.values())
    for name in ("bot", "upgrade"):
        service = SERVICES[name]
        assert service["read_only"] is True and service["tmpfs"] == ["/tmp"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"] and service["volumes"] == ["data:/data"]


def test_what_is_built_is_the_image() -> None:
    build = SERVICES["bot"]["build"]
    assert (ROOT / "deploy" / build["context"]).resolve() == ROOT
    assert (ROOT / "deploy" / build["context"] / build["dockerfile"]).is_file()


def test_other_peoples_images_are_of_a_known_version_and_fit_the_clients() -> None:
    assert re.fullmatch(r"postgres:\d+", SERVICES["postgres"]["image"])
    server = Version(SERVICES["qdrant"]["image"].partition(":v")[2])
    locked = re.search(r"^qdrant-client==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert locked
    client = Version(locked[1])
    assert server.major == client.major and abs(server.minor - client.minor) <= 1


def test_the_file_with_the_secrets_never_gets_into_git() -> None:
    assert SERVICES["bot"]["env_file"] == [".env"]
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert ".env" in ignored


def started_with(monkeypatch: pytest.MonkeyPatch, service: str, **by_hand: str) -> Settings:
    """The settings as a container of this service has them."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    composed = {name: filled(value, KEYS) for name, value in SERVICES[service]["environment"].items()}
    for name, value in (image_environment() | by_hand | composed).items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    return load_settings(None)


def test_the_settings_of_the_compose_file_start_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = started_with(monkeypatch, "bot", **BY_HAND)
    assert (settings.web_host, settings.web_port, settings.is_sqlite) == ("0.0.0.0", 8080, False)
    assert set(BY_HAND) - {"GUICHET_SIGN_IN"} <= set(re.findall(r"GUICHET_[A-Z_]+", COMPOSE_TEXT))


def test_without_a_sign_in_the_container_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="GUICHET_SECRET_KEY"):
        started_with(monkeypatch, "bot")


def test_the_tables_are_brought_up_to_date_whatever_the_page_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert started_with(monkeypatch, "upgrade").web is False
    assert SERVICES["upgrade"]["command"] == ["db", "upgrade"]
    assert SERVICES["bot"].get("command") is None
