"""The models of a home, each loaded once: what the index and its readers ask for embeddings."""

import logging
import threading
import time
from pathlib import Path

from bot.errors import ModelUnavailable
from knowledge.dense.embedder import FastembedEmbedder
from knowledge.dense.models import REMEDY, ModelStore

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds between two looks at what is installed: a model may be installed while the desk runs


class InstalledEmbedders:
    """`wanted`: the value of GUICHET_EMBEDDING_MODEL. Never asks the network. An Embedders."""

    def __init__(self, home: Path, wanted: str) -> None:
        self._store = ModelStore(home)
        self._wanted = wanted
        self._known: dict[str, FastembedEmbedder] = {}
        self._chosen: FastembedEmbedder | None = None
        self._looked = 0.0
        self._said = ""
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Of the one that is wanted; empty without."""
        return embedder.name if (embedder := self.wanted) else ""

    @property
    def wanted(self) -> FastembedEmbedder | None:
        """None for words only: because no model is meant, or with a line in the log because it is not there."""
        with self._lock:
            if not self._looked or time.monotonic() - self._looked > LOOK:
                self._chosen = self._choose()
                self._looked = time.monotonic()
            return self._chosen

    def get(self, name: str) -> FastembedEmbedder | None:
        with self._lock:
            if name not in self._known:
                for model in self._store.installed():
                    embedder = model.embedder()
                    self._known.setdefault(embedder.name, embedder)
            return self._known.get(name)

    def _choose(self) -> FastembedEmbedder | None:
        try:
            model = self._store.chosen(self._wanted)
        except ModelUnavailable as error:
            if str(error) != self._said:  # once, not every few seconds
                self._said = str(error)
                log.error("answering by words alone: %s. Run: %s", error, f"{REMEDY} {self._wanted}".strip())
            return None
        if model is None:
            return None
        embedder = model.embedder()
        return self._known.setdefault(embedder.name, embedder)
