"""What is written beside an installed model: what it is, where it came from, and how to tell that it is whole."""

import hashlib
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, ValidationError

from bot.errors import ModelUnavailable

FILE = "guichet.json"
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"  # it is a folder's, too


class Pooling(StrEnum):
    """How one vector is made of a text's: their mean, the first, or as the model itself does."""

    MEAN = "mean"
    CLS = "cls"
    DISABLED = "disabled"


class Precision(StrEnum):
    INT8 = "int8"
    FULL = "float32"
    PUBLISHED = "as published"


class Part(BaseModel):
    """A file of the model, for telling that it is the one that was installed."""

    model_config = ConfigDict(frozen=True)

    bytes: NonNegativeInt
    sha256: str


class Manifest(BaseModel):
    """`published_as` is the name under which fastembed itself knows the model and how to pool; empty for others."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=NAME)
    model: str  # the ONNX file, as a path inside the folder
    size: PositiveInt
    pooling: Pooling = Pooling.MEAN
    published_as: str = ""
    precision: Precision
    licence: str
    source: str
    similarity: float | None = None  # least cosine to the recorded vectors; None: none are recorded for this model
    installed_at: AwareDatetime
    files: dict[str, Part]

    @property
    def version(self) -> str:
        """Tells two models of one name apart: by the weights, and by what decides how a text is split."""
        sums = "".join(f"{name} {part.sha256}\n" for name, part in sorted(self.files.items()))
        return hashlib.sha256(sums.encode()).hexdigest()[:12]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises ModelUnavailable if the folder holds no model, or a file of it has another length."""
        try:
            manifest = cls.model_validate_json((folder / FILE).read_bytes())
        except OSError as error:
            raise ModelUnavailable(f"{folder} holds no installed model ({error.strerror})") from error
        except ValidationError as error:
            raise ModelUnavailable(f"{folder / FILE} is damaged: {error.errors()[0]['msg']}") from error
        for name, part in manifest.files.items():
            file = folder / name
            if not file.is_file() or file.stat().st_size != part.bytes:
                raise ModelUnavailable(f"{file} is missing or damaged")
        return manifest

    def verify(self, folder: Path) -> None:
        """Read every file. Raises ModelUnavailable unless each is what was installed."""
        for name, part in self.files.items():
            try:
                whole = part_of(folder / name) == part
            except OSError as error:
                raise ModelUnavailable(f"{folder / name} cannot be read ({error.strerror})") from error
            if not whole:
                raise ModelUnavailable(f"{folder / name} is not what was installed")


def part_of(file: Path) -> Part:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    return Part(bytes=file.stat().st_size, sha256=digest.hexdigest())


def describe(
    folder: Path,
    *,
    name: str,
    model: str,
    size: int,
    precision: Precision,
    licence: str,
    source: str,
    installed_at: datetime,
    pooling: Pooling = Pooling.MEAN,
    published_as: str = "",
) -> Manifest:
    """The manifest of a folder with everything in place."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != FILE)
    return Manifest(
        name=name,
        model=model,
        size=size,
        pooling=pooling,
        published_as=published_as,
        precision=precision,
        licence=licence,
        source=source,
        installed_at=installed_at,
        files={file.relative_to(folder).as_posix(): part_of(file) for file in files},
    )
