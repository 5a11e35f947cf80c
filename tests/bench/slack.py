"""Questions in Slack: from the event to the posted answer, beside a bot on slack_bolt that only says them back.

The fake Slack, the desk (`guichet run`) and the other bot are processes of their own. The bots take turns, since one
app has one bot, and both hear the same questions; who is first changes with each round.

At a pace, what counts is how long one question takes. The other bot makes three calls for each; the desk gives no sign
for an answer that is there within a second, and makes one. All at once, what counts is the work: most answers take
longer than that, so that both make three calls, and the desk reads, understands, searches, decides and writes down why
on one processor. Time there depends on what else the machine does; processor time does so less.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.bench.figures import Baseline, Figure, percentile, processor_time
from tests.bench.processes import ROOT
from tests.fakes.ports import free_port
from tests.fakes.slack.control import RemoteSlack, slack_process

CHANNELS = 40
RATE = 20.0  # questions a second
P95 = 200.0  # milliseconds until the answer stands there
TIMES = 3.0  # as much as the other bot takes for a message, at most
TOGETHER = 4 * CHANNELS  # all at once: no more than may be written to the channels without a pause
AT_ONCE = 10_000.0  # a second
WARM = 2 * CHANNELS  # answers before the clock is started: everybody is known by then
BREATH = 5.0  # seconds in which the channels may be written to freely again
PATIENCE = 60.0  # seconds
QUESTION = "@{bot} my printer says paper jam but there is no paper in it ({number})"
ECHO, DESK = "a slack_bolt echo bot", "the desk"


def slack(rounds: int, questions: int, folder: Path, say: Callable[[str], None]) -> list[Figure]:
    """`questions` at a pace, and in each round `TOGETHER` at once."""
    own = folder / "slack"
    own.mkdir()
    return asyncio.run(_measured(rounds, questions, own, say))


async def _measured(rounds: int, questions: int, folder: Path, say: Callable[[str], None]) -> list[Figure]:
    waited: dict[str, list[float]] = {ECHO: [], DESK: []}
    worked: dict[str, list[float]] = {ECHO: [], DESK: []}
    together: dict[str, list[float]] = {ECHO: [], DESK: []}
    busy: dict[str, list[float]] = {ECHO: [], DESK: []}
    async with slack_process(free_port()) as remote:
        for number in range(rounds):
            for name in (ECHO, DESK) if number % 2 == 0 else (DESK, ECHO):
                say(f"Slack, round {number + 1} of {rounds}: {name}")
                async with _running(name, remote, folder) as process:
                    await _asked(remote, WARM, RATE)
                    answered, done = await _asked(remote, questions // rounds, RATE)
                    waited[name] += answered
                    worked[name] += done
                    before = processor_time(process)
                    _, done = await _asked(remote, TOGETHER, AT_ONCE)
                    together[name].append(max(done) / TOGETHER)
                    busy[name].append((processor_time(process) - before) / TOGETHER)
    paced = f"Slack, {RATE:g} questions a second over {CHANNELS} channels"
    at_once = f"Slack, {TOGETHER} questions at once"

    def figure(name: str, of: Callable[[str], float], target: float | None = None) -> Figure:
        return Figure(name, of(DESK), "ms", (Baseline(ECHO, of(ECHO)),), target)

    def a_message(name: str) -> float:
        return statistics.median(worked[name])

    def of_all(name: str) -> float:
        return statistics.median(together[name])

    return [
        figure(f"{paced}: answer p50", lambda name: percentile(waited[name], 0.5)),
        figure(f"{paced}: answer p95", lambda name: percentile(waited[name], 0.95), P95),
        figure(f"{paced}: time a message, until its last call", a_message, TIMES * a_message(ECHO)),
        figure(f"{at_once}: time a message, until the last call of all", of_all, TIMES * of_all(ECHO)),
        figure(f"{at_once}: processor time a message", lambda name: statistics.median(busy[name])),
    ]


async def _asked(remote: RemoteSlack, count: int, rate: float) -> tuple[list[float], list[float]]:
    """Milliseconds until the answer to each question, and until the last call that came of it."""
    await remote.do("forget_load")
    await remote.do("load", channels=CHANNELS, count=count, rate=rate, text=QUESTION)
    waited = await remote.until(lambda all_of_them: None not in all_of_them, "waited", PATIENCE)
    await remote.do("quiet")
    finished = await remote.do("finished")
    await asyncio.sleep(BREATH)
    return [one * 1000 for one in waited], [one * 1000 for one in finished]


@asynccontextmanager
async def _running(name: str, remote: RemoteSlack, folder: Path) -> AsyncIterator[int]:
    """One of the bots, from when it hears Slack: its process."""
    about = await remote.do("about")
    command, environment = _desk(about, folder) if name == DESK else _echo(about, folder)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GUICHET_")}
    with (folder / "log").open("a") as log:
        process = await asyncio.create_subprocess_exec(
            *command, env=kept | environment, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            await remote.until(lambda now: now["sockets"] > 0, "about", PATIENCE)
            await asyncio.sleep(BREATH)
            yield process.pid
        finally:
            process.terminate()
            await process.wait()
            await remote.until(lambda now: now["sockets"] == 0, "about", PATIENCE)


def _echo(about: dict[str, Any], folder: Path) -> tuple[list[str], dict[str, str]]:
    told = [about["api_url"], about["bot_token"], about["app_token"], str(folder / "echo.db")]
    return [sys.executable, "-m", "tests.bench.echo", *told], {}


def _desk(about: dict[str, Any], folder: Path) -> tuple[list[str], dict[str, str]]:
    settings = {
        "GUICHET_HOME": str(folder / "home"),
        "GUICHET_SLACK_API_URL": about["api_url"],
        "GUICHET_SLACK_BOT_TOKEN": about["bot_token"],
        "GUICHET_SLACK_APP_TOKEN": about["app_token"],
        "GUICHET_ALLOW_SAMPLES": "true",
        "GUICHET_WEB": "false",
    }
    return [sys.executable, "-c", "from bot.cli import main; main()", "run", "--no-console"], settings
