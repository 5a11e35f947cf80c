"""What a server takes as one public post. The account's adapter keeps it in `Memory`, for whoever words a reply."""

import json
import re
from dataclasses import dataclass, replace

from bot.model.documents import Block, Document, Paragraph, Sources, Steps, unescaped
from bot.model.public import PublicPost, PublicTarget
from bot.ports.storage import UnitOfWork
from bot.public.policy import LONGEST_POST, PublicPolicy
from bot.public.splitting import Counting, parted, shortened

SHORTEST_WARNING = 40  # characters that are left of one, however few the server takes
AS_WRITTEN = Counting(None, by_letters=False)
_APART = "\u200b"  # as adapters put it behind the mark of what is to be no hashtag
_TAGS = re.compile(r"(?<!\S)[#＃](?=\w)")
_ONLY_TAGS = re.compile(r"(#\w+\s*)+")  # a signature


@dataclass(frozen=True, slots=True)
class PostLimits:
    """`names_alone`: of who is mentioned the host does not count. `domain`: whose people are called by their name
    alone. What nobody has told yet is as it takes the most characters."""

    characters: int = LONGEST_POST
    counting: Counting = AS_WRITTEN
    names_alone: bool = False
    domain: str = ""

    def room(self, handle: str, warning: str = "") -> int:
        """What is left for the words, beside who is mentioned and the content warning."""
        name, _, host = handle.partition("@")
        is_short = self.names_alone or host.lower() == self.domain
        mention = name if is_short else handle
        return self.characters - len(f"@{mention} ") - self.counting.length(self.warning(warning))

    def warning(self, text: str) -> str:
        """Of a long one the beginning: it counts like the words."""
        return shortened(text, max(SHORTEST_WARNING, self.characters // 4), self.counting)

    def size(self, document: Document) -> int:
        return self.counting.length(text_of(document))

    def posts(self, document: Document, target: PublicTarget) -> int:
        """How many it goes out in."""
        return len(parted(text_of(document), self.room(target.handle, target.warning), self.counting))

    def at_most(self, characters: int | None) -> "PostLimits":
        return replace(self, characters=min(self.characters, characters)) if characters else self

    def written(self) -> str:
        counting = self.counting
        kept = [self.characters, counting.per_address, counting.by_letters, self.names_alone, self.domain]
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def of(cls, written: str) -> "PostLimits | None":
        """None for what is none."""
        try:
            characters, per_address, by_letters, names_alone, domain = json.loads(written)
            counting = Counting(None if per_address is None else int(per_address), by_letters=bool(by_letters))
            return cls(int(characters), counting, bool(names_alone), str(domain))
        except (ValueError, TypeError):
            return None


def limits_name(platform: str, account: str) -> str:
    """Under which an adapter keeps them."""
    return f"{platform}/{account}/limits"


async def limits_of(uow: UnitOfWork, policy: PublicPolicy, post: PublicPost) -> PostLimits:
    """Of the server that a reply to a post goes out on; the setting goes before, where it is less, or all there is."""
    kept = await uow.cursors.get(limits_name(post.platform, post.account))
    known = PostLimits.of(kept.value) if kept else None
    return known.at_most(policy.longest) if known else PostLimits(policy.longest or LONGEST_POST)


def text_of(document: Document) -> str:
    """As it is posted, or a little longer."""
    return "\n\n".join(_text(block) for block in document.blocks)


def _text(block: Block) -> str:
    match block:
        case Paragraph(text=text):
            said = unescaped(text)
            return said if _ONLY_TAGS.fullmatch(said) else _TAGS.sub(rf"\g<0>{_APART}", said)
        case Steps(items=items):
            return "\n".join(f"{number}. {unescaped(item)}" for number, item in enumerate(items, 1))
        case Sources(items=items):
            return "\n".join(f"Source : {one.title} {one.link or ''}".strip() for one in items)
        case _:
            return ""
