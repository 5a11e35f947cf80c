"""What rots unseen: the settings' example, the locks, the directions of imports, long modules, the documents."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.cli import guichet
from bot.settings import PREFIX, Settings, env_example, load_settings

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "adapters", "knowledge", "storage", "jobs")

LONGEST_MODULE = 400
WRITTEN_ONCE = "storage/migrations/versions/"  # a migration is a record, not a module to work in
LONGER_FOR_A_REASON: dict[str, str] = {}  # path: why it is better in one piece

# Paths of somebody's machine, and how somebody works. In pieces, so that this file does not contain what it looks for.
PRIVATE = re.compile(
    "|".join(
        (
            r"(?<![\w.])/" + "(?:work|root|Users/[A-Za-z]+|home/(?!guichet)[a-z]+)/",
            r"\b(?:DESIGN|STYLE|FACTS|RETRIEVAL)" + r"\.md\b",
            r"\.\./" + "shared",
            r"\b[Ii]ssues?" + r" #?\d",
            r"(?i:\bsub-?" + r"agents?\b)",
            r"(?i:\bco-authored" + r"-by\b)",
        )
    )
)


@cache
def files() -> tuple[str, ...]:
    """The repository's files as git sees them, with new ones; in an unpacked archive, the packages' and the top's."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.split("\0")
    else:
        found = [*ROOT.glob("*"), *(path for top in (*PACKAGES, "tests", "deploy") for path in (ROOT / top).rglob("*"))]
        names = [str(path.relative_to(ROOT)) for path in found if "__pycache__" not in path.parts]
    return tuple(sorted(name for name in names if name and (ROOT / name).is_file()))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def documents() -> tuple[str, ...]:
    """What people read to use and change guichet; the changelog may speak of what is gone."""
    return tuple(
        name for name in files() if re.fullmatch(r"(?:docs/|deploy/)?[^/]*\.md", name) and name != "CHANGELOG.md"
    )


def code_in(document: str) -> Iterator[str]:
    """The lines of the fenced blocks of a Markdown text, comments left out, and its code spans."""
    fence = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for block in fence.findall(document):
        yield from (re.sub(r"(?:^|\s)#.*", "", line) for line in block.splitlines())
    yield from re.findall(r"`([^`\n]+)`", fence.sub("", document))


# Settings


def test_the_example_shows_every_setting_as_it_is() -> None:
    assert read(".env.example") == env_example()


def test_the_examples_values_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    example = tmp_path / ".env"
    example.write_text(re.sub(rf"^#(?={PREFIX})", "", env_example(), flags=re.MULTILINE), encoding="utf-8")
    assert example.read_text().count(f"\n{PREFIX}") == len(Settings.model_fields)
    assert load_settings(example) == load_settings(None)


# Versions


def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def locked(name: str) -> dict[str, list[str]]:
    """The versions of each package in a lock: several where the Python version decides."""
    versions: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", read(name), re.MULTILINE):
        versions.setdefault(canonicalize_name(package), []).append(version)
    return versions


def wanted(name: str) -> list[Requirement]:
    project = pyproject()
    groups = project["dependency-groups"]
    more = groups["dev"] if name == "requirements-dev.lock" else []
    return [Requirement(line) for line in (*project["project"]["dependencies"], *groups["build"], *more)]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_what_the_project_asks_for(name: str) -> None:
    versions = locked(name)
    refused = [
        f"{wish}: locked {versions.get(canonicalize_name(wish.name), 'nothing')}"
        for wish in wanted(name)
        if not (found := versions.get(canonicalize_name(wish.name))) or not all(map(wish.specifier.contains, found))
    ]
    assert not refused, "run `make lock`: " + "; ".join(refused)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_every_file_by_its_hash_and_no_index(name: str) -> None:
    for entry in re.split(r"\n(?=\S)", read(name).strip()):
        assert re.match(r"[a-z0-9][a-z0-9._-]*==", entry), entry
        assert "--hash=sha256:" in entry, entry
        assert "://" not in entry, entry


def test_developing_and_running_use_the_same_versions() -> None:
    running, developing = locked("requirements.lock"), locked("requirements-dev.lock")
    assert running == {package: developing.get(package) for package in running}


# Modules


def test_imports_go_in_their_directions() -> None:
    # In a process of its own: it switches off every logger that there is.
    check = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_logo=True))"
    checked = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_modules_are_short_or_have_a_reason() -> None:
    lengths = {name: read(name).count("\n") for name in files() if name.endswith(".py")}
    long = {name for name, lines in lengths.items() if lines > LONGEST_MODULE and not name.startswith(WRITTEN_ONCE)}
    assert long == set(LONGER_FOR_A_REASON), {name: lengths.get(name) for name in long ^ set(LONGER_FOR_A_REASON)}


def test_nothing_private_is_in_the_repository() -> None:
    found = [
        f"{name}:{number}: {match[0]}"
        for name in files()
        for number, line in enumerate(read(name).splitlines(), 1)
        if (match := PRIVATE.search(line))
    ]
    assert not found, "\n".join(found)


# Documents


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))


def unknown_command(words: str) -> str | None:
    """What is wrong with `guichet WORDS`: the first word that should be a command and is none. `a|b` means either."""
    level: click.Command = guichet
    for word in words.split():
        if not isinstance(level, click.Group) or not re.fullmatch(r"[a-z][a-z|-]*", word):
            return None
        context = click.Context(level)
        choices = {name: level.get_command(context, name) for name in word.split("|")}
        for name, command in choices.items():
            if command is None:
                return name
            level = command
    return None


def test_every_command_that_help_lists_is_there() -> None:
    context = click.Context(guichet)
    assert {name for name in guichet.list_commands(context) if guichet.get_command(context, name) is None} == set()


def test_the_documents_name_only_targets_that_exist() -> None:
    assert {"run", "chat", "test", "soak", "bench", "lint"} <= targets()
    for name in documents():
        for code in code_in(read(name)):
            for target in re.findall(r"(?:^|[|&;] *)make(?: -s| -j\d*)* ([a-z][a-z-]*)", code.strip()):
                assert target in targets(), f"{name}: make {target}"


def test_the_documents_name_only_commands_that_exist() -> None:
    for name in documents():
        for code in code_in(read(name)):
            for words in re.findall(r"(?:^|[|&;$] *|bin/)guichet((?: +[^\s]+)*)", code.strip()):
                assert (unknown := unknown_command(words)) is None, f"{name}: guichet{words}: no command {unknown}"


def test_the_documents_links_lead_somewhere() -> None:
    for name in documents():
        for link in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", read(name)):
            assert ((ROOT / name).parent / link).exists(), f"{name}: {link}"


def test_every_target_is_explained() -> None:
    listed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    explained = {line.split()[1] for line in listed.splitlines() if len(line.split()) > 2}
    assert explained == targets() - {"setup-run"}
