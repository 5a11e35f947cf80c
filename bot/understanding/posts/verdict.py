"""What was read in a post."""

from dataclasses import dataclass

from bot.model.values import Sentiment, Urgency


@dataclass(frozen=True, slots=True)
class Verdict:
    """`chance` that it is a complaint, from 0 to 1: of the posts at 0.8, eight in ten are, where as many complain as
    `training` assumes. `because`: what weighed most, for and against, in words."""

    complaint: bool
    chance: float
    urgency: Urgency
    sentiment: Sentiment
    because: tuple[str, ...] = ()
