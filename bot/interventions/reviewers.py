"""Who looks at write-ups next."""

from uuid import UUID

from bot.engine.work import Work
from bot.model.documents import Actions, Button, Document, Paragraph
from bot.model.tickets import Intervention
from bot.model.values import Language, Role

BEFORE_OTHERS = (Role.CURATOR, Role.LEAD, Role.ADMIN)  # the first of these that somebody has


async def reviewers(work: Work) -> list[UUID]:
    """The Persons who review: curators; where there are none, leads; else admins."""
    working = [one for one in await work.uow.people.technicians() if not one.disabled]
    for role in BEFORE_OTHERS:
        if found := [one.person_id for one in working if one.role is role]:
            return found
    return []


async def tell_reviewers(work: Work, one: Intervention) -> str:
    """Tell each of them, but not who wrote it, where they are alone with the desk; their names."""
    found = await reviewers(work)
    for person_id in found:
        if person_id != work.actor_id:
            await work.tell(
                person_id, lambda language: waiting(work, one, language), key=f"{one.reference}:{person_id}"
            )
    persons = await work.uow.people.persons(found)
    return ", ".join(persons[id].name for id in found if id in persons)


def waiting(work: Work, one: Intervention, language: Language) -> Document:
    say = work.services.texts
    line = say("write_up.waiting", language, reference=one.reference, title=one.title)
    return Document(
        (Paragraph(line), Actions((Button("kb_review", say("button.kb_review", language), one.reference),)))
    )


async def tell_author(work: Work, one: Intervention, key: str, /, **values: object) -> None:
    """Tell who wrote it what became of it, unless they did that themselves. A sentence may name `{command}`, which
    opens the write-up of its ticket."""
    if one.author_id == work.actor_id:
        return
    ticket = await work.uow.tickets.get(one.ticket_id)
    reference = ticket.reference if ticket else ""

    def line(language: Language) -> Document:
        command = work.services.texts.typed("ticket.write-up", language, reference)
        return work.line(key, language, reference=one.reference, command=command, **values)

    await work.tell(one.author_id, line)
