"""One question from a script: what it may hold, and the JSON that answers it."""

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import InvalidInput
from bot.model.conversations import Message
from bot.model.values import Audience, Language


class Question(BaseModel):
    """One line of a file of questions: `{"text": …, "lang": "fr", "audience": "public"}`."""

    model_config = ConfigDict(extra="ignore")

    text: str
    lang: Language | None = Field(default=None)
    audience: Audience = Audience.INTERNAL


def read_question(line: str, number: int, audience: Audience) -> Question:
    """A line of a file of questions; `audience` where it names none. Raises InvalidInput naming the line."""
    try:
        question = Question.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"])) or "the line"
        raise InvalidInput(f"line {number}: {field}: {problem['msg']}") from None
    return question if "audience" in question.model_fields_set else question.model_copy(update={"audience": audience})


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
