"""Who has a chat on the contact page."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.model.contact import ContactGuest, ContactRecord, ContactVisit, UsedLink


class Contact(Protocol):
    def add(self, record: ContactRecord) -> None:
        """Commit raises StaleWrite for a second visit of a browser to one post or conversation, for a browser that is
        there already, and for a link that was used by then."""
        ...

    def save(self, record: ContactVisit | ContactGuest) -> None: ...

    async def visit(self, id: UUID) -> ContactVisit | None: ...

    async def of_browser(self, browser: str) -> list[ContactVisit]: ...

    async def of_post(self, browser: str, post_id: UUID) -> ContactVisit | None:
        """A browser's chat about a post."""
        ...

    async def of_link(self, browser: str, conversation_id: UUID) -> ContactVisit | None:
        """A browser's chat that goes on with a conversation."""
        ...

    async def in_conversation(self, conversation_id: UUID) -> ContactVisit | None:
        """The visit whose chat this is."""
        ...

    async def verified(self, person_id: UUID) -> list[ContactVisit]:
        """The visits that are known to be a person's, the oldest first."""
        ...

    async def guests(self, visit_id: UUID) -> list[ContactGuest]:
        """The other browsers in which a chat is open, the oldest first."""
        ...

    async def guest_in(self, browser: str) -> list[ContactGuest]:
        """The chats of others that are open in a browser, the oldest first."""
        ...

    async def used(self, link: str) -> UsedLink | None: ...

    async def unread(self, absent: datetime, before: datetime, told: datetime, limit: int = 50) -> list[ContactVisit]:
        """Visits of who can be written to elsewhere, and for whom a technician's words wait: nobody has had the page
        open since `absent`, the words came after that and until `before`, and the last notice, if there was one, was
        before both `told` and those words."""
        ...
