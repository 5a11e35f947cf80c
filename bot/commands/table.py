"""The table of commands: which words mean which command, and who may use it."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, Literal, TypeVar

from bot.model.documents import Document
from bot.model.values import Role

Right = Literal["anyone", "technician", "lead", "curator"]  # lead, curator: whoever is more than a technician
T = TypeVar("T")  # what a handler works with: the engine's Turn, which knows the table in its turn
GROUPS = ("ticket", "kb", "desk")  # in the order in which "!word" is looked for
LONGEST_WORD = 40  # a longer first word is no attempt at a command's name
MEANT = re.compile(r"[^\W\d_][\w-]{1,20}")


@dataclass(frozen=True, slots=True)
class Command(Generic[T]):
    """`/ticket claim T12`: group, name, and the rest as one string for `run`. Help is `command.<group>.<name>`.

    Where others read along it is answered to who gave it alone, unless it is `aloud`.
    """

    group: str
    name: str
    run: Callable[[T, str], Awaitable[Document]]
    aliases: tuple[str, ...] = ()
    right: Right = "technician"
    aloud: bool = False
    then: tuple[str, ...] = ()  # words that may follow its name, for completion

    @property
    def key(self) -> str:
        return f"command.{self.group}.{self.name}"


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What was typed, taken apart. `command` is None for a word that no command has; `nearest` is then a guess,
    whole."""

    group: str
    word: str
    argument: str
    command: Command[T] | None
    nearest: str | None = None


class CommandTable(Generic[T]):
    def __init__(self, commands: Sequence[Command[T]]) -> None:
        self.commands = tuple(commands)
        self._by_word = {(c.group, word): c for c in commands for word in (c.name, *c.aliases)}

    def parse(self, text: str) -> Parsed[T] | None:
        """The command in a message, or None if it is not meant as one.

        `/ticket WORD …` names its group, and so does `!kb WORD …`; `!WORD …` is looked for in every group. A word after
        `/` or `!` that is no command is one mistyped; a path or "!!!" is none.
        """
        head, _, rest = text.strip().partition(" ")
        sign, word = head[:1], head[1:].lower()
        if sign == "/" and word in ("", "help", "aide"):
            return self._parsed("ticket", "help", rest.strip())
        if sign not in ("/", "!") or not MEANT.fullmatch(word):
            return None
        if word in GROUPS and (sign == "/" or (GROUPS[0], word) not in self._by_word):
            word_of, _, argument = rest.strip().partition(" ")
            return self._parsed(word, word_of.lower()[:LONGEST_WORD] or "help", argument.strip())
        if sign == "!":
            group = next((of for of in GROUPS if (of, word) in self._by_word), GROUPS[0])
            return self._parsed(group, word, rest.strip())
        close = get_close_matches(word, GROUPS, n=1, cutoff=0.6)
        return Parsed(word, "", rest.strip(), None, f"/{close[0]} {rest.strip()}".strip() if close else None)

    def addressed(self, text: str) -> Parsed[T] | None:
        """The same of words said to the bot by name, where a command needs no sign: `claim`, `kb review`."""
        parsed = self.parse(f"!{text.strip()}")
        return parsed if parsed and parsed.command else None

    def _parsed(self, group: str, word: str, argument: str) -> Parsed[T]:
        command = self._by_word.get((group, word))
        if command:
            return Parsed(group, word, argument, command)
        words = [known for of, known in self._by_word if of == group]
        close = get_close_matches(word, words, n=1, cutoff=0.6)
        return Parsed(group, word, argument, None, f"/{group} {close[0]}" if close else None)

    def named(self, group: str, name: str) -> Command[T]:
        return self._by_word[group, name]

    def allowed(self, role: Role | None, group: str = "ticket") -> tuple[Command[T], ...]:
        """The commands of a group that somebody may use: None for who does not work the desk."""
        return tuple(one for one in self.commands if one.group == group and may(role, one.right))

    def completions(self, role: Role | None) -> tuple[str, ...]:
        """Every way to start a command that somebody may use, for a prompt's completion."""
        slashed = [
            (f"/{command.group} {word}", command)
            for command in self.commands
            if may(role, command.right)
            for word in (command.name, *command.aliases)
        ]
        followed = [f"{start} {then}" for start, command in slashed for then in command.then]
        first: dict[str, Command[T]] = {}
        for group in GROUPS:
            for (of, word), command in self._by_word.items():
                if of == group:
                    first.setdefault(word, command)
        short = [f"!{word}" for word, command in first.items() if may(role, command.right)]
        return (*(start for start, _ in slashed), *followed, *short)


def may(role: Role | None, right: Right) -> bool:
    """Whether a technician with that role, or None for who is none, has the right."""
    match right:
        case "anyone":
            return True
        case "technician":
            return role is not None
        case _:
            return role is not None and role is not Role.TECHNICIAN
