"""Technicians by what they are called."""

from bot.engine.turn import Turn
from bot.engine.words import spoken
from bot.model.people import Person, Technician


async def technicians_named(turn: Turn, name: str) -> list[tuple[Technician, Person]]:
    """Those at work here whose number, e-mail, name or part of it that is: one whole match before several parts.

    An empty name finds everybody.
    """
    technicians = [one for one in await turn.uow.people.technicians() if not one.disabled]
    persons = await turn.uow.people.persons([one.person_id for one in technicians])
    everybody = [(one, persons[one.person_id]) for one in technicians if one.person_id in persons]
    said = spoken(name.removeprefix("@"))
    if not said:
        return everybody
    whole = [
        (one, person)
        for one, person in everybody
        if said in (spoken(one.badge), str(one.number), spoken(person.name), spoken(person.email or ""))
    ]
    return whole or [pair for pair in everybody if set(said.split()) <= set(spoken(pair[1].name).split())]
