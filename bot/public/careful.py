"""Direct messages are not confidential: whoever runs the servers reads them. Who writes there what is theirs alone is
told so, with a better place for it."""

from dataclasses import replace

from bot.engine.turn import Answer, Turn
from bot.model.documents import Actions, Document, Paragraph
from bot.public.kept import PERSONAL
from bot.public.links import DIRECT, signed_link
from bot.public.opting_out import is_direct
from bot.public.scanning import scan
from bot.texts import Inline

LOOKED_BACK = 30  # messages, in which it is said once


async def careful(turn: Turn, answer: Answer) -> Answer:
    """The answer to a direct message, with that if it is due."""
    policy = turn.services.policy.public
    if answer.document is None or not is_direct(turn):
        return answer
    if PERSONAL.isdisjoint(scan(turn.text, country=policy.country).kinds):
        return answer
    warning = turn.say("public.careful")
    said = await turn.uow.conversations.messages(turn.conversation.id, LOOKED_BACK)
    if any(one.author == "bot" and warning in one.text for one in said):
        return answer
    if link := signed_link(policy, DIRECT, turn.conversation.id, turn.now):
        warning = f"{warning} {turn.say('public.careful.page', link=Inline(link))}"
    blocks = answer.document.blocks
    at = next((i for i, block in enumerate(blocks) if isinstance(block, Actions)), len(blocks))
    return replace(answer, document=Document((*blocks[:at], Paragraph(warning), *blocks[at:])))
