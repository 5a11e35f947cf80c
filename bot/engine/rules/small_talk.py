"""Messages that ask for nothing, or for nothing that can be done."""

import re
from dataclasses import replace

from bot.engine.services import LONGEST_TEXT
from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.conversations import AwaitsConfirmation, AwaitsRating, Matter
from bot.model.documents import Document, Paragraph
from bot.model.values import TicketStatus

ACKNOWLEDGEMENTS = frozenset(
    "ok,okay,k,d accord,entendu,compris,bien recu,got it,noted,understood,i see,je vois,parfait ok,ok super".split(",")
)
EMOJI = re.compile(r":[a-z0-9_+'-]+:(?::skin-tone-\d:)?")  # as platforms write them
FAREWELLS = frozenset(
    "bye,bye bye,goodbye,see you,see you later,au revoir,a bientot,a demain,ciao,bonne journee,bonne soiree".split(",")
)


async def too_long(turn: Turn) -> Answer | None:
    if len(turn.text) <= LONGEST_TEXT:
        return None
    return turn.chat("chat.too_long", longest=LONGEST_TEXT, length=len(turn.text))


async def thanks(turn: Turn) -> Answer | None:
    """Thanks neither reopens a ticket nor says whether an article worked."""
    if not turn.understanding.thanks:
        return None
    asked = turn.matter.pending is not None
    return turn.chat("chat.thanks_still_asking" if asked else "chat.thanks")


async def acknowledged(turn: Turn) -> Answer | None:
    """ "Ok" says neither that it worked nor that it did not; a goodbye asks for nothing."""
    said = spoken(turn.text)
    if said in FAREWELLS:
        return turn.chat("chat.goodbye")
    if said not in ACKNOWLEDGEMENTS:
        return None
    return turn.chat("chat.waiting_to_hear" if turn.matter.pending else "chat.acknowledged")


async def greeting(turn: Turn) -> Answer | None:
    if not turn.understanding.greeting and turn.text.strip():
        return None
    name = turn.known.person.name.split()[0] if turn.known.person.name.strip() else ""
    return turn.chat("chat.greeting_named" if name else "chat.greeting", name=name)


async def wordless(turn: Turn) -> Answer | None:
    """Emoji and dots ask for nothing that could be looked up."""
    if re.search(r"\w", EMOJI.sub("", turn.text)) or turn.brings_files:
        return None
    if "?" in turn.text and any(ticket.status is TicketStatus.RESOLVED for ticket in turn.here):
        return None  # to them it is not
    here = [ticket for ticket in turn.here if ticket.is_active]
    if here and turn.matter.pending is None:
        return turn.chat("chat.nothing_pending_ticket", reference=here[0].reference)
    return turn.chat("chat.no_words")


async def nothing_to_confirm(turn: Turn) -> Answer | None:
    """An everyday yes or no, or a number, while nothing was asked."""
    said = turn.understanding
    if turn.matter.pending is not None or said.vague or not (said.feedback or said.choice):
        return None
    here = turn.here
    if here and here[0].status is not TicketStatus.RESOLVED:
        return turn.chat("chat.nothing_pending_ticket", reference=here[0].reference)
    return turn.chat("chat.nothing_pending")


def secret_warning(turn: Turn, answer: Answer) -> Answer:
    """Tell the person first that what they pasted was masked."""
    if not turn.understanding.secrets or answer.document is None:
        return answer
    warning = Paragraph(turn.say("secret.masked"))
    return replace(answer, document=Document((warning, *answer.document.blocks)))


def idle_matter(turn_matter: Matter) -> Matter:
    """What remains of a matter after a long silence: a confirmation that a technician asked for, or a score."""
    match turn_matter.pending:
        case AwaitsConfirmation() | AwaitsRating(rated=False):
            return Matter(pending=turn_matter.pending)
        case _:
            return Matter()
