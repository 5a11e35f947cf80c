"""The console without a screen: questions from a script, whose answers are read from the database."""

from datetime import UTC, datetime

from adapters.console.speaker import PLATFORM, LocalUser, Speaker
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingMessage, MessageKey
from bot.model.values import Audience, Language
from bot.ports.adapters import ExternalId, Inbox

ROOM = "ask"


class Asker:
    """An account of its own for this process, so that no other one delivers its answers."""

    platform = PLATFORM

    def __init__(self, user: LocalUser) -> None:
        self._user = user
        self._account = f"ask-{new_id()}"

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset({self._account})

    async def run(self, inbox: Inbox) -> None:
        """There is nothing to listen to."""

    async def send(self, delivery: Delivery) -> ExternalId:
        """The answer is read from the database by whoever asked."""
        return f"{self._account}/{delivery.number}"

    def event(
        self, text: str, language: Language | None, audience: Audience, *, alone: bool, post: bool = False
    ) -> IncomingMessage:
        """A question in a conversation of its own; unless it is `alone`, of somebody of its own too, so that the
        tickets of one question have no bearing on the next."""
        native_id = str(new_id())
        author = self._user.identity(Speaker.EMPLOYEE)
        if not alone:
            author = Identity(PLATFORM, ROOM, native_id, name=author.name, locale=author.locale)
        return IncomingMessage(
            key=MessageKey(PLATFORM, self._account, "message", native_id),
            conversation=ConversationRef(PLATFORM, self._account, ROOM, native_id),
            author=author,
            text=text,
            sent_at=datetime.now(UTC),
            private=True,
            audience=audience,
            language=language,
            as_post=post,
        )
