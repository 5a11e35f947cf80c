"""Driving a fake server that runs in another process: `POST /control` with what to do, by name, as JSON."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, web


class Commanded:
    """Each public method is a command; its arguments and its answer are JSON."""

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.json()
        name = str(body.pop("do"))
        command = None if name.startswith("_") or name == "serve" else getattr(self, name, None)
        if command is None:
            return web.json_response({"error": f"no command {name}"}, status=404)
        try:
            answer = command(**body)
            if asyncio.iscoroutine(answer):
                answer = await answer
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"answer": answer})


class Remote:
    """A fake server in another process. `await remote.do("says", who="Ada", text="hello")`: see its Control."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url, self.session = url, session

    async def do(self, command: str, **arguments: Any) -> Any:
        """AssertionError with its words, where the command failed."""
        async with self.session.post(f"{self.url}/control", json={"do": command, **arguments}) as answer:
            body = await answer.json()
        if "error" in body:
            raise AssertionError(body["error"])
        return body["answer"]

    async def until(self, true: Callable[[Any], Any], command: str, timeout: float = 10.0, **arguments: Any) -> Any:
        """Ask until the answer satisfies `true`; returned is that answer."""
        end = asyncio.get_running_loop().time() + timeout
        while not true(answer := await self.do(command, **arguments)):
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"not within {timeout:g} s: {command}\n{await self.do('transcript')}")
            await asyncio.sleep(0.05)
        return answer


@asynccontextmanager
async def remote_process(package: str, port: int, state: Path | None = None, *arguments: str) -> AsyncIterator[Remote]:
    """The fake server of a package in its own process; with `state` it goes on where the last one stopped."""
    more = ["--state", str(state)] if state else []
    command = [sys.executable, "-m", package, "--port", str(port), *more, *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with ClientSession(trust_env=False) as session:
            remote = Remote(f"http://127.0.0.1:{port}", session)
            await _ready(remote, process)
            yield remote
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGTERM)
        await process.wait()


async def _ready(remote: Remote, process: asyncio.subprocess.Process) -> None:
    for _ in range(200):
        try:
            await remote.do("about")
        except ClientError:
            assert process.returncode is None, "the fake server did not start"
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("the fake server is not ready after 10 s")
