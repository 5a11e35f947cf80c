"""`/desk mastodon`: how the desk behaves in public, and the posts that wait for somebody to decide.

`pause` and `resume` switch off and on what is said without a technician. `approve P3`, `edit P3 TEXT`, `leave P3`,
`ticket P3` and `undo P3` do what the buttons on a post's card do; `P3` shows the card.
"""

import re

from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Actions, Block, Button, Document, Fields, plain
from bot.public import deciding
from bot.public.cards import card
from bot.public.kept import post_named, said_today
from bot.public.pausing import pause, paused_by, resume
from bot.tickets.cards import moment

WORDS = {
    "approve": "approve", "approuver": "approve", "accepter": "approve",
    "edit": "edit", "modifier": "edit", "editer": "edit", "éditer": "edit",
    "leave": "leave", "laisser": "leave", "ignorer": "leave",
    "ticket": "ticket",
    "undo": "undo", "annuler": "undo",
    "show": "show", "voir": "show", "montrer": "show",
    "pause": "pause", "stop": "pause", "suspendre": "pause",
    "resume": "resume", "start": "resume", "reprendre": "resume",
}  # fmt: skip
SHOWN = 10  # posts of the list
LONGEST_LINE = 80  # characters of a post in the list
_REFERENCE = re.compile(r"#?[pP]\d{1,9}")


async def run(turn: Turn, argument: str) -> Document:
    first, _, rest = argument.strip().partition(" ")
    if not first:
        return await state(turn)
    if _REFERENCE.fullmatch(first):
        return await shown(turn, first)
    word = WORDS.get(first.lower())
    value, _, text = rest.strip().partition(" ")
    match word:
        case "pause" if not rest:
            is_news = await pause(turn, turn.known.person.id)
            return turn.document("desk.mastodon.paused" if is_news else "desk.mastodon.was_paused")
        case "resume" if not rest:
            return turn.document("desk.mastodon.resumed" if await resume(turn) else "desk.mastodon.was_on")
        case "show" if value:
            return await shown(turn, value)
        case "edit" if value:
            return await deciding.act(turn, value, "edit", text)
        case "approve" | "leave" | "ticket" | "undo" if value and not text:
            return await deciding.act(turn, value, word)
        case _:
            raise how_to_use(turn, "command.desk.mastodon")


async def state(turn: Turn) -> Document:
    """Whether anything is said in public by itself, how much was said today, and what waits."""
    policy, held = turn.services.policy.public, await turn.uow.public.held(200)
    since = await paused_by(turn.uow)
    if since is None:
        now = turn.say("desk.mastodon.on")
    else:
        person = await turn.uow.people.person(since[1])
        at, name = moment(turn, since[0], turn.language), person.name if person else "?"
        now = turn.say("desk.mastodon.off", at=at, name=name)
    said = await said_today(turn)
    approval = turn.say(f"desk.mastodon.approval.{'on' if policy.approval else 'off'}")
    items = (
        (turn.say("desk.mastodon.field.state"), now),
        (turn.say("desk.mastodon.field.approval"), approval),
        (turn.say("desk.mastodon.field.today"), turn.say("desk.mastodon.today", count=said, most=policy.daily_replies)),
        (turn.say("desk.mastodon.field.held"), str(len(held))),
    )
    blocks: list[Block] = [Fields(items, title=turn.say("desk.mastodon.title"))]
    if held:
        rows = [(one.reference, f"{plain('@' + one.handle)} · « {plain(_short(one.text))} »") for one in held[:SHOWN]]
        blocks.append(Fields(tuple(rows), title=turn.say("desk.mastodon.waiting", shown=len(rows), count=len(held))))
        how = turn.typed("desk.mastodon", held[0].reference)
        blocks.append(turn.paragraph("desk.mastodon.how", command=how))
        buttons = tuple(Button("desk_mastodon", one.reference, one.reference) for one in held[:5])
        blocks.append(Actions(buttons))
    return Document(tuple(blocks))


async def shown(turn: Turn, value: str) -> Document:
    post = await post_named(turn.uow, value)
    if post is None or post.number is None:
        raise InvalidInput(turn.say("post.unknown", reference=value[:40]))
    return await card(turn, post, turn.language)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


THEN = tuple(WORDS)
COMMAND = Command("desk", "mastodon", run, aliases=("public", "fediverse"), then=THEN)
