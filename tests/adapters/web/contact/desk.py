"""A desk with a contact page, a post that it is about, and a Mastodon that takes what is sent there."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from bs4 import BeautifulSoup

from bot.contact.telling import tell_absent, unread
from bot.engine.services import Services
from bot.model.conversations import Conversation, Message
from bot.model.ids import new_id
from bot.model.messages import ConversationRef
from bot.model.people import Account, Person, PersonIdentity
from bot.model.public import PublicPost
from bot.model.values import Language
from bot.public.links import DIRECT, signed_link
from bot.public.policy import PublicPolicy
from storage.store import SqlStorage
from tests.adapters.web.desk import Browser, WebDeskInProcess, web_desk

SITE = "http://desk.example.org"
KEY = "a-key-of-at-least-thirty-two-characters"
HERE = ("mastodon", "acme.example")
NATIVE = "109"
WORDS = "The app of acme is down again #acme"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
POLICY = PublicPolicy(site=SITE, link_key=KEY, platforms=("mastodon",), account=HERE)
POST = "/c/t0ken-of-the-post"


@dataclass
class Time:
    """A clock that tests turn."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass
class ContactDesk:
    web: WebDeskInProcess
    clock: Time
    post: PublicPost
    author: Person
    grace: Browser | None = None  # a technician, once there is one

    @property
    def storage(self) -> SqlStorage:
        return self.web.storage

    def browser(self, **headers: str) -> "ContactBrowser":
        one = ContactBrowser(self.web.application, {"User-Agent": PHONE} | headers)
        self.web.browsers.append(one)
        return one

    async def direct_messages(self) -> list[str]:
        """What was put on its way to the author, in order."""
        room = ConversationRef(*HERE, NATIVE)
        return [row.document.text for row in await self.storage.outbox.of_conversation(room)]

    async def code(self) -> str:
        found = re.findall(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", "\n".join(await self.direct_messages()))
        assert found, "no code was sent"
        return str(found[-1])

    async def link(self) -> str:
        """The path of the latest link in a direct message."""
        found = re.findall(rf"{SITE}(/d/\S+)", "\n".join(await self.direct_messages()))
        assert found, "no link was sent"
        return str(found[-1])

    async def tells_who_is_away(self) -> int:
        services = self.web.services
        return sum([await tell_absent(services, one) for one in await unread(services)])

    def with_mail(self, sender: str) -> Services:
        """The desk's services, where there is a mail server."""
        services = self.web.services
        return replace(services, policy=replace(services.policy, mail=sender))

    async def now_post(self) -> PublicPost:
        post = await self.storage.unit_of_work().public.get(self.post.id)
        assert post
        return post


class ContactBrowser(Browser):
    path = ""

    async def opens(self, path: str) -> httpx.Response:
        response = await self.get(path)
        self.path = str(response.url.path)
        return response

    async def writes(self, text: str) -> str:
        response = await self.post(f"{self.path}/say", text=text)
        assert response.status_code == 303, response.text
        return (await self.get(self.path)).text

    async def goes_on(self, response: httpx.Response) -> httpx.Response:
        """Where it was sent."""
        assert response.status_code == 303, response.text
        self.path = response.headers["location"].partition("#")[0].partition("?")[0]
        return await self.get(response.headers["location"])

    async def continues(self, path: str) -> str:
        """Opens the address of a chat, and has it go on here; the page."""
        await self.opens(path)
        return (await self.goes_on(await self.post(path))).text

    async def proves(self, desk: ContactDesk) -> str:
        await self.post(f"{self.path}/code")
        return (await self.goes_on(await self.post(f"{self.path}/verify", code=await desk.code()))).text


def words(page: str) -> str:
    return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


@asynccontextmanager
async def contact_desk(storage: SqlStorage, home: Path, **changes: Any) -> AsyncIterator[ContactDesk]:
    """`changes` are settings, but for `text`, `warning` and `language`, which are the post's, and `public`, which are
    of the policy in public."""
    clock = Time()
    public = replace(POLICY, **changes.pop("public", {}))
    of_post = {name: changes.pop(name) for name in ("text", "warning", "language", "number") if name in changes}
    values = {"secret_key": None} | changes
    async with web_desk(storage, home, clock=clock, public=public, **values) as web:
        person = Person("Ada Lovelace")
        place = Conversation(ConversationRef(*HERE, "public", "100"), person.id)
        said = Message(place.id, "person", WORDS, clock(), "100", person.id, Language.EN)
        fields: dict[str, Any] = {"text": WORDS, "language": Language.EN, "number": 4} | of_post
        post = PublicPost(
            *HERE, "100", "100", "ada@elsewhere.example", person.id, place.id, "hashtag", "public",
            sent_at=clock(), seen_at=clock(), message_id=said.id, token=POST.removeprefix("/c/"),
            link="https://elsewhere.example/@ada/100", complaint=True, because="bot", **fields,
        )  # fmt: skip
        async with storage.unit_of_work() as work:
            work.people.add(Account(*HERE))
            work.people.add(person)
            work.people.add(PersonIdentity(person.id, *HERE, NATIVE, "Ada Lovelace"))
            work.conversations.add(place)
            work.conversations.add(said)
            work.public.add(post)
            await work.commit()
        yield ContactDesk(web, clock, post, person)


async def in_direct_messages(desk: ContactDesk, *texts: str) -> Conversation:
    """What the author wrote there, and the desk heard."""
    room = Conversation(ConversationRef(*HERE, NATIVE), desk.author.id, Language.EN)
    async with desk.storage.unit_of_work() as work:
        work.conversations.add(room)
        for number, text in enumerate(texts):
            native = f"20{number}"
            work.conversations.add(
                Message(room.id, "person", text, desk.clock(), native, desk.author.id, Language.EN, id=new_id())
            )
        await work.commit()
    return room


async def a_link(desk: ContactDesk, *texts: str) -> str:
    """The path of one to the author's direct messages with these, as the desk puts one into them."""
    room = await in_direct_messages(desk, *texts)
    link = signed_link(POLICY, DIRECT, room.id, desk.clock())
    assert link
    return link.removeprefix(SITE)
