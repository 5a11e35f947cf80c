"""What an index holds: written beside it after every change, so that an index always knows how far it has come."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.model.knowledge import Thresholds
from bot.model.values import Language
from knowledge.files import write_atomically
from knowledge.sparse import VERSION, MeanLengths, Vector

Lengths = tuple[tuple[int, int], ...]  # for each vector, in the order of Vector: terms and texts of an article


@dataclass(frozen=True, slots=True)
class Indexed:
    """The state in which an article is indexed, and the lengths of its texts."""

    stamp: str
    lengths: Lengths


@dataclass(frozen=True, slots=True)
class Manifest:
    """`base`: the state of the database last caught up with, None before the first time. `means`: what the encoder was
    given for this generation. `unsettled`: how many articles have changed since the thresholds were estimated. `model`:
    the name of the one whose embeddings the points have, of `size` numbers each; None if they have none."""

    articles: Mapping[str, Indexed] = field(default_factory=dict)
    base: str | None = None
    encoder: int = VERSION
    means: MeanLengths = field(default_factory=dict)
    thresholds: Mapping[Language, Thresholds] = field(default_factory=dict)
    unsettled: int = 0
    model: str | None = None
    size: int = 0


def write(path: Path, manifest: Manifest) -> None:
    write_atomically(path, dump(manifest))


def read(path: Path) -> Manifest | None:
    """None if there is none, or none that can be read: the index is then to be made anew."""
    try:
        return load(path.read_bytes())
    except OSError:
        return None


def dump(manifest: Manifest) -> bytes:
    content = {
        "articles": {id: [entry.stamp, entry.lengths] for id, entry in manifest.articles.items()},
        "base": manifest.base,
        "encoder": manifest.encoder,
        "means": manifest.means,
        "thresholds": {language: asdict(value) for language, value in manifest.thresholds.items()},
        "unsettled": manifest.unsettled,
        "model": manifest.model,
        "size": manifest.size,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def load(content: bytes) -> Manifest | None:
    """None if it is none."""
    try:
        raw = json.loads(content)
        return Manifest(
            articles={
                str(id): Indexed(str(stamp), tuple((int(terms), int(texts)) for terms, texts in lengths))
                for id, (stamp, lengths) in raw["articles"].items()
            },
            base=raw["base"],
            encoder=int(raw["encoder"]),
            means={Vector(name): float(value) for name, value in raw["means"].items()},
            thresholds={Language(code): Thresholds(**value) for code, value in raw["thresholds"].items()},
            unsettled=int(raw["unsettled"]),
            model=raw.get("model"),
            size=int(raw.get("size", 0)),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
