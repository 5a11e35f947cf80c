"""People who write where everybody reads, and technicians who decide what is said to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.engine.services import Policy, Services
from bot.model.documents import Actions, Document
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import (
    ConversationRef,
    Identity,
    IncomingClick,
    IncomingDeletion,
    IncomingFile,
    IncomingForm,
    IncomingMessage,
    MessageKey,
)
from bot.model.public import FoundBy, Line, Post, PublicPost, Reach
from bot.model.tickets import Ticket
from bot.model.values import Audience, Language
from bot.public.policy import PublicPolicy
from tests.engine.desk import DESK_ROOM, TestDesk

SITE = "https://desk.example.org"
ACCOUNT = "T"
ANNOUNCED = """/ticket problem announce Parcel scanner down
en: The scanner SC-7 in hall 2 is down.
public en: Parcels from Lyon are late; the sorting is interrupted.
category: uncategorised
words: parcel, lyon"""


@dataclass
class Stage:
    """`posts` publishes something and lets the desk work; what it then said in public is what is returned."""

    desk: TestDesk
    _number: int = 0
    _said: list[Delivery] = field(default_factory=list)

    def settle_policy(self, **public: object) -> None:
        policy = PublicPolicy(site=SITE, link_key="k" * 40, platforms=("test",))
        policy = replace(policy, **public)  # type: ignore[arg-type]
        services: Services = self.desk.services
        made: Policy = replace(services.policy, public=policy)
        services = replace(services, policy=made)
        self.desk.services = services
        self.desk.__post_init__()

    def desk_speaks(self, language: Language) -> None:
        """Among its technicians."""
        services = self.desk.services
        self.desk.services = replace(services, policy=replace(services.policy, desk_language=language))
        self.desk.__post_init__()

    def post(
        self,
        text: str,
        *,
        who: str = "ada",
        found_by: FoundBy = "mention",
        root: str | None = None,
        native_id: str | None = None,
        revision: str = "",
        reach: Reach = "public",
        warning: str = "",
        thread: Sequence[Line] = (),
        by_bot: bool = False,
        no_bots: bool = False,
        unwanted: bool = False,
        language: Language | None = None,
        locale: str | None = None,
        files: Sequence[IncomingFile] = (),
    ) -> IncomingMessage:
        if native_id is None:
            self._number += 1
            native_id = f"s{self._number}"
        root = root or native_id
        return IncomingMessage(
            key=MessageKey("test", ACCOUNT, "message", native_id, revision),
            conversation=ConversationRef("test", ACCOUNT, "public", root),
            author=Identity("test", ACCOUNT, who, name=who.title(), locale=locale),
            text=text,
            sent_at=self.desk.clock(),
            mentioned=found_by == "mention",
            audience=Audience.PUBLIC,
            language=language,
            files=tuple(files),
            link=f"https://example.social/@{who}/{native_id}",
            post=Post(
                found_by=found_by,
                reach=reach,
                root=root,
                handle=f"{who}@example.social",
                tags=("acme",) if found_by == "hashtag" else (),
                warning=warning,
                thread=tuple(thread),
                by_bot=by_bot,
                no_bots=no_bots,
                unwanted=unwanted,
            ),
        )

    async def posts(self, text: str, **options: object) -> str:
        await self.desk.receive(self.post(text, **options))  # type: ignore[arg-type]
        return self.in_public(await self.desk.settle())

    @staticmethod
    def in_public(posted: Sequence[Delivery]) -> str:
        return "\n".join(one.document.text for one in posted if one.conversation.is_public)

    def said(self) -> list[Delivery]:
        """Everything that was said in public."""
        return [one for one in self.desk.wire.posted if one.conversation.is_public]

    async def deletes(self, native_id: str, *, who: str = "ada", root: str | None = None) -> None:
        await self.desk.receive(
            IncomingDeletion(
                key=MessageKey("test", ACCOUNT, "deletion", native_id),
                conversation=ConversationRef("test", ACCOUNT, "public", root or native_id),
                author=Identity("test", ACCOUNT, who),
                message=native_id,
                sent_at=self.desk.clock(),
            )
        )
        await self.desk.settle()

    async def heard(self, native_id: str) -> PublicPost:
        async with self.desk.storage.unit_of_work() as uow:
            found = await uow.public.by_native_id("test", ACCOUNT, native_id)
        assert found is not None, f"{native_id} was not heard"
        return found

    async def last(self) -> PublicPost:
        return await self.heard(f"s{self._number}")

    def click(self, action: str, post: PublicPost, *, who: str = "tess", room: str = "desk") -> IncomingClick:
        return IncomingClick(
            key=MessageKey("test", ACCOUNT, "click", str(new_id())),
            conversation=ConversationRef("test", ACCOUNT, room),
            author=Identity("test", ACCOUNT, who, name=who.title()),
            action=action,
            value=str(post.id),
            sent_at=self.desk.clock(),
            audience=Audience.INTERNAL,
        )

    async def presses(self, action: str, post: PublicPost, *, who: str = "tess", room: str = "desk") -> str:
        """What who pressed it reads."""
        await self.desk.receive(self.click(action, post, who=who, room=room))
        posted = await self.desk.settle()
        return "\n".join(
            one.document.text for one in posted if one.conversation.room == room and one.recipient in (None, who)
            and not one.edits
        )  # fmt: skip

    async def fills_in(self, post: PublicPost, text: str, *, who: str = "tess") -> str:
        """The form of the button Edit."""
        event = IncomingForm(
            key=MessageKey("test", ACCOUNT, "form", str(new_id())),
            conversation=DESK_ROOM,
            author=Identity("test", ACCOUNT, who, name=who.title()),
            form="post_edit",
            values={"text": text},
            subject=post.reference,
            sent_at=self.desk.clock(),
            audience=Audience.INTERNAL,
        )
        await self.desk.receive(event)
        posted = await self.desk.settle()
        return "\n".join(one.document.text for one in posted if one.recipient == who)

    def card(self, room: str = "desk") -> Document:
        """As it stands in a desk room now: the last that was posted with buttons of a post."""
        for one in reversed(self.desk.wire.posted):
            if one.conversation.room == room and one.recipient is None and is_card(one.document):
                return one.document
        raise AssertionError(f"no card in {room}")

    def buttons(self, room: str = "desk") -> list[str]:
        blocks = self.card(room).blocks
        return [button.action for block in blocks if isinstance(block, Actions) for button in block.buttons]

    async def tickets(self) -> list[Ticket]:
        return await self.desk.tickets()

    async def rows(self, native_id: str) -> list[Delivery]:
        """What is in the outbox for the thread that begins with a post."""
        ref = ConversationRef("test", ACCOUNT, "public", native_id)
        return await self.desk.storage.outbox.of_conversation(ref)

    def later(self, **span: float) -> None:
        self.desk.clock.at += timedelta(**span)


def is_card(document: Document) -> bool:
    return any(
        button.action.startswith("post_")
        for block in document.blocks
        if isinstance(block, Actions)
        for button in block.buttons
    ) or document.text.startswith("P")


COMPLAINT = {"en": "Three days without internet and nobody answers", "fr": "Trois jours sans internet, quelle honte"}


async def a_held(stage: Stage, text: str = COMPLAINT["en"], **options: object) -> PublicPost:
    await stage.posts(text, found_by="hashtag", **options)
    post = await stage.last()
    assert post.state == "held"
    return post
