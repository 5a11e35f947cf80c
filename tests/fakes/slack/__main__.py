"""A fake Slack as a process: `python -m tests.fakes.slack --port 4000 --state slack.pickle`.

What the app needs is printed as one line of JSON. The state is written every second and at the end; where there
is one already, people, messages and tokens are those of before. Driven by `POST /control`, see Control.
"""

import argparse
import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import yaml

from tests.fakes.slack.control import Control, describe
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.state import State


def built(arguments: argparse.Namespace) -> FakeSlack:
    kept: Path | None = arguments.state
    return FakeSlack(
        port=arguments.port,
        state=State.load(kept) if kept and kept.exists() else None,
        seed=arguments.seed,
        request_urls=arguments.request_url,
        manifest=yaml.safe_load(arguments.manifest.read_text()) if arguments.manifest else None,
    )


async def serve(slack: FakeSlack, kept: Path | None) -> None:
    over = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, over.set)
    async with slack.running():
        print(describe(Control(slack).about()), flush=True)
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 1.0)
            if kept:
                slack.save(kept)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.slack")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, help="file that keeps people, channels and messages")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--request-url", action="append", default=[], help="HTTP mode: the app's address")
    parser.add_argument("--manifest", type=Path, help="the app's, for its scopes, events and commands")
    arguments = parser.parse_args()
    asyncio.run(serve(built(arguments), arguments.state))


if __name__ == "__main__":
    main()
