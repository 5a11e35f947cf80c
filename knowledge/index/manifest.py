"""What an index holds: written beside it after every change, so that an index always knows how far it has come."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.model.knowledge import Thresholds
from bot.model.values import Language
from knowledge.files import write_atomically
from knowledge.sparse import VERSION, Vector


@dataclass(frozen=True, slots=True)
class Manifest:
    """`stamps`: article id -> state of what is indexed of it. `base`: the database's version number last caught up
    with, None while a catch-up is unfinished. `mean_lengths`: what the encoder was given for this generation.
    `drawn_at`: how many articles had changed since thresholds were last estimated.
    """

    stamps: Mapping[str, str] = field(default_factory=dict)
    base: int | None = None
    encoder: int = VERSION
    mean_lengths: Mapping[Vector, float] = field(default_factory=dict)
    thresholds: Mapping[Language, Thresholds] = field(default_factory=dict)
    changes: int = 0  # articles changed since the thresholds were estimated

    def changed(self, **fields: Any) -> "Manifest":
        return replace(self, **fields)


def write(path: Path, manifest: Manifest) -> None:
    write_atomically(path, json.dumps(asdict(manifest), separators=(",", ":")).encode())


def read(path: Path) -> Manifest | None:
    """None if there is none, or none that can be read: the index is then to be made anew."""
    try:
        raw = json.loads(path.read_bytes())
        return Manifest(
            stamps={str(id): str(stamp) for id, stamp in raw["stamps"].items()},
            base=raw["base"],
            encoder=raw["encoder"],
            mean_lengths={Vector(name): float(value) for name, value in raw["mean_lengths"].items()},
            thresholds={Language(code): Thresholds(**value) for code, value in raw["thresholds"].items()},
            changes=raw["changes"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
