"""What is happening now comes before what is written in articles."""

from dataclasses import replace

from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.documents import Actions, Button, Document, Paragraph, plain
from bot.model.tickets import Problem, ProblemText
from bot.model.values import AnswerKind, Audience, Language


async def known_problem(turn: Turn) -> Answer | None:
    """An announced problem that matches: by category and, where it names any, by at least one of its words."""
    if turn.understanding.vague:
        return None
    said = f" {spoken(turn.text)} "
    for problem in await turn.uow.problems.announced():
        if matches(problem, turn.understanding.category, said):
            if (told := text_for(problem, turn.audience, turn.language)) is None:
                continue
            human = Button("human", turn.say("button.human"))
            document = Document((turn.paragraph("problem.known"), Paragraph(plain(told.text)), Actions((human,))))
            matter = replace(turn.matter, question=turn.text, category=problem.category, pending=None)
            return Answer(AnswerKind.KNOWN_PROBLEM, document, matter, confidence=1.0)
    return None


def matches(problem: Problem, category: str | None, said: str) -> bool:
    if category is None or category.split("/")[0] != problem.category.split("/")[0]:
        return False
    return not problem.words or any(f" {spoken(word)} " in said for word in problem.words)


def text_for(problem: Problem, audience: Audience, language: Language) -> ProblemText | None:
    """What a reader is told: the text for their audience, else one that everybody may read; in their language, else
    another. None if nothing may be told."""
    readable = [text for text in problem.texts if audience.may_read(text.audience)]
    return min(readable, key=lambda text: (text.audience is not audience, text.language is not language), default=None)
