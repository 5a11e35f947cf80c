"""A ticket's title and summary, made from what was said and tried."""

from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.model.messages import Quoted
from bot.model.tickets import Ticket
from bot.understanding.secrets import mask

LONGEST_TITLE = 90
MOST_SAID = 4  # lines of a thread that a summary holds


def title_of(question: str) -> str:
    """The first sentence of a question, at most LONGEST_TITLE characters, on one line."""
    line = " ".join(question.split())
    for end in (". ", "! ", "? "):
        line = line.split(end)[0] + end.strip() if end in line[:LONGEST_TITLE] else line
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def summary_of(turn: Turn, ticket: Ticket, question: str, tried: list[str], quoted: Quoted | None = None) -> str:
    """What a technician needs at a glance, in the desk's language; the history has the rest. Plain text."""
    texts, language = turn.services.texts, turn.services.policy.desk_language
    lines = [f"« {' '.join(question.split())[:500]} »"]
    if quoted and quoted.thread:
        lines.append(texts.plain("ticket.summary.thread", language, said=thread_of(quoted)))
    if tried:
        lines.append(texts.plain("ticket.summary.tried", language, titles=" · ".join(tried)))
    named = [value for values in _named(ticket) for value in values]
    if named:
        lines.append(texts.plain("ticket.summary.named", language, values=", ".join(named)))
    if ticket.deadline:
        lines.append(texts.plain("ticket.summary.deadline", language, deadline=ticket.deadline))
    return "\n".join(lines)


def thread_of(quoted: Quoted) -> str:
    """The last of what was said around a message, and by whom."""
    last = quoted.thread[-MOST_SAID:]
    return " · ".join(f"{said.name}: {mask(' '.join(said.text.split())).text[:LONGEST_TITLE]}" for said in last)


def _named(ticket: Ticket) -> tuple[tuple[str, ...], ...]:
    found = ticket.entities
    return found.devices, found.error_codes, found.serials, found.applications, found.phones, found.emails


async def handover_lines(work: Work, ticket: Ticket) -> str:
    """Two lines for whoever takes a ticket over: what it is and where it stands; what was said last. Plain text."""
    say, language = work.services.texts.plain, work.services.policy.desk_language
    states = [say(f"status.{ticket.status}", language), say(f"priority.{ticket.priority}", language)]
    first = f"{ticket.reference} · {' · '.join(states)} · {ticket.title}"
    said = [
        message
        for message in await work.uow.conversations.messages(ticket.conversation_id, limit=20)
        if message.author != "bot" and not message.deleted and message.text.strip()
    ]
    if not said:
        return first
    last = said[-1]
    text = " ".join(last.text.split())
    shown = text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    return f"{first}\n{say(f'author.{last.author}', language)} : « {shown} »"
