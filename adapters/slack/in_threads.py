"""Commands as they are typed in a thread: Slack runs no slash commands there, but `!claim` is heard."""

import re
from dataclasses import replace

from bot.model.documents import Block, Document, Fields, Paragraph, Steps

_CODE = re.compile(r"(?<!\\)`[^`\n]*/(?:ticket|kb|desk) [^`\n]+`")
_COMMAND = re.compile(r"(?<![\w/])/(?:ticket |(?=(?:kb|desk) ))(?=\w)")


def in_thread(document: Document) -> Document:
    """With every command that is code in the form that works there."""
    return replace(document, blocks=tuple(map(_block, document.blocks)))


def _block(block: Block) -> Block:
    match block:
        case Paragraph(text=text):
            return replace(block, text=_typed(text))
        case Steps(items=items):
            return replace(block, items=tuple(map(_typed, items)))
        case Fields(items=items):
            return replace(block, items=tuple((_typed(label), _typed(value)) for label, value in items))
        case _:
            return block


def _typed(text: str) -> str:
    return _CODE.sub(lambda code: _COMMAND.sub("!", code[0]), text)
