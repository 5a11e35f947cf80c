"""Documents as the messages that Slack takes: pure functions from what is to be said to what is sent."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from adapters.slack.ids import block_id
from adapters.slack.mrkdwn import escaped
from adapters.slack.parts import NOTHING, Json, Part, Say, and_more, parts, shortened
from adapters.slack.spans import JOINED
from bot.model.documents import Document
from bot.model.values import Language

MOST_BLOCKS = 50  # of a message
MOST_CHARACTERS = 12_000  # of a message, all its blocks together as JSON
LONGEST_FALLBACK = 4_000
MOST_ROWS = 1  # that are kept whatever else is left out: with all a row may hold there is room for text above
_MENTION = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message. `text` is for notifications and for those to whom blocks are not shown; it mentions nobody."""

    text: str
    blocks: list[Json]


def rendered(
    document: Document,
    delivery: UUID,
    *,
    language: Language,
    say: Say | None = None,
    pictures: bool = True,
    page: str = "",
) -> list[Rendered]:
    """At least one message. Where it takes several, all buttons are under the last.

    `say`: the catalogue; the one that is shipped unless given. `pictures` False: linked instead of shown, since Slack
    refuses a message with a picture that it cannot fetch. `page`: the address of the web page, where there is one;
    files lie there.
    """
    messages = _messages(list(parts(document, language=language, say=say, pictures=pictures, page=page)))
    ids = iter(range(sum(map(len, messages))))
    return [
        Rendered(
            fallback(part.says for part in message),
            [{**part.block, "block_id": block_id(delivery, next(ids))} for part in message],
        )
        for message in messages
    ]


def rendered_in_one(
    document: Document,
    delivery: UUID,
    *,
    language: Language,
    say: Say | None = None,
    pictures: bool = True,
    page: str = "",
) -> Rendered:
    """The same in one message, which may stand in the place of another: of a text that is too long for it, what fits;
    the buttons are there all the same."""
    every = list(parts(document, language=language, say=say, pictures=pictures, page=page))
    if not _fits(every):
        kept = [part for part in every if part.is_row][:MOST_ROWS]
        room = iter([part for part in every if not part.is_row])
        head: list[Part] = []
        while (part := next(room, None)) and _fits([*head, part, and_more(), *kept]):
            head.append(part)
        every = [*head, and_more(), *kept]
    blocks = [
        {**part.block, "block_id": block_id(delivery, number)} for number, part in enumerate(every or [and_more()])
    ]
    return Rendered(fallback(part.says for part in every), blocks)


def fallback(says: Iterable[str]) -> str:
    """Lines as a notification shows them."""
    text = escaped("\n".join(line for line in says if line.strip())) or NOTHING
    return shortened(_MENTION.sub(f"@{JOINED}", text), LONGEST_FALLBACK)


def _messages(all_parts: list[Part]) -> list[list[Part]]:
    """As few messages as hold them all."""
    if not all_parts:
        return [[and_more()]]
    if _fits(all_parts):
        return [all_parts]
    texts = [part for part in all_parts if not part.is_row]
    rows = [part for part in all_parts if part.is_row]
    messages: list[list[Part]] = [[]]
    for part in texts:
        if not _fits([*messages[-1], part]):
            messages.append([])
        messages[-1].append(part)
    for part in rows:
        if not _fits([*messages[-1], part]):
            above = messages[-1][1:][-1:]  # buttons with nothing above them say too little
            moves = bool(above) and not above[0].is_row and _fits([*above, part])
            messages.append([messages[-1].pop()] if moves else [])
        messages[-1].append(part)
    return messages


def _fits(message: Sequence[Part]) -> bool:
    return len(message) <= MOST_BLOCKS and sum(part.size for part in message) <= MOST_CHARACTERS
