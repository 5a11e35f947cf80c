"""Where people talk on the web, and who they are there."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from bot.contact.natives import is_visitor
from bot.model.messages import ConversationRef, Identity
from bot.model.people import PersonIdentity
from bot.model.values import Audience, Language

PLATFORM = "web"
ACCOUNT = "web"
CHAT = "chat"
DESK = "desk"

# Whoever tries the desk plays people with names of their own, so that tickets can be told apart.
ASKERS = ("Camille", "Noor", "Sasha", "Robin", "Maxime", "Andrea", "Lou", "Kim", "Charlie", "Dominique")
TECHNICIANS = ("Grace", "Alan", "Linus", "Radia", "Hedy", "Edsger", "Barbara", "Ken", "Margaret", "Tim")


class Role(StrEnum):
    """What a visitor of the page is."""

    EMPLOYEE = "employee"
    PUBLIC = "public"
    TECHNICIAN = "technician"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at the page. `key` is theirs alone; of one browser, each role has its own. `name` is empty where only
    the desk's own people may know it."""

    key: str
    role: Role
    name: str
    language: Language
    email: str | None = None
    timezone: str | None = None  # IANA, as their browser says

    @property
    def called(self) -> str:
        """What the page calls them."""
        return self.name or self.email or self.key

    @property
    def identity(self) -> Identity:
        return Identity(
            PLATFORM, ACCOUNT, self.key, self.name, self.email, locale=self.language.value, timezone=self.timezone
        )

    @property
    def audience(self) -> Audience:
        return Audience.PUBLIC if self.role is Role.PUBLIC else Audience.INTERNAL

    @property
    def chat(self) -> ConversationRef:
        """Where they ask."""
        return ConversationRef(PLATFORM, ACCOUNT, CHAT, self.key)

    @property
    def commands(self) -> ConversationRef:
        """Where they tell the desk what to do: a room of their own, so that its answers are for them alone."""
        return ConversationRef(PLATFORM, ACCOUNT, DESK, self.key)


def demonstrated_name(key: str, role: Role) -> str:
    """The name of a made-up person of the demonstration: always the same for a browser and a role."""
    names = TECHNICIANS if role is Role.TECHNICIAN else ASKERS
    return names[sha256(key.encode()).digest()[0] % len(names)]


@dataclass(frozen=True, slots=True)
class WebDesk:
    """Technicians work in the room `desk`; tickets are announced in the part of it that all of them see, when the page
    is on."""

    on: bool = True

    @property
    def rooms(self) -> tuple[ConversationRef, ...]:
        return (ConversationRef(PLATFORM, ACCOUNT, DESK),) if self.on else ()

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        return self.rooms

    def contains(self, ref: ConversationRef) -> bool:
        return ref.platform == PLATFORM and ref.room == DESK

    def shows_cards(self, ref: ConversationRef) -> bool:
        return False  # pages show tickets as they are now

    def opens_forms(self, ref: ConversationRef) -> bool:
        return False

    def new_thread(self, ref: ConversationRef, name: str) -> ConversationRef:
        return ref

    def private_room(self, identity: PersonIdentity) -> ConversationRef | None:
        """The room of their commands; of a visitor of the contact page, who never comes there, none."""
        if identity.platform != PLATFORM or is_visitor(identity.native_id):
            return None
        return ConversationRef(PLATFORM, ACCOUNT, DESK, identity.native_id)
