"""`/ticket problem …`: one cause behind several tickets, announced to whoever asks, until it is over.

problem [list] · P3                  what there is
problem announce TEXT                draft an announcement (see bot.problems.drafting) and preview it
problem update|end P3 [TEXT]         the same for news, and for the end
problem preview P3                   what every platform and language will read
problem send|drop P3, undo P3        say it, or not; take it back within 30 seconds
problem join P3 T12 T13, unjoin T12  which tickets it is the cause of
problem suggest                      open tickets that read alike
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.commands.common import how_to_use, unknown_category, unknown_ticket
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.model.documents import Actions, Document
from bot.model.tickets import Problem, ProblemText, Ticket
from bot.problems import showing, steps, suggesting
from bot.problems.card import under_card
from bot.problems.drafting import Unreadable, Written, read_draft
from bot.problems.joining import join, unjoin
from bot.problems.recipients import to_tell
from bot.public.left_alone import may_be_told
from bot.tickets.lifecycle import UNDO_WINDOW
from bot.tickets.opening import UNCATEGORISED
from bot.tickets.words import category_named

USAGE = "command.ticket.problem"
_PROBLEM = re.compile(r"^#?[Pp](\d{1,9})\b[\s:,]*")
_TICKETS = re.compile(r"(?<!\w)#?[Tt](\d{1,9})\b")
SubCommand = Callable[[Turn, str], Awaitable[Document]]


async def run(turn: Turn, argument: str) -> Document:
    argument = argument.strip()
    word = argument.split(maxsplit=1)[0] if argument else ""
    if _PROBLEM.fullmatch(word):
        return await showing.page(turn, (await problem_and_rest(turn, word))[0])
    sub_command = SUB_COMMANDS.get(word.lower()) if word else show_list
    if sub_command is None:
        raise how_to_use(turn, USAGE)
    try:
        return await sub_command(turn, argument[len(word) :].strip())
    except Unreadable as error:
        raise InvalidInput(turn.say(error.key, **error.values)) from error


async def show_list(turn: Turn, argument: str) -> Document:
    return await showing.listing(turn)


async def announce(turn: Turn, argument: str) -> Document:
    """Draft it, of a new problem or of one that there is. Nobody is told yet."""
    known = _PROBLEM.match(argument)
    problem, text = await problem_and_rest(turn, argument) if known else (None, argument)
    if not text and problem is None:
        raise InvalidInput(turn.say("problem.draft.how"))
    written = read_draft(text, turn.language)
    if problem is None:
        number = await turn.uow.problems.next_number()
        title = written.title or next((one.text for one in written.texts), "")
        problem = Problem(number, title.partition("\n")[0][:120], UNCATEGORISED, author_id=turn.known.person.id)
        turn.uow.problems.add(problem)
    problem = described(turn, problem, written)
    kept = problem.draft.texts if problem.draft else problem.texts
    texts = (*written.texts, *(one for one in kept if not any(_same_slot(one, new) for new in written.texts)))
    if not texts:
        raise InvalidInput(turn.say("problem.draft.no_text", reference=problem.reference))
    if problem.category == UNCATEGORISED:
        raise InvalidInput(turn.say("problem.draft.no_category"))
    return await drafted(turn, problem, "announce", texts)


async def update(turn: Turn, argument: str) -> Document:
    problem, text = await problem_and_rest(turn, argument)
    written = read_draft(text, turn.language)
    problem = described(turn, problem, written if written.texts and written.title is None else replace_title(written))
    if written.texts:
        return await drafted(turn, problem, "update", written.texts)
    if not (written.words or written.category):
        raise InvalidInput(turn.say("problem.draft.no_text", reference=problem.reference))
    turn.keep_problem(problem)  # only which questions it answers; there is nothing to tell
    return await showing.page(turn, problem)


async def end(turn: Turn, argument: str) -> Document:
    problem, text = await problem_and_rest(turn, argument)
    return await drafted(turn, problem, "end", read_draft(text, turn.language).texts)


async def preview(turn: Turn, argument: str) -> Document:
    problem, _ = await problem_and_rest(turn, argument)
    if problem.draft is None:
        return await showing.page(turn, problem)
    return await showing.preview(turn, problem, problem.draft)


async def send(turn: Turn, argument: str) -> Document:
    """Say what was previewed. A button of an earlier preview sends nothing and shows the present one."""
    problem, shown = await problem_and_rest(turn, argument)
    draft = problem.draft
    if draft is None:
        raise InvalidInput(turn.say("problem.nothing_to_send", reference=problem.reference))
    if shown and shown != showing.mark(draft):
        document = await showing.preview(turn, problem, draft)
        return Document((turn.paragraph("problem.preview.changed"), *document.blocks))
    problem = steps.sent(problem, draft, turn.now)
    turn.keep_problem(problem)
    waiting = await to_tell(turn, problem)
    seconds = int(UNDO_WINDOW.total_seconds())
    said = turn.paragraph(
        f"problem.sent.{draft.step}",
        reference=problem.reference, count=len({one.person_id for one in waiting}), seconds=seconds,
    )  # fmt: skip
    await tell_rooms(turn, f"problem.desk.{draft.step}", problem)
    return Document((said, Actions((showing.command(turn, "undo", problem.reference),))))


async def tell_rooms(turn: Turn, key: str, problem: Problem) -> None:
    """A line in the desk's rooms, so that everybody there knows, but not back to where it came from.

    Where the problem has a card it stands under it; a card that is yet to come says it itself.
    """
    language = turn.services.policy.desk_language
    line = turn.line(key, language, name=turn.known.person.name, reference=problem.reference, title=problem.title)
    for ref in turn.services.desk.rooms:
        place = await turn.place(ref)
        if ref in turn.services.desk.rooms_for(problem.category) and turn.services.desk.shows_cards(ref):
            thread = await under_card(turn, problem, place)
            if thread and not turn.is_origin(thread):
                turn.post(thread, line, language=language)
        elif not turn.is_origin(place):
            turn.post(place, line, language=language)


async def drop(turn: Turn, argument: str) -> Document:
    problem, shown = await problem_and_rest(turn, argument)
    if problem.draft is None or (shown and shown != showing.mark(problem.draft)):
        raise InvalidInput(turn.say("problem.nothing_to_send", reference=problem.reference))
    turn.uow.problems.save(replace(problem, draft=None))
    return turn.document("problem.dropped", reference=problem.reference)


async def undo(turn: Turn, argument: str) -> Document:
    """Take the last step back. Who asked meanwhile and was told is told that it was a mistake."""
    problem, _ = await problem_and_rest(turn, argument)
    step = steps.undoable(problem, turn.now)
    if step is None:
        raise InvalidInput(turn.say("problem.undo.too_late", reference=problem.reference))
    turn.keep_problem(steps.undone(problem, turn.known.person.id, turn.now))
    corrected = 0
    for one in await turn.uow.problems.subscriptions(problem.id) if step == "announce" else ():
        place = await turn.place_by_id(one.conversation_id) if one.told_at is None else None
        if place is not None:
            if not place.ref.is_public and await may_be_told(turn, place):
                line = turn.line("problem.retracted", one.language)
                turn.post(place, line, language=one.language, key=f"back:{one.id}")
            turn.keep_subscription(replace(one, told_at=turn.now))
            corrected += 1
    await tell_rooms(turn, "problem.desk.undone", problem)
    return turn.document(f"problem.undone.{step}", reference=problem.reference, count=corrected)


async def join_tickets(turn: Turn, argument: str) -> Document:
    problem, rest = await problem_and_rest(turn, argument)
    tickets = await tickets_in(turn, rest)
    return await joined(turn, problem, tickets)


async def joined(turn: Turn, problem: Problem, tickets: list[Ticket]) -> Document:
    if problem.ended_at is not None:
        raise InvalidInput(turn.say("problem.is_ended", reference=problem.reference))
    try:
        problem = await join(turn, problem, tickets)
    except IllegalTransition as error:
        raise InvalidInput(turn.say("problem.join.not_active")) from error
    references = ", ".join(ticket.reference for ticket in tickets)
    key = "problem.joined.announced" if problem.is_announced else "problem.joined"
    said = turn.paragraph(key, reference=problem.reference, tickets=references)
    waiting = [one for one in await to_tell(turn, problem) if one.ticket and one.ticket in turn.touched.values()]
    blocks = [block for variant in showing.variants(waiting) for block in showing.shown(turn, variant)]
    return Document((said, *blocks))


async def unjoin_ticket(turn: Turn, argument: str) -> Document:
    tickets = [ticket for ticket in await tickets_in(turn, argument) if ticket.problem_id is not None]
    if not tickets:
        raise InvalidInput(turn.say("problem.unjoin.none"))
    for ticket in tickets:
        await unjoin(turn, ticket)
    return turn.document("problem.unjoined", tickets=", ".join(ticket.reference for ticket in tickets))


async def suggest(turn: Turn, argument: str) -> Document:
    faults = await suggesting.recent_faults(turn)
    joins = await suggesting.joinable(turn, faults)
    taken = {ticket.id for _, tickets in joins for ticket in tickets}
    groups = await suggesting.suggestions(turn, [ticket for ticket in faults if ticket.id not in taken])
    documents = [suggesting.join_suggestion(turn, *join, turn.language) for join in joins]
    documents += [suggesting.suggestion(turn, group, turn.language) for group in groups]
    if not documents:
        return turn.document("problem.suggest.none")
    return Document(tuple(block for document in documents for block in document.blocks))


async def make(turn: Turn, argument: str) -> Document:
    """One problem out of tickets that read alike. Nobody is told of it yet."""
    tickets = await tickets_in(turn, argument)
    known = {ticket.problem_id for ticket in tickets if ticket.problem_id is not None}
    if known and (problem := await turn.uow.problems.get(known.pop())):
        return await joined(turn, problem, [ticket for ticket in tickets if ticket.problem_id is None])
    number = await turn.uow.problems.next_number()
    category, words = tickets[0].category, suggesting.words_in_common(turn, tickets)
    problem = Problem(number, tickets[0].title, category, words=words, author_id=turn.known.person.id)
    turn.uow.problems.add(problem)
    document = await joined(turn, problem, tickets)
    return Document((*document.blocks, turn.paragraph("problem.made.how", reference=problem.reference)))


async def different(turn: Turn, argument: str) -> Document:
    """Tickets that only look alike: they are not suggested again."""
    tickets = await tickets_in(turn, argument)
    for ticket in tickets:
        turn.note_event(ticket, suggesting.DECLINED)
    return turn.document("problem.different", tickets=", ".join(ticket.reference for ticket in tickets))


def described(turn: Turn, problem: Problem, written: Written) -> Problem:
    """With the title, category and words that were written; those that are missing are understood from the text."""
    category = problem.category
    if written.category is not None:
        named = category_named(turn.services.categories, written.category)
        if named is None:
            raise unknown_category(turn, written.category)
        category = named
    said = " ".join((written.title or problem.title, *(text.text for text in written.texts)))
    if category == UNCATEGORISED:
        understood = turn.services.understander.understand(said, language=turn.language)
        category = understood.category or UNCATEGORISED
    words = written.words or problem.words or suggesting.words_naming(turn.services, category, said)
    return replace(problem, title=written.title or problem.title, category=category, words=words)


def replace_title(written: Written) -> Written:
    """News without a label are a text, no new title."""
    return replace(written, title=None)


async def drafted(turn: Turn, problem: Problem, step: steps.Step, texts: tuple[ProblemText, ...]) -> Document:
    try:
        problem = steps.drafted(problem, step, texts, turn.known.person.id, turn.now)
    except IllegalTransition as error:
        key = "problem.is_announced" if step == "announce" else "problem.not_announced"
        raise InvalidInput(turn.say(key, reference=problem.reference)) from error
    turn.keep_problem(problem)
    assert problem.draft is not None
    return await showing.preview(turn, problem, problem.draft)


async def problem_and_rest(turn: Turn, argument: str) -> tuple[Problem, str]:
    """The problem named first, and what follows it. Raises InvalidInput."""
    match = _PROBLEM.match(argument)
    if match is None:
        raise how_to_use(turn, USAGE)
    problem = await turn.uow.problems.by_number(int(match[1]))
    if problem is None:
        raise InvalidInput(turn.say("problem.unknown", reference=f"P{int(match[1])}"))
    return problem, argument[match.end() :].strip()


async def tickets_in(turn: Turn, text: str) -> list[Ticket]:
    """The tickets that a text names, each once. Raises InvalidInput if there are none, or an unknown one."""
    numbers = list(dict.fromkeys(int(found) for found in _TICKETS.findall(text)))
    if not numbers:
        raise how_to_use(turn, USAGE)
    tickets = []
    for number in numbers[:100]:
        ticket = await turn.uow.tickets.by_number(number)
        if ticket is None:
            raise unknown_ticket(turn, number)
        tickets.append(ticket)
    return tickets


def _same_slot(one: ProblemText, other: ProblemText) -> bool:
    return (one.audience, one.language) == (other.audience, other.language)


SUB_COMMANDS: dict[str, SubCommand] = {
    **dict.fromkeys(("list", "liste", "lister"), show_list),
    **dict.fromkeys(("show", "voir", "preview", "apercu", "aperçu"), preview),
    **dict.fromkeys(("announce", "annoncer", "annonce", "draft"), announce),
    **dict.fromkeys(("update", "maj", "actualiser", "nouvelles"), update),
    **dict.fromkeys(("end", "fin", "terminer", "finir", "over"), end),
    **dict.fromkeys(("send", "envoyer", "confirm", "confirmer"), send),
    **dict.fromkeys(("drop", "abandonner", "discard"), drop),
    **dict.fromkeys(("undo", "retract", "annuler", "retirer"), undo),
    **dict.fromkeys(("join", "joindre", "rattacher"), join_tickets),
    **dict.fromkeys(("unjoin", "detacher", "détacher"), unjoin_ticket),
    **dict.fromkeys(("suggest", "suggerer", "suggérer", "suggestions"), suggest),
    **dict.fromkeys(("make", "creer", "créer"), make),
    **dict.fromkeys(("different", "differents", "différents", "distincts"), different),
}
COMMAND = Command(
    "ticket",
    "problem",
    run,
    aliases=("probleme", "problème", "problems", "problemes", "problèmes"),
    then=tuple(SUB_COMMANDS),
)
