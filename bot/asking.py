"""One question from a script: what it may hold, and the JSON that answers it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import InvalidInput
from bot.model.conversations import Message
from bot.model.values import Audience, Language
from bot.understanding.posts import looks_like_a_post

ENOUGH_TO_TELL = 20  # questions of a file
SHARE_OF_POSTS = 0.3  # of them: among people's questions to a desk hardly any looks like a post


class Question(BaseModel):
    """One line of a file of questions: `{"text": …, "lang": "fr", "audience": "public"}`.

    Where nobody says on whose behalf it is asked, `audience` is None: an employee's question.
    """

    model_config = ConfigDict(extra="ignore")

    text: str
    lang: Language | None = Field(default=None)
    audience: Audience | None = None
    among_posts: bool = Field(default=False, exclude=True)  # most of what it came with are posts

    @property
    def reader(self) -> Audience:
        return self.audience or Audience.INTERNAL

    @property
    def is_post(self) -> bool:
        """Whether it is told as a post is: what the public says; also, where nobody says whose it is, a text that names
        an account or carries a hashtag as posts do, or that came with such texts."""
        is_like_one = self.among_posts or looks_like_a_post(self.text)
        return self.audience is Audience.PUBLIC or (self.audience is None and is_like_one)


def read_question(line: str, number: int, audience: Audience | None) -> Question:
    """A line of a file of questions; `audience` where it names none. Raises InvalidInput naming the line."""
    try:
        question = Question.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"])) or "the line"
        raise InvalidInput(f"line {number}: {field}: {problem['msg']}") from None
    return question if "audience" in question.model_fields_set else question.model_copy(update={"audience": audience})


def read_together(questions: Sequence[Question]) -> list[Question]:
    """The questions of one file. Where enough of them look like posts, so are the others: not every post names an
    account."""
    unsaid = [question for question in questions if question.audience is None]
    like_posts = sum(looks_like_a_post(question.text) for question in unsaid)
    are_posts = len(unsaid) >= ENOUGH_TO_TELL and like_posts >= SHARE_OF_POSTS * len(unsaid)
    return [question.model_copy(update={"among_posts": are_posts}) for question in questions]


def as_json(message: Message) -> dict[str, Any]:
    """What `ask --json` prints for an answered message: stable keys, values of the vocabularies."""
    outcome = message.outcome
    assert outcome is not None, "a handled message has an outcome"
    return {
        "kind": outcome.kind,
        "text": outcome.text,
        "confidence": outcome.confidence,
        "calibrated": outcome.calibrated,
        "sources": [asdict(source) for source in outcome.sources],
        "language": outcome.language,
        "intent": outcome.intent,
        "category": outcome.category,
        "urgency": outcome.urgency,
        "sentiment": outcome.sentiment,
        "complaint": outcome.complaint,
        "wants_human": outcome.wants_human,
        "entities": asdict(outcome.entities),
        "ticket": outcome.ticket,
        "message": str(message.id),
        "ms": outcome.ms,
    }
