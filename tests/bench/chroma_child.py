"""ChromaDB with the bench's embeddings: `python chroma_child.py CHUNKS FOLDER` prints one JSON object.

Runs in an environment of its own, which has chromadb and numpy and nothing of guichet's.
"""

import json
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import chromadb  # type: ignore[import-not-found]

sys.path.insert(0, str(Path(__file__).parent))
import vectors  # type: ignore[import-not-found]

BATCH = 2000


def main() -> None:
    chunks, folder = int(sys.argv[1]), Path(sys.argv[2])
    rows, queries = vectors.points(chunks), vectors.queries()
    client = chromadb.PersistentClient(str(folder), settings=chromadb.Settings(anonymized_telemetry=False))
    collection = client.create_collection("articles", metadata={"hnsw:space": "cosine"})
    began = time.perf_counter()
    for start in range(0, chunks, BATCH):
        numbers = range(start, min(start + BATCH, chunks))
        collection.add(
            ids=[str(number) for number in numbers],
            embeddings=rows[start : start + BATCH],
            metadatas=[{"audience": "public" if vectors.is_public(number) else "internal"} for number in numbers],
        )
    build = time.perf_counter() - began
    filtered = asked(collection, queries, {"audience": "public"})
    free = asked(collection, queries, None)
    print(
        json.dumps(
            {
                "build": build,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "p50": at(filtered, 0.5),
                "p95": at(filtered, 0.95),
                "free_p50": at(free, 0.5),
                "free_p95": at(free, 0.95),
            }
        )
    )
    shutil.rmtree(folder, ignore_errors=True)


def asked(collection: Any, queries: Any, where: Any) -> list[float]:
    milliseconds = []
    for query in queries:
        began = time.perf_counter()
        collection.query(query_embeddings=[query], n_results=10, where=where, include=["metadatas", "distances"])
        milliseconds.append((time.perf_counter() - began) * 1000)
    return sorted(milliseconds[vectors.WARM :])


def at(milliseconds: list[float], share: float) -> float:
    return milliseconds[min(int(len(milliseconds) * share), len(milliseconds) - 1)]


if __name__ == "__main__":
    main()
