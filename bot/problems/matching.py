"""Which announced problem a question is about."""

from collections.abc import Sequence

from bot.model.tickets import Problem, Ticket
from bot.model.values import Intent
from bot.problems.alike import are_alike, same_word
from bot.understanding.lexicon import lexicon

COMPARED = 50  # tickets of a problem whose words are looked at: a crowd says the same again

# Who asks for these has no trouble with what does not work.
WISHES = frozenset(
    {
        Intent.HOWTO,
        Intent.REQUEST,
        Intent.ORDER,
        Intent.BILLING,
        Intent.PLAN,
        Intent.ACTIVATION,
        Intent.CANCELLATION,
        Intent.DISPUTE,
    }
)


def matches(problem: Problem, category: str | None, text: str, intent: Intent, joined: Sequence[Ticket] = ()) -> bool:
    """Whether a question is about the problem.

    By one of its words, or by the words of a ticket that has joined it; without words, by its category alone, of what
    is no wish. A question of another category is another matter, unless it reads like the problem's own title or
    tickets.
    """
    alike = any(are_alike(text, known) for known in (problem.title, *(question_of(ticket) for ticket in joined)))
    named = any(names(word, text) for word in problem.words)
    if category is None:
        return named or alike
    if category.split("/")[0] != problem.category.split("/")[0]:
        return alike and (named or not problem.words) and intent not in WISHES
    if problem.words:
        return named or alike
    return alike or (intent not in WISHES and is_within(category, problem.category))


def is_within(one: str, other: str) -> bool:
    """Whether one of two categories is the other, or above it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def names(word: str, text: str) -> bool:
    """Whether a text names a word or several in a row, mistyped perhaps, written together or apart."""
    wanted, said = lexicon().normaliser.words(word), lexicon().normaliser.words(text)
    if not wanted:
        return False
    together = "".join(wanted)
    for start in range(len(said)):
        part = said[start : start + len(wanted)]
        if len(part) == len(wanted) and all(
            same_word(one, other, endings=False) for one, other in zip(part, wanted, strict=True)
        ):
            return True
        if any("".join(said[start : start + count]) == together for count in (1, 2, 3)):
            return True
    return False


def question_of(ticket: Ticket) -> str:
    """What the person asked, of which the summary's first line holds more than the title."""
    first = ticket.summary.partition("\n")[0].strip().removeprefix("«").removesuffix("»").strip()
    return first or ticket.title
