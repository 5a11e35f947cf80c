"""What each reader is told of a problem, in their language and for their audience. Previews and messages are both made
here, so that what was shown is what is sent."""

from collections.abc import Sequence

from bot.engine.services import Services
from bot.model.documents import Actions, Block, Button, Document, Paragraph, plain
from bot.model.tickets import Problem, ProblemText, Ticket
from bot.model.values import Audience, Language


def text_for(texts: Sequence[ProblemText], audience: Audience, language: Language) -> ProblemText | None:
    """The text for a reader's audience, else one that everybody may read; in their language, else another. None if
    nothing may be told."""
    readable = [text for text in texts if audience.may_read(text.audience)]
    return min(readable, key=lambda text: (text.audience is not audience, text.language is not language), default=None)


def least(one: Audience, other: Audience) -> Audience:
    """The audience of two readers together."""
    return Audience.INTERNAL if one is other is Audience.INTERNAL else Audience.PUBLIC


def body(services: Services, texts: Sequence[ProblemText], audience: Audience, language: Language) -> list[Block]:
    """The text and its workaround. Where there is none that this reader may see: that it is known, and nothing else."""
    told = text_for(texts, audience, language)
    if told is None:
        return [Paragraph(services.texts("problem.public", language))]
    blocks: list[Block] = []
    if told.language is not language:
        blocks.append(Paragraph(services.texts("problem.other_language", language)))
    blocks.append(Paragraph(plain(told.text)))
    if told.workaround:
        blocks.append(Paragraph(services.texts("problem.workaround", language, text=told.workaround)))
    return blocks


def notice(services: Services, problem: Problem, audience: Audience, language: Language, key: str) -> list[Block]:
    """The announcement after a sentence of the catalogue."""
    return [Paragraph(services.texts(key, language)), *body(services, problem.texts, audience, language)]


def told_asker(services: Services, problem: Problem, audience: Audience, language: Language, key: str) -> Document:
    """What somebody who asks reads: the announcement, and what they can say to it."""
    say = services.texts
    buttons = (
        Button("problem_subscribe", say("button.problem_subscribe", language), problem.reference, "primary"),
        Button("problem_other", say("button.problem_other", language), problem.reference),
        Button("human", say("button.human", language)),
    )
    return Document((*notice(services, problem, audience, language, key), Actions(buttons)))


def told_ticket(
    services: Services, problem: Problem, ticket: Ticket, audience: Audience, language: Language
) -> Document:
    """What the asker of a ticket that has joined reads."""
    first = Paragraph(services.texts("problem.of_ticket", language, reference=ticket.reference))
    last = Paragraph(services.texts("problem.you_will_hear", language))
    return Document((first, *body(services, problem.texts, audience, language), last))


def told_news(services: Services, problem: Problem, audience: Audience, language: Language) -> Document:
    return Document(tuple(notice(services, problem, audience, language, "problem.news")))


def told_end(services: Services, problem: Problem, audience: Audience, language: Language) -> Document:
    """That it is over, after a reminder of what it was."""
    blocks = (*over(services, problem, audience, language), Paragraph(services.texts("problem.still_there", language)))
    return Document(blocks)


def told_ticket_end(
    services: Services, problem: Problem, ticket: Ticket, audience: Audience, language: Language
) -> Document:
    """The same for a ticket that has joined, which is resolved with it: the asker is asked to confirm."""
    say = services.texts
    buttons = (
        Button("confirm", say("button.confirm", language), ticket.reference, "primary"),
        Button("reopen", say("button.not_settled", language), ticket.reference),
    )
    first = Paragraph(say("problem.ticket_over", language, reference=ticket.reference))
    blocks = (first, *over(services, problem, audience, language))
    return Document((*blocks, Paragraph(say("ticket.resolve.ask", language)), Actions(buttons)))


def over(services: Services, problem: Problem, audience: Audience, language: Language) -> list[Block]:
    """That it is over. Employees read which it was; for everybody else its title is too much."""
    is_employee = audience is Audience.INTERNAL
    first = Paragraph(
        services.texts("problem.over" if is_employee else "problem.over_public", language, title=problem.title)
    )
    ending = text_for(problem.end_texts, audience, language)
    return [first] if ending is None else [first, *body(services, problem.end_texts, audience, language)]


def resolution(services: Services, problem: Problem, ticket: Ticket) -> str:
    """What is kept on the ticket of what its asker was told. Plain text."""
    return Document(tuple(over(services, problem, ticket.audience, ticket.language))).text
