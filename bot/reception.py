"""What adapters may ask the desk while somebody waits: forms, what is wrong in them, homes, live threads."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.commands.table import may
from bot.commands.ticket_snooze import OFF
from bot.engine.services import Services
from bot.forms.making import VALUES_OF, form, ticket_form
from bot.forms.sent import kept_form
from bot.forms.showing import AGAIN
from bot.forms.specs import AUTHOR, FORMS, FieldSpec, options
from bot.home import home
from bot.model.documents import Document
from bot.model.forms import Form, Problem
from bot.model.messages import ConversationRef, Identity, IncomingClick, Quoted
from bot.model.people import Known, Technician
from bot.model.values import Audience, Language, Role
from bot.ports.storage import UnitOfWork
from bot.public.writing import post_form
from bot.tickets.relay import says_something
from bot.understanding.moments import moment_from
from bot.understanding.secrets import mask

_REFERENCE = re.compile(r"T(\d{1,9})")


class DeskReception:
    """The Reception that adapters are given. It only reads."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def form_of(self, click: IncomingClick) -> Form | None:
        if click.action not in FORMS and click.action != AGAIN:
            return None
        async with self._services.storage.unit_of_work() as uow:
            known = await uow.people.known(click.author)
            language = self._language(click.author, known)
            if click.action == AGAIN:
                return await self._again(uow, click.value, known, language)
            if not may(_role(known), FORMS[click.action].right):
                return None
            if click.action == "ticket_new":
                return form(self._services, click.action, language, {"text": click.value}, without=("asker",))
            if click.action == "post_edit":
                return await post_form(self._services, uow, click.value, language)
            technician, ticket = _at_work(known), _REFERENCE.fullmatch(click.value)
            found = await uow.tickets.by_number(int(ticket[1])) if ticket else None
            if technician is None or found is None:
                return None
            return await ticket_form(self._services, uow, click.action, found, technician, language)

    async def _again(self, uow: UnitOfWork, value: str, known: Known | None, language: Language) -> Form | None:
        """The form as its sender left it: whatever has happened since, none of the words is lost."""
        try:
            message = await uow.conversations.message(UUID(value))
        except ValueError:
            return None
        left = kept_form(message.document) if message else None
        if message is None or left is None or known is None or message.person_id != known.person.id:
            return None
        name, subject, values = left
        if name not in FORMS or not may(_role(known), FORMS[name].right):
            return None
        ticket = _REFERENCE.fullmatch(subject)
        about = await uow.tickets.by_number(int(ticket[1])) if ticket else None
        if about and known.technician and name in VALUES_OF:  # what was not asked for in the form that was sent
            values = (await VALUES_OF[name](self._services, uow, about, known.technician) or {}) | values
        return form(self._services, name, language, values, subject=subject, without=("asker",))

    async def new_ticket_form(self, author: Identity, quoted: Quoted | None = None, text: str = "") -> Form:
        async with self._services.storage.unit_of_work() as uow:
            known = await uow.people.known(author)
        is_others = quoted is not None and quoted.author is not None and quoted.author.native_id != author.native_id
        words = mask((quoted.text if quoted else "") or text).text
        values = {"text": words, "asker": AUTHOR}
        language = self._language(author, known)
        return form(self._services, "ticket_new", language, values, without=() if is_others else ("asker",))

    async def problems_in(self, form: str, values: Mapping[str, str], author: Identity) -> dict[str, str]:
        spec = FORMS.get(form)
        if spec is None:
            return {}
        async with self._services.storage.unit_of_work() as uow:
            known = await uow.people.known(author)
        say, language = self._services.texts.plain, self._language(author, known)
        if not may(_role(known), spec.right):
            first = next((field.name for field in spec.fields if field.name in values), spec.fields[0].name)
            return {first: say("command.technicians_only", language)}
        zone = ZoneInfo((known and known.person.timezone) or author.timezone or self._services.policy.timezone)
        found = {field.name: self._problem(field, values.get(field.name, ""), zone) for field in spec.fields}
        longest = {field.name: field.longest for field in spec.fields}
        return {
            name: say(f"form.problem.{problem}", language, longest=longest[name])
            for name, problem in found.items()
            if problem is not None
        }

    def _problem(self, field: FieldSpec, value: str, zone: ZoneInfo) -> Problem | None:
        services = self._services
        if not says_something(value):
            return "required" if field.required else None
        if len(value) > field.longest:
            return "too_long"
        offered = options(field.offers, services.texts, services.categories, services.policy.desk_language)
        if field.kind == "choice" and value not in {each for each, _ in offered}:
            return "not_offered"
        is_moment = value.strip().lower() in OFF or moment_from(value, services.clock(), zone) is not None
        return "no_moment" if field.moment and not is_moment else None

    async def home(self, author: Identity, audience: Audience = Audience.PUBLIC) -> Document:
        async with self._services.storage.unit_of_work() as uow:
            known = await uow.people.known(author)
            return await home(self._services, uow, known, self._language(author, known), audience)

    async def language_of(self, author: Identity) -> Language:
        async with self._services.storage.unit_of_work() as uow:
            return self._language(author, await uow.people.known(author))

    async def knows(self, conversation: ConversationRef) -> bool:
        async with self._services.storage.unit_of_work() as uow:
            return await uow.conversations.by_ref(conversation) is not None

    async def whose(self, conversation: ConversationRef) -> str | None:
        async with self._services.storage.unit_of_work() as uow:
            place = await uow.conversations.by_ref(conversation)
            known = await uow.people.identities(place.person_id) if place and place.person_id else []
        here = (conversation.platform, conversation.account)
        return next((one.native_id for one in known if (one.platform, one.account) == here), None)

    async def live_threads(self, platform: str, account: str, since: datetime) -> list[ConversationRef]:
        async with self._services.storage.unit_of_work() as uow:
            return await uow.conversations.live_threads(platform, account, since)

    def _language(self, author: Identity, known: Known | None) -> Language:
        theirs = Language.of(known.person.locale) if known else None
        return theirs or Language.of(author.locale) or self._services.policy.desk_language


def _at_work(known: Known | None) -> Technician | None:
    technician = known.technician if known else None
    return technician if technician and not technician.disabled else None


def _role(known: Known | None) -> Role | None:
    technician = _at_work(known)
    return technician.role if technician else None
