"""HTTP mode: signed requests to the app's address."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.fakes.slack.deliveries import Ack
from tests.fakes.slack.state import Json, State


def signature(secret: str, body: str, at: int) -> dict[str, str]:
    """The headers that prove who sent it, and when."""
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


@dataclass
class HttpEvents:
    """`urls`: the app's addresses; each event or interaction goes to one of them, in turn."""

    state: State
    urls: list[str]
    ack_seconds: float = 3.0
    _session: ClientSession | None = None
    _turn: int = 0
    statuses: list[int] = field(default_factory=list)

    def begin(self) -> None:
        self._session = ClientSession(trust_env=False)

    async def end(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    def start(self, kind: str, body: Json, attempt: int, reason: str) -> "asyncio.Future[Ack]":
        return asyncio.ensure_future(self._post(kind, body, attempt, reason))

    async def verify(self, secret: str | None = None) -> bool:
        """Slack's question when an address is entered: does it return the challenge?"""
        body = {
            "token": "verification-token",
            "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd",
            "type": "url_verification",
        }
        status, text, _ = await self._send(json.dumps(body), "application/json", {}, secret)
        return status == 200 and body["challenge"] in text

    async def _post(self, kind: str, body: Json, attempt: int, reason: str) -> Ack:
        headers = {}
        if attempt:
            headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        if kind == "events_api":
            sent, media = json.dumps(body), "application/json"
            what = str(body["event"]["type"])
        else:
            form = body if kind == "slash_commands" else {"payload": json.dumps(body)}
            sent, media = urlencode(form), "application/x-www-form-urlencoded"
            what = str(body.get("type", body.get("command", "")))
        began = time.monotonic()
        trouble = ""
        payload: Json = {}
        try:
            status, text, no_retry = await self._send(sent, media, headers)
            self.statuses.append(status)
            if not 200 <= status < 300:
                trouble = "nobody_listens" if no_retry else "http_error"
            elif text:
                payload = _payload(text)
        except TimeoutError:
            trouble = "http_timeout"
        except ClientError:
            trouble = "connection_failed"
        took = None if trouble else time.monotonic() - began
        return Ack(kind, what, attempt, took, payload, trouble, 0, str(body.get("event_id", "")))

    async def _send(
        self, body: str, media: str, headers: dict[str, str], secret: str | None = None
    ) -> tuple[int, str, bool]:
        """The answer's status and text, and whether it asks not to be told again."""
        assert self._session
        self._turn += 1
        url = self.urls[self._turn % len(self.urls)]
        signed = signature(secret or self.state.signing_secret, body, int(time.time()))
        async with self._session.post(
            url,
            data=BytesIO(body.encode()),  # of a large body aiohttp takes nothing else
            headers={"Content-Type": media, "User-Agent": "Slackbot 1.0 (fake)", **signed, **headers},
            timeout=ClientTimeout(total=self.ack_seconds),
            allow_redirects=False,
        ) as answer:
            return answer.status, await answer.text(), answer.headers.get("X-Slack-No-Retry") == "1"


def _payload(text: str) -> Json:
    """A command may be answered with JSON or with plain text."""
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {"text": text}
