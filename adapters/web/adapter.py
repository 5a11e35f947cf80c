"""The web page as a chat platform."""

from collections.abc import Awaitable, Callable, Mapping

from adapters.web.app import create_app
from adapters.web.examine import mark_of
from adapters.web.health import Examine, Health
from adapters.web.limits import Limits
from adapters.web.places import ACCOUNT, PLATFORM
from adapters.web.refusals import Refusals
from adapters.web.server import address_of, listen, serve
from adapters.web.sessions import Sessions, signing_key
from adapters.web.site import About, Site
from bot.attachments.intake import Intake
from bot.attachments.nowhere import no_files
from bot.categories import Categories
from bot.engine.services import Services
from bot.errors import PlatformUnavailable
from bot.model.ledger import Delivery
from bot.model.messages import Identity
from bot.ports.adapters import Clock, ExternalId, Inbox
from bot.ports.mail import Mailer
from bot.ports.storage import Storage
from bot.settings import Settings
from bot.texts import Texts

Appoint = Callable[[Identity], Awaitable[None]]


class WebAdapter:
    """One account, served by every process that has a page: what is stored as delivered is what its pages show."""

    platform = PLATFORM
    accounts = frozenset({ACCOUNT})

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        texts: Texts,
        categories: Categories,
        clock: Clock,
        appoint: Appoint,
        parts: Mapping[str, Examine],
        mailer: Mailer | None = None,
        files: Intake | None = None,
        about: About | None = None,
        services: Services | None = None,
    ) -> None:
        """Listens at once, so that whoever starts knows whether it can. Raises SettingsError if it cannot.

        `parts`: what the desk needs to be ready. `mailer`: what sends codes where people sign in with them. `files`:
        what is taken of files, and where it goes; without it none is. `about`: what is known beside a ticket.
        `services`: what the contact page works with; without it there is none.
        """
        self._settings = settings
        self._storage = storage
        self._texts = texts
        self._categories = categories
        self._clock = clock
        self._appoint = appoint
        self._health = Health(parts, mark=mark_of(signing_key(settings)))
        self._mailer = mailer
        self._files = files or no_files()
        self._about = about
        self._services = services
        self._socket = listen(settings)

    @property
    def address(self) -> str:
        return address_of(self._socket)

    def close(self) -> None:
        """Stop listening, for whoever does not come to `run`, which does it by itself."""
        self._socket.close()

    async def run(self, inbox: Inbox) -> None:
        """Serve the pages until cancelled."""
        site = self.site(inbox)
        await serve(create_app(site, self._health), self._settings, self._socket, site.stopping)

    def site(self, inbox: Inbox) -> Site:
        settings = self._settings
        return Site(
            settings=settings,
            sessions=Sessions.of(settings, self._clock),
            limits=Limits.of(settings),
            refusals=Refusals(self._texts, settings.desk_language),
            storage=self._storage,
            inbox=inbox,
            say=self._texts,
            category=self._categories.name,
            tree=self._categories,
            clock=self._clock,
            appoint=self._appoint,
            mailer=self._mailer,
            files=self._files,
            about=self._about,
            services=self._services,
            categories=tuple(record.slug for record in self._categories.records()),
        )

    async def send(self, delivery: Delivery) -> ExternalId:
        """There is nothing to post: the row is the message. Its number is its id, which pages know it by."""
        if delivery.conversation.account != ACCOUNT:
            raise PlatformUnavailable(f"{delivery.conversation.account} is no account of the page")
        return delivery.replaces or str(delivery.number)

    async def find_posted(self, delivery: Delivery) -> ExternalId | None:
        """Where the row is, the message is."""
        return await self.send(delivery)
