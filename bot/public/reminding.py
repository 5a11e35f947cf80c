"""Held replies that nobody has decided about in time: the desk's rooms hear of it, and those who lead it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.model.conversations import Conversation
from bot.model.documents import Actions, Document, Paragraph
from bot.model.public import PublicPost
from bot.model.values import Language
from bot.public.cards import buttons, typed
from bot.public.kept import decide_by
from bot.public.pausing import is_paused
from bot.tickets.cards import age
from bot.tickets.duty import leads_of
from bot.tickets.promises import dated


async def overdue(services: Services, limit: int) -> list[PublicPost]:
    """Those about which a decision was wanted by now and of which nobody was reminded, the longest waiting first."""
    wait, now = services.policy.public.held, services.clock()
    if not wait:
        return []
    # Business time passes no faster than time does; and of two, the one that has waited longer is due no later.
    async with services.storage.unit_of_work() as uow:
        found = await uow.public.unreminded(now - wait, limit)
    return [post for post in found if (wanted := decide_by(services, post)) and wanted <= now]


async def remind(services: Services, post: PublicPost) -> bool:
    """Whether anybody had to be reminded. Raises StaleWrite: somebody decides, or reminds, at the same time."""
    async with working(services, f"remind:{post.id}:{post.held_at}") as work:
        current = await work.uow.public.get(post.id)
        wanted = decide_by(services, current) if current else None
        if current is None or current.reminded_at or wanted is None or wanted > work.now:
            return False
        work.uow.public.save(replace(current, reminded_at=work.now))
        await _tell(work, current)
    return True


async def _tell(work: Work, post: PublicPost) -> None:
    """Where its card stands, with what may be done; and each lead alone, by e-mail where they have no such place."""
    paused = await is_paused(work.uow)
    leads = leads_of(await work.uow.people.technicians())
    people = await work.uow.people.persons([one.person_id for one in leads])
    names = tuple(people[one.person_id].name for one in leads if one.person_id in people)
    language = work.services.policy.desk_language
    for id in post.cards:
        message = await work.uow.conversations.message(id)
        room = await work.place_by_id(message.conversation_id) if message else None
        if message and room and not room.ref.is_public:
            said = Paragraph(_line(work, post, language, paused=paused, names=names))
            shown = Document((said, Actions(buttons(work, post, language))))
            if not work.services.desk.shows_cards(room.ref):
                shown = typed(work, post, shown, language)
            work.post(await _below(work, room, message.native_id), shown, language=language, key=room.ref.key)

    def worded(language: Language) -> Document:
        how = work.services.texts.typed("desk.mastodon", language, post.reference)
        shown = work.line("desk.mastodon.how", language, command=how)
        return Document((Paragraph(_line(work, post, language, paused=paused)), *shown.blocks))

    for one in leads:
        if not await work.tell(one.person_id, worded, key=f"lead:{one.id}"):
            await work.mail(one.person_id, worded, key=f"mail:{one.id}")


async def _below(work: Work, room: Conversation, card: str | None) -> Conversation:
    """The thread under a card, where the room has threads and the card is out; else the room."""
    if card and work.services.desk.shows_cards(room.ref):
        return await work.place(replace(room.ref, thread=card))
    return room


def _line(work: Work, post: PublicPost, language: Language, *, paused: bool, names: tuple[str, ...] = ()) -> str:
    say, wanted = work.services.texts, decide_by(work.services, post)
    assert wanted is not None and post.held_at is not None, "it waits, and a decision was wanted"
    when = dated(work, wanted, language, ZoneInfo(work.services.policy.timezone))
    waited = age(work, post.held_at, language)
    parts = [say("post.reminder", language, reference=post.reference, span=waited, when=when)]
    if paused:
        parts.append(say("post.reminder.paused", language))
    if names:
        parts.append(say("sla.please", language, names=", ".join(names)))
    return " ".join(parts)
