"""A fake Mastodon as a process: `python -m tests.fakes.mastodon --port 4000 --state mastodon.pickle --like pleroma`.

What the app needs is printed as one line of JSON. The state is written every second and at the end; where there
is one already, people, posts and tokens are those of before. Driven by `POST /control`, see Control.
"""

import argparse
import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from tests.fakes.mastodon.control import Control, describe
from tests.fakes.mastodon.quirks import Quirks
from tests.fakes.mastodon.server import FakeMastodon
from tests.fakes.mastodon.state import State

LIKE = {"mastodon": Quirks, "pleroma": Quirks.pleroma, "gotosocial": Quirks.gotosocial, "misskey": Quirks.misskey}


async def serve(mastodon: FakeMastodon, kept: Path | None) -> None:
    over = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, over.set)
    async with mastodon.running():
        print(describe(Control(mastodon).about()), flush=True)
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 1.0)
            if kept:
                mastodon.save(kept)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.mastodon")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--streaming-port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="file that keeps people and posts")
    parser.add_argument("--like", choices=LIKE, default="mastodon", help="the kind of server")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    kept: Path | None = arguments.state
    mastodon = FakeMastodon(
        port=arguments.port,
        streaming_port=arguments.streaming_port,
        quirks=LIKE[arguments.like](),
        state=State.load(kept) if kept and kept.exists() else None,
        seed=arguments.seed,
    )
    asyncio.run(serve(mastodon, kept))


if __name__ == "__main__":
    main()
