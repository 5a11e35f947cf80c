"""`/ticket identity [CODE]`: two identities, on one platform or two, are one person: a code from the one is typed on
the other. `unlink` splits the identity that speaks off again.

Only where nobody else reads. A code gives whoever types it everything of the person who asked for it, a technician's
rights included; so it never goes the other way: what a technician types gives their rights to nobody.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot import link_codes
from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.conversations import Matter
from bot.model.documents import Actions, Button, Document, Fields, plain
from bot.model.messages import IncomingMessage
from bot.model.people import LinkCode, Person, PersonIdentity
from bot.tickets.cards import moment

CONFIRM = ("confirm", "confirmer")
UNLINK = ("unlink", "delier", "délier", "separer", "séparer")


async def run(turn: Turn, argument: str) -> Document:
    turn.for_them_alone = turn.for_them_alone or not is_private(turn)
    word, _, rest = argument.partition(" ")
    if word.lower() in CONFIRM and (code := link_codes.typed(rest)):
        return await link(turn, code, confirmed=True)
    if code := link_codes.typed(argument):
        return await link(turn, code, confirmed=False)
    if not is_private(turn):
        raise InvalidInput(turn.say("identity.in_private"))
    if not argument:
        return await give_code(turn)
    if word.lower() in UNLINK:
        return await unlink(turn, confirmed=rest.strip().lower() in CONFIRM)
    raise how_to_use(turn, "command.ticket.identity")


def is_private(turn: Turn) -> bool:
    """A button is where its preview was shown, which nobody else has seen."""
    return turn.event.private if isinstance(turn.event, IncomingMessage) else True


async def give_code(turn: Turn) -> Document:
    """A new code; the one before is good no more."""
    me = turn.known.person
    for before in await turn.uow.people.link_codes(me.id, turn.now - link_codes.GOOD_FOR):
        if before.code_hash and before.used_at is None:
            turn.uow.people.save(replace(before, used_at=turn.now))
    code = link_codes.new_code()
    until = turn.now + link_codes.GOOD_FOR
    turn.uow.people.add(
        LinkCode(me.id, await hash_of(turn, code), turn.now, until, conversation_id=turn.conversation.id)
    )
    when = moment(turn, until, turn.language)
    blocks = [turn.paragraph("identity.code", code=link_codes.shown(code), when=when), turn.paragraph("identity.alone")]
    linked = await linked_fields(turn, me)
    return Document((*blocks, linked))


async def link(turn: Turn, code: str, *, confirmed: bool) -> Document:
    """Show whom the code links with, and link once that is confirmed with the code itself. Raises InvalidInput."""
    await refuse_the_guessing(turn)
    found = await turn.uow.people.link_code(await hash_of(turn, code))
    other = await turn.uow.people.person(found.person_id) if found else None
    if found is None or other is None:
        return wrong(turn)
    if not is_private(turn):
        turn.uow.people.save(replace(found, used_at=turn.now))
        raise InvalidInput(turn.say("identity.seen_by_others"))
    if found.used_at is not None or found.expires_at <= turn.now:
        raise InvalidInput(turn.say("identity.used" if found.used_at else "identity.expired"))
    await refuse_if_unsafe(turn, other)
    theirs = await turn.uow.people.identities(other.id)
    if not confirmed:
        value = f"confirm {code}"
        button = Button("ticket_identity", turn.say("button.ticket_identity"), value, "primary")
        key = "identity.preview_technician" if await is_technician(turn, other) else "identity.preview"
        said = turn.paragraph(key, name=other.name, mine=on(turn.known.identity), code=code)
        return Document((said, identity_fields(turn, theirs), Actions((button,))))
    turn.uow.people.save(replace(found, used_at=turn.now))
    turn.uow.people.merge(other.id, turn.known.person.id)
    await tell_who_asked(turn, found)
    return turn.document("identity.linked", name=other.name, mine=on(turn.known.identity))


async def refuse_the_guessing(turn: Turn) -> None:
    """Raises InvalidInput for who typed too many wrong codes within the hour."""
    recent = await turn.uow.people.link_codes(turn.known.person.id, turn.now - link_codes.WINDOW)
    misses = [one for one in recent if not one.code_hash]
    if sum(one.attempts for one in misses) >= link_codes.MOST_WRONG:
        when = moment(turn, misses[0].requested_at + link_codes.WINDOW + timedelta(minutes=1), turn.language)
        raise InvalidInput(turn.say("identity.too_many", when=when))


def wrong(turn: Turn) -> Document:
    """Count a wrong code. The person's row is written as well: of two codes typed at once, one is counted after the
    other."""
    me = turn.known.person
    turn.uow.people.add(LinkCode(me.id, "", turn.now, turn.now + link_codes.WINDOW, attempts=1))
    turn.uow.people.save(me)
    return turn.document("identity.wrong")


async def refuse_if_unsafe(turn: Turn, other: Person) -> None:
    """Raises InvalidInput where nothing is to be linked, or where somebody would come by rights that are not theirs."""
    if other.id == turn.known.person.id:
        raise InvalidInput(turn.say("identity.own_code"))
    if turn.known.technician is None:
        return
    both = await is_technician(turn, other)
    raise InvalidInput(turn.say("identity.two_technicians" if both else "identity.from_technician"))


async def tell_who_asked(turn: Turn, code: LinkCode) -> None:
    """Who asked for the code hears there what came of it: if it was not them, they can do something."""
    place = await turn.place_by_id(code.conversation_id) if code.conversation_id else None
    if place is None or place.id == turn.conversation.id:
        return
    language = place.language or turn.services.policy.desk_language
    told = turn.line("identity.linked.tell", language, name=turn.known.person.name, other=on(turn.known.identity))
    turn.post(place, told, language=language)


async def unlink(turn: Turn, *, confirmed: bool) -> Document:
    """From now on the identity that speaks is somebody else; what was said and done stays with who they were."""
    me, identity = turn.known.person, turn.known.identity
    others = [one for one in await turn.uow.people.identities(me.id) if one.id != identity.id]
    if not others:
        raise InvalidInput(turn.say("identity.nothing_linked"))
    if not confirmed:
        button = Button("ticket_identity", turn.say("button.ticket_identity"), "unlink confirm", "danger")
        key = "identity.unlink.preview_technician" if turn.known.technician else "identity.unlink.preview"
        said = turn.paragraph(key, mine=on(identity))
        return Document((said, identity_fields(turn, others), Actions((button,))))
    same_address = (identity.email or "").lower() == (me.email or "").lower()
    alone = Person(
        name=identity.name or identity.native_id,
        email=None if same_address else identity.email,
        company_id=me.company_id,
        locale=me.locale,
        timezone=me.timezone,
    )
    turn.uow.people.add(alone)
    turn.uow.people.save(replace(identity, person_id=alone.id))
    turn.conversation = replace(turn.conversation, person_id=alone.id, matter=Matter(), silenced=False)
    return turn.document("identity.unlinked", mine=on(identity))


async def is_technician(turn: Turn, person: Person) -> bool:
    return await turn.uow.people.technician_of(person.id) is not None


async def linked_fields(turn: Turn, person: Person) -> Fields:
    return identity_fields(turn, await turn.uow.people.identities(person.id) or [turn.known.identity])


def identity_fields(turn: Turn, identities: list[PersonIdentity]) -> Fields:
    items = tuple((one.platform.capitalize(), plain(one.name or one.native_id)) for one in identities[:20])
    return Fields(items, title=turn.say("identity.known_as"))


def on(identity: PersonIdentity) -> str:
    return f"{identity.name or identity.native_id} ({identity.platform.capitalize()})"


async def hash_of(turn: Turn, code: str) -> str:
    """Takes a moment, and must not hold up the others."""
    return await asyncio.to_thread(link_codes.hashed, code, turn.services.policy.link_secret)


COMMAND = Command("ticket", "identity", run, aliases=("identite", "identité"), right="anyone")
