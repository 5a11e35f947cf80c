"""Who asks, for the technician: company, licence, technical level, devices, and whether this trouble comes again."""

from collections.abc import Sequence

from bot.contact.showing import contact_items
from bot.engine.work import Work
from bot.model.documents import Fields, plain
from bot.model.people import LEVELS, Device, Person
from bot.model.tickets import Ticket
from bot.model.values import Language
from bot.public.showing import post_items
from bot.texts import Inline
from bot.tickets.recurring import recurring_before

MOST_DEVICES = 5


async def background(
    work: Work, ticket: Ticket, language: Language, asker: Person | None = None, earlier: Sequence[Ticket] | None = None
) -> Fields | None:
    """What the desk knows beside the ticket; None if that is nothing. Never for the asker's eyes.

    `asker` and `earlier` (tickets with the same trouble) are for what was not stored yet.
    """
    say = work.services.texts
    asker = asker or await work.uow.people.person(ticket.asker_id)
    if asker is None:
        return None
    company = await work.uow.people.company_by_id(asker.company_id) if asker.company_id else None
    level = say(f"level.{asker.level}", language) if asker.level in LEVELS else plain(asker.level or "")
    own = await work.uow.people.devices(asker.id)
    device = await _meant(work, ticket, own)
    others = [one for one in own if device is None or one.id != device.id]
    before = await recurring_before(work, ticket) if earlier is None else earlier
    items = [
        (say("field.company", language), plain(company.name) if company else ""),
        (say("field.licence", language), plain(asker.licence or "")),
        (say("field.level", language), level),
        (say("field.device", language), await _with_owner(work, device, asker, language) if device else ""),
        (say("field.devices", language), ", ".join(_called(one) for one in others[:MOST_DEVICES])),
        (say("field.recurring", language), again_words(work, ticket, before, language) if before else ""),
    ]
    items += await contact_items(work, ticket, language) or await post_items(work, ticket, language)
    known = tuple((label, value) for label, value in items if value)
    return Fields(known, title=say("field.background", language)) if known else None


async def _meant(work: Work, ticket: Ticket, own: Sequence[Device]) -> Device | None:
    if ticket.device_id is None:
        return None
    mine = next((one for one in own if one.id == ticket.device_id), None)
    return mine or await work.uow.people.device(ticket.device_id)


async def _with_owner(work: Work, device: Device, asker: Person, language: Language) -> str:
    """The device, and whose it is where it is not the asker's."""
    if device.person_id is None or device.person_id == asker.id:
        return _called(device)
    owner = await work.uow.people.person(device.person_id)
    name = owner.name if owner else "?"
    return work.services.texts("field.device.of", language, device=Inline(_called(device)), name=name)


def _called(device: Device) -> str:
    parts = [device.name or device.model]
    parts += [device.model] if device.name and device.name != device.model else []
    parts += [device.serial] if device.serial else []
    return plain(" · ".join(parts))


def again_words(work: Work, ticket: Ticket, before: Sequence[Ticket], language: Language) -> str:
    same_device = ticket.device_id is not None and all(one.device_id == ticket.device_id for one in before)
    key = "recurring.device" if same_device else "recurring.person"
    return work.services.texts(
        key,
        language,
        count=len(before) + 1,
        category=work.services.categories.name(ticket.category.split("/")[0], language),
        days=work.services.policy.recurring.days,
        references=", ".join(one.reference for one in before),
    )
