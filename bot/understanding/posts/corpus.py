"""The posts that are learnt from, as written in `corpus/*.csv`: all of them of this project's own writing."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.model.values import Language, Sentiment, Urgency

Part = Literal["en", "fr", "held_back", "never_learnt"]

KINDS = frozenset(
    "complaint irony question help praise thanks follow_up own_account marketing job news politics everyday bad_mood "
    "joke other_meaning".split()
)


@dataclass(frozen=True, slots=True)
class Post:
    """`author` is a voice, `theme` what is spoken of: the report keeps either apart."""

    text: str
    language: Language
    author: str
    theme: str
    kind: str
    complaint: bool
    urgency: Urgency
    sentiment: Sentiment


def read(part: Part) -> tuple[Post, ...]:
    """The posts of one file, in its order. `held_back`: other styles and trades, for measuring what was learnt;
    `never_learnt`: what is written to companies, for measuring what ships."""
    file = Path(__file__).parent / "corpus" / f"{part}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Post(
                text=row["text"],
                language=Language(row.get("language") or part),
                author=row["author"],
                theme=row["theme"],
                kind=row["kind"],
                complaint=row["complaint"] == "yes",
                urgency=Urgency(row["urgency"]),
                sentiment=Sentiment(row["sentiment"]),
            )
            for row in csv.DictReader(lines)
        )
