"""The least that a Slack bot could do, on slack_bolt: it says each question back.

Meanwhile the sign that it is at work stands at the question, as the desk's does when an answer takes a second: that is
three calls a message. Two rows are committed: what was said, and that it is answered.

A process of its own, until it is ended: `python -m tests.bench.echo API_URL BOT_TOKEN APP_TOKEN FILE`.
"""

import asyncio
import sqlite3
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

SIGN = "thinking_face"


def opened(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("pragma journal_mode=WAL")
    connection.execute("pragma synchronous=NORMAL")
    connection.execute("create table if not exists heard (ts text primary key, content text)")
    connection.execute("create table if not exists said (ts text primary key, answer text)")
    return connection


def kept(connection: sqlite3.Connection, statement: str, *values: str) -> None:
    connection.execute("begin immediate")
    connection.execute(statement, values)
    connection.execute("commit")


async def echo(api_url: str, bot_token: str, app_token: str, file: str) -> None:
    connection = opened(file)
    app = AsyncApp(client=AsyncWebClient(token=bot_token, base_url=api_url))

    async def answer(event: dict[str, Any], client: AsyncWebClient) -> None:
        channel, ts, text = event["channel"], event["ts"], event.get("text", "")
        kept(connection, "insert into heard values (?, ?)", ts, text)
        await client.reactions_add(channel=channel, timestamp=ts, name=SIGN)
        said = await client.chat_postMessage(channel=channel, thread_ts=event.get("thread_ts", ts), text=text)
        kept(connection, "insert into said values (?, ?)", ts, str(said["ts"]))
        await client.reactions_remove(channel=channel, timestamp=ts, name=SIGN)

    async def passed_over() -> None:
        """Slack tells of a mention twice."""

    app.event("app_mention")(answer)
    app.event("message")(passed_over)
    await AsyncSocketModeHandler(app, app_token).start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    asyncio.run(echo(*sys.argv[1:]))
