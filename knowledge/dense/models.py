"""The models that are installed: each in a folder of its own in `models` of GUICHET_HOME, named after what it holds.

A model is put in place with one rename, when it is whole and checked; nothing here loads one or asks the network.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import AlreadyRunning, ModelUnavailable
from knowledge.dense.embedder import FastembedEmbedder
from knowledge.dense.manifest import FILE, Manifest
from knowledge.files import write_atomically

NONE = "none"  # the value of GUICHET_EMBEDDING_MODEL that means: no model, words only
UNFINISHED = ".new-"
REMEDY = "guichet model install"


@dataclass(frozen=True, slots=True)
class Installed:
    folder: Path
    manifest: Manifest

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.manifest.files.values())

    def embedder(self) -> FastembedEmbedder:
        return FastembedEmbedder(self.folder, self.manifest)


class ModelStore:
    def __init__(self, home: Path) -> None:
        self._models = home / "models"

    def installed(self) -> list[Installed]:
        """The whole ones, the one installed last first."""
        return self._look()[0]

    def damaged(self) -> list[str]:
        """What is wrong with each of the others."""
        return self._look()[1]

    def find(self, name: str) -> Installed:
        """The model of that name, with or without its publisher. Raises ModelUnavailable."""
        found, damaged = self._look()
        for model in found:
            if model.manifest.name.lower() == short(name):
                return model
        reasons = [reason for reason in damaged if f"/{short(name)}@" in reason.lower()]
        raise ModelUnavailable("; ".join(reasons) or f"the embedding model {name} is not installed")

    def chosen(self, wanted: str) -> Installed | None:
        """The model that GUICHET_EMBEDDING_MODEL means: empty the one installed last, `none` no model. Raises
        ModelUnavailable if the one it names is not installed, or all that are installed are damaged."""
        if wanted.lower() == NONE:
            return None
        if wanted:
            return self.find(wanted)
        found, damaged = self._look()
        if damaged and not found:
            raise ModelUnavailable("; ".join(damaged))
        return found[0] if found else None

    def remove(self, name: str) -> None:
        """Remove a model, whole or damaged. Raises ModelUnavailable if there is none of that name."""
        with self._locked():
            folders = self._of(name)
            if not folders:
                raise ModelUnavailable(f"the embedding model {name} is not installed")
            for folder in folders:
                shutil.rmtree(folder)

    @contextmanager
    def workshop(self) -> Iterator[Path]:
        """An empty folder for making a model; it is gone afterwards, and so is what a killed installation left. Raises
        AlreadyRunning while somebody else installs here."""
        with self._locked():
            for left in self._models.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=self._models) as folder:
                yield Path(folder)

    def put(self, made: Path, manifest: Manifest) -> Installed:
        """Put a model from the workshop in place of what had its name. It is there as a whole or not at all."""
        write_atomically(made / FILE, manifest.model_dump_json(indent=2).encode())
        folder = self._models / f"{manifest.name}@{manifest.version}"
        others = [other for other in self._of(manifest.name) if other != folder]
        if folder.exists():  # the same again: what is there may be damaged
            shutil.rmtree(folder)
        made.rename(folder)
        for other in others:
            shutil.rmtree(other, ignore_errors=True)
        return Installed(folder, manifest)

    def _look(self) -> tuple[list[Installed], list[str]]:
        found, damaged = [], []
        for folder in self._folders():
            try:
                found.append(Installed(folder, Manifest.read(folder)))
            except ModelUnavailable as error:
                damaged.append(str(error))
        return sorted(found, key=lambda model: model.manifest.installed_at, reverse=True), damaged

    def _folders(self) -> list[Path]:
        return sorted(path for path in self._models.glob("[!.]*") if path.is_dir())

    def _of(self, name: str) -> list[Path]:
        return [folder for folder in self._folders() if folder.name.partition("@")[0].lower() == short(name)]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self._models / "lock")
        try:
            self._models.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise AlreadyRunning("another guichet model command works here; try again when it has ended") from error
        except OSError as error:
            raise ModelUnavailable(f"{self._models} cannot be written ({error.strerror})") from error
        try:
            yield
        finally:
            lock.release()


def short(name: str) -> str:
    """What of a model's name tells: not its publisher's, nor its capitals."""
    return name.rpartition("/")[2].lower()
