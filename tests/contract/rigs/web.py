"""The web page: a real HTTP server on loopback, and browsers that send forms and read what the pages say."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
from bs4 import BeautifulSoup, Tag

from adapters.web.adapter import WebAdapter
from adapters.web.places import PLATFORM
from bot.model.conversations import Conversation, Message
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingClick, IncomingMessage
from bot.ports.adapters import ExternalId, Inbox
from bot.settings import load_settings
from storage.store import SqlStorage, open_storage
from tests.contract.rigs.rig import Post, RecordingInbox, Rig, RigKind
from tests.engine.desk import shipped

T = TypeVar("T")
ELEMENTS = frozenset(
    "html head meta title link script body a header div form input button nav main section h1 h2 h3 h4 p article time "
    "ol ul li dl dt dd span strong em code br footer cite textarea label svg path circle rect i img".split()
)


async def nobody_is_appointed(identity: Identity) -> None:
    """These visitors stay what they are."""


class Browser:
    """One visitor, with cookies of their own."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, headers={"Accept": "text/html", "Accept-Language": "en"})
        self.page()

    def page(self) -> BeautifulSoup:
        response = self._http.get("/")
        response.raise_for_status()
        return BeautifulSoup(response.text, "html.parser")

    def send(self, path: str, **fields: str) -> None:
        token = self.page().find("input", attrs={"name": "csrf"})
        assert isinstance(token, Tag)
        form = {"csrf": str(token["value"]), "id": str(uuid4())} | fields
        response = self._http.post(path, data=form, headers={"Accept": "application/json"})
        assert response.status_code == 202, response.text

    def close(self) -> None:
        self._http.close()


class Across:
    """The adapter in its own thread's loop. The desk stores what it sends, and notes what came of it: so does this."""

    platform = PLATFORM

    def __init__(self, server: "Server") -> None:
        self._server = server

    @property
    def accounts(self) -> frozenset[str]:
        return self._server.adapter.accounts

    async def run(self, inbox: Inbox) -> None:
        """The server runs already."""

    async def send(self, delivery: Delivery) -> ExternalId:
        return await self._server.call(self._send(delivery))

    async def find_posted(self, delivery: Delivery) -> ExternalId | None:
        return await self._server.call(self._find(delivery))

    async def _find(self, delivery: Delivery) -> ExternalId | None:
        """As the desk asks: for the delivery as it is stored."""
        rows = await self._server.storage.outbox.of_conversation(delivery.conversation)
        stored = next((row for row in rows if row.key == delivery.key), delivery)
        return await self._server.adapter.find_posted(stored)

    async def _send(self, delivery: Delivery) -> ExternalId:
        storage, ref = self._server.storage, delivery.conversation
        async with storage.unit_of_work() as uow:
            conversation = await uow.conversations.by_ref(ref)
            if conversation is None:
                conversation = Conversation(ref)
                uow.conversations.add(conversation)
            message = Message(conversation.id, "bot", "", datetime.now(UTC), document=delivery.document)
            uow.conversations.add(message)
            uow.outbox.add(
                Delivery(ref, delivery.document, delivery.key, message_id=message.id, replaces=delivery.replaces)
            )
            await uow.commit()
        (stored,) = [row for row in await storage.outbox.of_conversation(ref) if row.key == delivery.key]
        external_id = await self._server.adapter.send(stored)
        await storage.outbox.sent(stored, external_id, datetime.now(UTC))
        return external_id


class Server:
    """The page in a thread, so that a test may wait for it without standing in its way."""

    def __init__(self, home: Path) -> None:
        self.inbox = RecordingInbox()
        self.adapter: WebAdapter
        self.storage: SqlStorage
        self._home = home
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    async def _run(self) -> None:
        changes = {"home": self._home, "web_port": 0, "web_requests_per_minute": 10_000}
        settings = load_settings(None).model_copy(update=changes)
        self.storage = await open_storage(f"sqlite:///{self._home / 'guichet.db'}", create=True)
        self._task = asyncio.current_task()
        try:
            categories, _, texts = shipped()
            self.adapter = WebAdapter(settings, self.storage, texts, categories, _now, nobody_is_appointed, {})
            self._loop.call_soon(self._ready.set)
            await self.adapter.run(self.inbox)
        except asyncio.CancelledError:
            pass
        finally:
            await self.storage.close()

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)
        self._loop.close()


