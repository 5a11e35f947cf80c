"""How the desk behaves in public: whether it says something to a post, whether that waits for a technician, and why.

Each rule looks at the situation and decides, or leaves it to the next. The first that decides gives the reason, which
is kept with the post.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.model.public import Post
from bot.public.reading import Reading

# say: at once; hold: the reply waits for a technician; show: the desk sees the post, and decides what is said;
# tell: it goes to the ticket; listen: nothing is said.
Course = Literal["say", "hold", "show", "tell", "listen"]


@dataclass(frozen=True, slots=True)
class Situation:
    """A post, and what is known around it."""

    post: Post
    reading: Reading
    opted_out: bool = False  # its author said stop
    by_hand: bool = False  # somebody of the organisation answers in its thread
    answered: bool = False  # the desk has spoken in its thread, or is about to
    same_author: bool = False  # of the post that was answered there
    has_ticket: bool = False  # of its author, from this thread, and not over
    waiting: bool = False  # a reply to an earlier post of the thread waits for approval
    today: bool = False  # its author got an unasked reply today, or one waits
    spent: bool = False  # as many unasked replies as a day may have are on their way
    paused: bool = False
    approval: bool = True  # what nobody asked for waits for a technician
    pictures: bool = False  # or other files, which no program reads

    @property
    def asked(self) -> bool:
        return self.post.found_by == "mention"

    @property
    def pictures_alone(self) -> bool:
        return self.pictures and self.reading.kind == "nothing"


@dataclass(frozen=True, slots=True)
class Decision:
    course: Course
    because: str


Rule = Callable[[Situation], Course | None]


def bot(at: Situation) -> Course | None:
    """Programs are not answered: two of them would never end."""
    return "listen" if at.post.by_bot else None


def unwanted(at: Situation) -> Course | None:
    """Who blocks or mutes the account, or is blocked or muted by it, is left alone."""
    return "listen" if at.post.unwanted else None


def no_bots(at: Situation) -> Course | None:
    """#nobot: a program does not write to them. A person may, where they named the account."""
    if not at.post.no_bots:
        return None
    return _to_the_ticket_or(at, "show" if at.asked and _wants_something(at) else "listen")


def opted_out(at: Situation) -> Course | None:
    """Who said stop reads nothing that a program wrote. A person may answer where they speak to the account."""
    if not at.opted_out:
        return None
    return _to_the_ticket_or(at, "show" if at.asked and _wants_something(at) else "listen")


def by_hand(at: Situation) -> Course | None:
    """Where somebody of the organisation answers, a program does not talk over them."""
    return _to_the_ticket_or(at, "listen") if at.by_hand else None


def foreign(at: Situation) -> Course | None:
    """What the desk cannot read it does not answer. Where they named the account, a person sees it."""
    if at.reading.kind != "foreign":
        return None
    return _to_the_ticket_or(at, "show" if at.asked else "listen")


def answered(at: Situation) -> Course | None:
    """Once in a thread. What is said after that is for the ticket, or for a technician to look at."""
    if not at.answered:
        return None
    wants = at.asked or at.same_author
    return _to_the_ticket_or(at, "show" if wants and _wants_something(at) else "listen")


def not_for_us(at: Situation) -> Course | None:
    """Under a hashtag only complaints and questions are answered: praise, news and jokes are left to people."""
    return None if at.asked or at.reading.kind in ("complaint", "question") else "listen"


def nothing_asked(at: Situation) -> Course | None:
    """Who names the account in passing wants nothing of it."""
    return "listen" if at.reading.kind == "other" else None


def pictures_alone(at: Situation) -> Course | None:
    """Who shows the account something without a word wants it to be looked at: a person does."""
    return _to_the_ticket_or(at, "show") if at.asked and at.pictures_alone else None


def thread_waits(at: Situation) -> Course | None:
    """An unasked reply waits in this thread: one is enough."""
    return "listen" if at.waiting and not at.asked else None


def once_a_day(at: Situation) -> Course | None:
    """Nobody is written to twice a day without having asked."""
    return "listen" if at.today and not at.asked else None


def paused(at: Situation) -> Course | None:
    return "hold" if at.paused else None


def approval(at: Situation) -> Course | None:
    """What nobody asked for is seen by a technician first."""
    return "hold" if at.approval and not at.asked else None


def daily(at: Situation) -> Course | None:
    """So many unasked replies a day, and no more."""
    return "hold" if at.spent and not at.asked else None


RULES: tuple[Rule, ...] = (
    bot,
    unwanted,
    opted_out,
    no_bots,
    by_hand,
    foreign,
    answered,
    not_for_us,
    nothing_asked,
    pictures_alone,
    thread_waits,
    once_a_day,
    paused,
    approval,
    daily,
)


def decide(at: Situation) -> Decision:
    """What becomes of a post, and which rule said so."""
    for rule in RULES:
        if course := rule(at):
            return Decision(course, rule.__name__)
    return Decision("say", "asked" if at.asked else "unasked")


def needs_ticket(at: Situation) -> bool:
    """Whether a person takes it up at once, whatever is said in public: not for who wants no word, and not where
    somebody is at it."""
    post = at.post
    left_alone = post.by_bot or post.unwanted or at.by_hand or ((post.no_bots or at.opted_out) and not at.asked)
    in_passing = at.reading.kind == "insult" and not at.asked
    return at.reading.serious and not at.has_ticket and not left_alone and not in_passing


def _wants_something(at: Situation) -> bool:
    return at.pictures_alone or at.reading.kind in ("complaint", "question", "insult", "other")


def _to_the_ticket_or(at: Situation, course: Course) -> Course:
    """What somebody who has a ticket from this thread says, or shows, belongs to it."""
    return "tell" if at.has_ticket and (at.pictures_alone or at.reading.kind != "nothing") else course
