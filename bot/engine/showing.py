"""How articles and choices look in an answer."""

from bot.engine.turn import Turn
from bot.markdown import parse
from bot.model.conversations import Choice
from bot.model.documents import Actions, Block, Button, Document, Paragraph, Source, Sources, Steps, plain
from bot.model.knowledge import Article

LONGEST_PASSAGE = 1_500  # characters of an article without steps that are shown at once


def article_blocks(article: Article, heading: str | None) -> tuple[Block, ...]:
    """The article's own words: its summary and steps, or, where it has none, the section that was found."""
    parsed = parse(article.body)
    found = next((section.text for section in parsed.sections if section.heading == heading and section.text), None)
    blocks: list[Block] = []
    if parsed.steps:
        if parsed.intro:
            blocks.append(Paragraph(shortened(parsed.intro)))
        blocks.append(Steps(parsed.steps))
    else:
        blocks.append(Paragraph(shortened(found or parsed.intro or article.body)))
    link = article.links[0].url if article.links else None
    blocks.append(Sources((Source(article.id, article.title, article.reviewed, link, heading),)))
    return tuple(blocks)


def shortened(text: str, longest: int = LONGEST_PASSAGE) -> str:
    """At most `longest` characters, cut after a sentence or a word."""
    if len(text) <= longest:
        return text
    cut = text[:longest]
    end = max(cut.rfind(". "), cut.rfind(".\n"))
    return (cut[: end + 1] if end > longest // 2 else cut.rsplit(" ", 1)[0]) + " …"


def proposal(turn: Turn, article: Article, heading: str | None, *, opening: str, more: bool) -> Document:
    """An article put forward as the answer, with what the person can say to it."""
    buttons = [
        Button("worked", turn.say("button.worked"), article.id, "primary"),
        Button("next", turn.say("button.next" if more else "button.did_not_work"), article.id),
        Button("human", turn.say("button.human")),
    ]
    title = f"**{plain(article.title)}**"
    first = Paragraph(f"{turn.say(opening)} {title}" if opening else title)
    return Document((first, *article_blocks(article, heading), Actions(tuple(buttons))))


def choices(turn: Turn, key: str, options: tuple[Choice, ...], action: str, *, last: Button | None = None) -> Document:
    """A question with numbered choices; they are buttons, and listed for those who read text only."""
    buttons = tuple(Button(action, choice.label, choice.value) for choice in options)
    return Document((turn.paragraph(key), Actions((*buttons, *([last] if last else ())))))
