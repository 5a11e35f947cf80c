"""Which device somebody means: by its serial number, by its model where one of theirs is of it, or "my laptop" where
they have one."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from bot.devices import DeviceCatalogue, spellings
from bot.engine.work import Work
from bot.model.messages import Entities
from bot.model.people import Device, Person
from bot.model.tickets import Ticket
from bot.understanding.lexicon import read
from bot.understanding.normalise import fold

_OWN = r"(?<!\w)(?:my|our|mon|ma|notre) (?:\w+ ){0,2}?"
_COMPUTERS = frozenset({"laptop", "desktop"})  # what "my computer" may be


async def with_device(work: Work, ticket: Ticket, text: str, asker: Person | None = None) -> Ticket:
    """The ticket, to be saved, with the device that it is about if that is not known yet and `text` or what it names
    tells."""
    if ticket.device_id is not None:
        return ticket
    asker = asker or await work.uow.people.person(ticket.asker_id)
    device = await device_meant(work, asker, text, ticket.entities) if asker else None
    if device is None:
        return ticket
    work.stale_cards.add(ticket.id)
    return replace(ticket, device_id=device.id)


async def device_meant(work: Work, person: Person, text: str, entities: Entities) -> Device | None:
    """None where nothing or more than one device could be meant. A serial number is that of its device, whosever that
    is; anything else means one of the person's own."""
    written = [each for serial in entities.serials for each in (serial, serial.upper(), serial.lower())]
    if by_serial := await work.uow.people.by_serial(written):
        mine = [device for device in by_serial if device.person_id == person.id]
        return _only(mine or by_serial)
    own = await work.uow.people.devices(person.id)
    if not own:
        return None
    if entities.devices:
        named = frozenset(spellings(entities.devices))
        return _only(device for device in own if named & frozenset(spellings([device.model])))
    return _only(device for device in own if _is_called(device, kinds_said(text), work.services.devices))


def kinds_said(text: str) -> frozenset[str]:
    """The kinds of devices that somebody calls their own: "my laptop", "notre imprimante"."""
    folded = " ".join(re.findall(r"\w+", fold(text)))
    found = {match["word"] for match in _owned().finditer(folded)}
    return frozenset(kind for kind, words in _kinds().items() if found & words)


def _is_called(device: Device, said: frozenset[str], catalogue: DeviceCatalogue) -> bool:
    kinds = kinds_of(device, catalogue)
    return bool(said & kinds) or ("computer" in said and bool(kinds & _COMPUTERS))


def kinds_of(device: Device, catalogue: DeviceCatalogue) -> frozenset[str]:
    """By its model where the catalogue knows that, else by the words of its name."""
    models = set(catalogue.models(device.model))
    if known := {each.kind for each in catalogue.devices if each.name in models}:
        return frozenset(known)
    words = f" {' '.join(re.findall(r'[a-z0-9]+', fold(f'{device.name} {device.model}')))} "
    return frozenset(kind for kind, names in _kinds().items() if any(f" {name} " in words for name in names))


@cache
def _kinds() -> dict[str, frozenset[str]]:
    return {kind: frozenset(fold(word) for word in words) for kind, words in read("kinds").items()}


@cache
def _owned() -> re.Pattern[str]:
    words = sorted({word for words in _kinds().values() for word in words}, key=lambda word: (-len(word), word))
    return re.compile(rf"{_OWN}(?P<word>{'|'.join(map(re.escape, words))})(?!\w)")


def _only(devices: Iterable[Device]) -> Device | None:
    found = list(devices)
    return found[0] if len(found) == 1 else None
