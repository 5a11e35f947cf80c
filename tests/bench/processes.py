"""What takes a process of its own: a start, a peak of memory, and a synchronisation from nothing.

All of them, baselines too, run with compiled modules, as every start of an installation but the first does; they are
kept in the bench's own folder, so that the checkout stays as it is.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.figures import Baseline, Figure

ROOT = Path(__file__).resolve().parents[2]


class Processes:
    def __init__(self, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUICHET_", "PYTHON"))}
        self._environment = kept | {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONPATH": str(ROOT)}

    def start(self, home: Path, question: str, runs: int) -> list[Figure]:
        """`guichet ask` on a home that has its articles and its index: until its answer can be read, and to its end."""
        command = ["-c", "from bot.cli import main; main()", "ask", question, "--json"]
        answered, ended = zip(*(self._until_answer(command, home) for _ in range(runs + 1)), strict=True)
        empty = [self._until_answer(["-c", "print()"], home)[1] for _ in range(runs + 1)]
        baseline = (Baseline("an empty interpreter", statistics.median(empty[1:])),)
        return [
            Figure("second start to first answer", statistics.median(answered[1:]), "s", baseline, 2.0),
            Figure("second start to the end of `ask`", statistics.median(ended[1:]), "s", baseline),
        ]

    def memory(self, home: Path, answers: int) -> list[Figure]:
        """Peak resident memory of a desk that has answered."""
        peak = self._child("memory", str(home), str(answers))["peak"]
        empty = self._json(["-c", "from tests.bench.figures import peak_memory; print(peak_memory())"])
        return [
            Figure(
                f"peak memory after {answers} answers", peak, "MB", (Baseline("an empty interpreter", empty),), 300.0
            )
        ]

    def sync(self, documents: Path, folder: Path, runs: int) -> list[Figure]:
        """Documents to articles, rows and an index, in a new home each time."""
        results = [self._child("sync", str(folder / f"sync-{run}"), str(documents)) for run in range(runs)]
        best = min(results, key=lambda result: result["wall"])
        baseline = (Baseline("the same files as bare rows", best["bare"]),)
        name = f"sync of {best['documents']:,} documents"
        return [
            Figure(name, best["wall"], "s", baseline, 2.0 if best["documents"] == 1000 else None),
            Figure(f"{name}: processor", best["cpu"], "s", baseline),
        ]

    def _child(self, *arguments: str) -> dict[str, Any]:
        result: dict[str, Any] = self._json(["-m", "tests.bench.child", *arguments])
        return result

    def _json(self, arguments: Sequence[str]) -> Any:
        done = subprocess.run(
            [sys.executable, *arguments], env=self._environment, cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
        return json.loads(done.stdout)

    def _until_answer(self, arguments: Sequence[str], home: Path) -> tuple[float, float]:
        """Seconds until the first line of output is there, and until the process has ended."""
        environment = self._environment | {"GUICHET_HOME": str(home), "GUICHET_SAMPLES": "false"}
        began = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, *arguments], env=environment, cwd=home, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            answered = time.perf_counter() - began
            process.stdout.read()
            if process.wait() or not line:
                raise RuntimeError("guichet ask did not answer")
            return answered, time.perf_counter() - began
