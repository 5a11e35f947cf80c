"""An Embedder from an installed model, through fastembed and without the network."""

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import ModelUnavailable
from bot.model.values import Language
from knowledge.dense import Embedding
from knowledge.dense.languages import learnt
from knowledge.dense.manifest import Manifest

if TYPE_CHECKING:  # both take long to import, and many commands need neither
    from fastembed import TextEmbedding
    from numpy.typing import NDArray

LONGEST = 20_000  # characters: more than any model here reads, and little enough to be split into tokens at once
REGISTRATION = threading.Lock()  # fastembed's list of models is one a process


class FastembedEmbedder:
    """Texts become vectors on one thread of the caller's; several callers at once do not disturb each other.

    Each text is computed by itself, so that its vector does not depend on its neighbours: the scales of an eight-bit
    model are taken over everything that is computed together. On one thread that is no slower, as nothing is padded.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._manifest = manifest
        self._model: TextEmbedding | None = None
        self._loading = threading.Lock()
        self._languages: frozenset[Language] | None = None

    @property
    def name(self) -> str:
        return f"{self._manifest.name}@{self._manifest.version}"

    @property
    def size(self) -> int:
        return self._manifest.size

    @property
    def languages(self) -> frozenset[Language]:
        """Found out at the first call, which takes a tenth of a second."""
        if self._languages is None:
            self._languages = learnt(self.embed)
        return self._languages

    def warm(self) -> None:
        """Do what the first question would otherwise wait for. Raises ModelUnavailable."""
        _ = self.languages

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        model = self._loaded()
        return [unit(vector) for vector in model.embed([readable(text) for text in texts], batch_size=1)]

    def _loaded(self) -> "TextEmbedding":
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._manifest.verify(self._folder)
                    self._model = load(self._folder, self._manifest)
        return self._model


def readable(text: str) -> str:
    """What the tokeniser takes: no more than it can use, and no halves of characters."""
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


def unit(vector: "NDArray[Any]") -> Embedding:
    """The vector at length 1; one without direction stays as it is."""
    length = math.sqrt(vector @ vector)
    scaled: list[float] = (vector / length if length else vector).tolist()
    return scaled


def load(folder: Path, manifest: Manifest) -> "TextEmbedding":
    """The model in memory. Raises ModelUnavailable for whatever is wrong with its files."""
    from fastembed import TextEmbedding

    try:
        return TextEmbedding(known_as(manifest), str(folder), threads=1, specific_model_path=str(folder))
    except Exception as error:  # the vendors' boundary: tokenizers and onnxruntime raise bare exceptions
        raise ModelUnavailable(f"the model in {folder} cannot be loaded: {error}") from error


def known_as(manifest: Manifest) -> str:
    """The model's name in fastembed's list, which it is added to."""
    if manifest.published_as:
        return manifest.published_as
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    name = f"guichet/{manifest.name}-{manifest.version}"
    with REGISTRATION:
        if not any(model["model"] == name for model in TextEmbedding.list_supported_models()):
            TextEmbedding.add_custom_model(
                model=name,
                pooling=PoolingType[manifest.pooling.name],
                normalization=True,
                sources=ModelSource(url="http://localhost/never-asked"),
                dim=manifest.size,
                model_file=manifest.model,
            )
    return name