def _now() -> datetime:
    return datetime.now(UTC)


class WebRig:
    hostile = (
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>'",
        "[click](javascript:alert(1)) [me](data:text/html,<script>1</script>)",
        "![beacon](https://evil.example/pixel.png)",
        "</textarea></article><iframe src=//evil.example></iframe>",
        "&lt;script&gt; &#x202e; {{ 7 * 7 }} {% raw %}",
        "\u202egnp.exe\u2066 \u200f",
        "<style>body { display: none }</style><base href=//evil.example>",
    )

    def __init__(self, server: Server) -> None:
        self.adapter = Across(server)
        self.inbox = server.inbox
        self._asker, self._other = Browser(server.adapter.address), Browser(server.adapter.address)
        self._chat = self._place_of(self._asker)
        self.desk = self._place_of(self._other)  # somebody else's chat: what is there is for them alone

    async def user_says(self, text: str) -> IncomingMessage:
        await asyncio.to_thread(self._asker.send, "/say", text=text)
        heard = self.inbox.events[-1]
        assert isinstance(heard, IncomingMessage)
        return heard

    async def user_presses(self, label: str) -> IncomingClick:
        page = self._asker.page()
        (button,) = [one for one in page.select(".offer button") if one.get_text(strip=True) == label]
        await asyncio.to_thread(self._asker.send, "/press", press=str(button["value"]))
        heard = self.inbox.events[-1]
        assert isinstance(heard, IncomingClick)
        return heard

    def posts(self) -> list[Post]:
        """Of both pages, in the order of the items' numbers."""
        found = [
            (int(str(item["id"]).removeprefix("d-")), post_of(item, ref))
            for browser, ref in ((self._asker, self._chat), (self._other, self.desk))
            for item in browser.page().select(".item.bot")
        ]
        return [post for _, post in sorted(found, key=lambda one: one[0])]

    def harm(self) -> list[str]:
        """What a page would do beyond showing text and following links of the web."""
        found: list[str] = []
        for element in self._asker.page().find_all(True):
            if element.name not in ELEMENTS or (element.name == "script" and element.get_text(strip=True)):
                found.append(str(element)[:100])
            for name, value in element.attrs.items():
                bad_address = name in ("href", "src", "action") and not re.match(r"https?://|/|#", str(value))
                if name.startswith("on") or name == "style" or bad_address:
                    found.append(f"{element.name} {name}={value}")
                if name == "src" and not str(value).startswith(("/static/", "/files/")):
                    found.append(f"{element.name} {name}={value}")
        return found

    def close(self) -> None:
        self._asker.close()
        self._other.close()

    def _place_of(self, browser: Browser) -> ConversationRef:
        """Where this browser talks: by saying something there, which is then forgotten."""
        browser.send("/say", text="hello")
        event = self.inbox.events.pop()
        assert isinstance(event, IncomingMessage)
        return event.conversation


def post_of(item: Tag, conversation: ConversationRef) -> Post:
    """What a reader reads: steps are numbered by the page's style, addresses stand behind links."""
    edited = item.select_one(".edited") is not None
    body = item.select_one(".body")
    assert body
    buttons = tuple(button.get_text(strip=True) for button in body.select(".offer button"))
    for offer in body.select(".offer"):
        offer.decompose()
    for link in body.select("a"):
        link.append(f" ({link['href']})")
    for steps in body.select(".steps"):
        for number, step in enumerate(steps.find_all("li", recursive=False), 1):
            step.select("p, li")[0].insert(0, f"{number}. ")
    lines = [" ".join(part.get_text().split()) for part in body.select("p, dt, h4, .source, .prose li")]
    return Post(conversation, "\n".join(lines), buttons, edited=edited)


@asynccontextmanager
async def _served(home: Path) -> AsyncIterator[Rig]:
    with Server(home) as server:
        rig = await asyncio.to_thread(WebRig, server)
        try:
            yield rig
        finally:
            rig.close()


SERVED = RigKind("web", WebAdapter, WebRig, _served)
