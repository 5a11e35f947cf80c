"""Each rule of good manners, in both languages: what is said, what waits, what is left alone, and the reason given."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.categories import Categories
from bot.model.public import FoundBy, Post
from bot.public.manners import RULES, Decision, Situation, decide, needs_ticket
from bot.public.reading import read
from bot.texts import Texts
from bot.understanding import Understander

COMPLAINTS = (
    "Three days without internet and nobody answers, this is unacceptable",
    "Trois jours sans internet et personne ne répond, c’est inadmissible",
)
QUESTIONS = ("How do I reset my password?", "Comment réinitialiser mon mot de passe ?")
PRAISE = ("Thank you, you were brilliant today!", "Merci, vous avez été super aujourd’hui !")
INSULTS = ("Bunch of clowns", "Bande de nuls")
LOUD = ("Nobody helps me!", "Toujours rien !")  # what is taken for a cheerful mood
IN_PASSING = ("Acme opens a shop in Lyon on Monday", "Acme ouvre une boutique à Lyon lundi")
FOREIGN = (
    "Das Internet ist seit drei Tagen weg und niemand hilft mir",
    "Llevo tres días sin internet y nadie me ayuda",
)
Seen = Callable[..., Situation]
LANGUAGES = pytest.mark.parametrize("at", [0, 1], ids=["en", "fr"])


@pytest.fixture(scope="module")
def understander() -> Understander:
    return Understander(Categories.load(None))


@pytest.fixture
def seen(understander: Understander) -> Seen:
    def situation(text: str, found_by: FoundBy = "mention", **known: object) -> Situation:
        about = {name: known.pop(name) for name in ("by_bot", "no_bots", "unwanted") if name in known}
        post = Post(found_by, "public", "1", "ada@example.social", **about)  # type: ignore[arg-type]
        reading = read(understander.understand(text, post=True), found_by)
        return replace(Situation(post, reading), **known)  # type: ignore[arg-type]

    return situation


@LANGUAGES
def test_a_mention_is_answered_at_once(at: int, seen: Seen) -> None:
    for texts in (COMPLAINTS, QUESTIONS, PRAISE, INSULTS):
        assert decide(seen(texts[at])) == Decision("say", "asked")


@LANGUAGES
def test_nobody_is_thanked_who_said_nothing_kind(at: int, seen: Seen) -> None:
    assert seen(PRAISE[at]).reading.kind == "praise"
    assert seen(LOUD[at]).reading.kind != "praise"


@LANGUAGES
def test_what_nobody_asked_for_waits_for_approval(at: int, seen: Seen) -> None:
    for texts in (COMPLAINTS, QUESTIONS):
        assert decide(seen(texts[at], "hashtag")) == Decision("hold", "approval")


@LANGUAGES
def test_where_the_operator_allows_it_an_unasked_reply_goes_out_at_once(at: int, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], "hashtag", approval=False)) == Decision("say", "unasked")


@LANGUAGES
def test_under_a_hashtag_only_complaints_and_questions_are_for_the_desk(at: int, seen: Seen) -> None:
    for texts in (PRAISE, INSULTS, IN_PASSING):
        assert decide(seen(texts[at], "hashtag", approval=False)) == Decision("listen", "not_for_us")


@pytest.mark.parametrize(
    ("found_by", "known", "decided"),
    [
        ("mention", {}, Decision("show", "pictures_alone")),
        ("mention", {"has_ticket": True}, Decision("tell", "pictures_alone")),
        ("mention", {"answered": True}, Decision("show", "answered")),
        ("mention", {"answered": True, "has_ticket": True}, Decision("tell", "answered")),
        ("hashtag", {}, Decision("listen", "not_for_us")),
    ],
)
def test_pictures_without_words_are_looked_at_by_a_person(
    found_by: FoundBy, known: dict[str, bool], decided: Decision, seen: Seen
) -> None:
    assert decide(seen("📎", found_by, pictures=True, **known)) == decided
    assert decide(seen("📎", found_by, **known)) != decided or found_by == "hashtag"


@LANGUAGES
def test_who_names_the_account_in_passing_is_left_alone(at: int, seen: Seen) -> None:
    assert decide(seen(IN_PASSING[at])) == Decision("listen", "nothing_asked")


@LANGUAGES
@pytest.mark.parametrize("found_by", ["mention", "hashtag"])
def test_programs_are_not_answered(at: int, found_by: FoundBy, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], found_by, by_bot=True)) == Decision("listen", "bot")


@LANGUAGES
@pytest.mark.parametrize("found_by", ["mention", "hashtag"])
def test_who_blocks_or_is_blocked_is_left_alone(at: int, found_by: FoundBy, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], found_by, unwanted=True)) == Decision("listen", "unwanted")


@LANGUAGES
def test_nobot_is_honoured_and_a_person_may_answer_who_was_asked(at: int, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], "hashtag", no_bots=True)) == Decision("listen", "no_bots")
    assert decide(seen(COMPLAINTS[at], no_bots=True)) == Decision("show", "no_bots")
    assert decide(seen(PRAISE[at], no_bots=True)) == Decision("listen", "no_bots")


@LANGUAGES
def test_stop_is_honoured_for_good(at: int, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], "hashtag", opted_out=True, approval=False)) == Decision("listen", "opted_out")
    assert decide(seen(QUESTIONS[at], opted_out=True)) == Decision("show", "opted_out")
    assert decide(seen(PRAISE[at], opted_out=True)) == Decision("listen", "opted_out")


@LANGUAGES
def test_where_a_human_answers_by_hand_the_desk_is_silent(at: int, seen: Seen) -> None:
    for texts in (COMPLAINTS, QUESTIONS, PRAISE, INSULTS):
        assert decide(seen(texts[at], by_hand=True)) == Decision("listen", "by_hand")


@pytest.mark.parametrize("text", FOREIGN)
def test_other_languages_are_not_answered_by_a_program(text: str, seen: Seen) -> None:
    assert decide(seen(text)) == Decision("show", "foreign")
    assert decide(seen(text, has_ticket=True)) == Decision("tell", "foreign")
    assert decide(seen(text, "hashtag", approval=False)) == Decision("listen", "foreign")


@LANGUAGES
def test_a_thread_is_answered_once(at: int, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], answered=True)) == Decision("show", "answered")
    assert decide(seen(QUESTIONS[at], "hashtag", answered=True, same_author=True)) == Decision("show", "answered")
    assert decide(seen(QUESTIONS[at], "hashtag", answered=True)) == Decision("listen", "answered")
    assert decide(seen(PRAISE[at], answered=True)) == Decision("listen", "answered")


@LANGUAGES
def test_what_is_said_next_goes_to_the_ticket_if_there_is_one(at: int, seen: Seen) -> None:
    for texts in (COMPLAINTS, QUESTIONS, PRAISE):
        for known in ("answered", "by_hand", "opted_out", "no_bots"):
            about = seen(texts[at], has_ticket=True, **{known: True})
            assert decide(about) == Decision("tell", known)


@LANGUAGES
def test_nobody_is_written_to_twice_a_day_unasked(at: int, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], "hashtag", today=True)) == Decision("listen", "once_a_day")
    assert decide(seen(COMPLAINTS[at], today=True)) == Decision("say", "asked")


@LANGUAGES
def test_one_reply_that_waits_in_a_thread_is_enough(at: int, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], "hashtag", waiting=True)) == Decision("listen", "thread_waits")
    assert decide(seen(COMPLAINTS[at], waiting=True)) == Decision("say", "asked")


@LANGUAGES
def test_the_day_has_so_many_unasked_replies_and_no_more(at: int, seen: Seen) -> None:
    assert decide(seen(COMPLAINTS[at], "hashtag", approval=False, spent=True)) == Decision("hold", "daily")
    assert decide(seen(COMPLAINTS[at], spent=True)) == Decision("say", "asked")


@LANGUAGES
def test_while_paused_nothing_goes_out_by_itself_not_even_what_was_asked(at: int, seen: Seen) -> None:
    assert decide(seen(QUESTIONS[at], paused=True)) == Decision("hold", "paused")
    assert decide(seen(COMPLAINTS[at], "hashtag", approval=False, paused=True)) == Decision("hold", "paused")


SERIOUS = (
    ("My account was hacked and somebody ordered a phone with it", "Mon compte a été piraté"),
    ("I want to cancel my contract, you charged me twice!", "Je veux résilier mon contrat, facturé deux fois !"),
    ("I want to talk to a human being", "Je veux parler à un humain"),
)


@LANGUAGES
def test_what_is_urgent_is_a_persons_at_once(at: int, seen: Seen) -> None:
    for texts in SERIOUS:
        assert needs_ticket(seen(texts[at])), texts[at]
    assert needs_ticket(seen(INSULTS[at]))
    assert not needs_ticket(seen(QUESTIONS[at]))
    assert not needs_ticket(seen(PRAISE[at]))


@LANGUAGES
def test_an_urgent_complaint_opens_a_ticket_whatever_becomes_of_the_reply(at: int, seen: Seen) -> None:
    urgent = SERIOUS[1][at]
    for known in ("paused", "spent", "today", "waiting", "answered"):
        assert needs_ticket(seen(urgent, "hashtag", **{known: True})), known
    assert needs_ticket(seen(urgent, no_bots=True))
    for left_alone in ("by_bot", "unwanted", "by_hand", "has_ticket"):
        assert not needs_ticket(seen(urgent, **{left_alone: True})), left_alone
    for said in ("no_bots", "opted_out"):
        assert not needs_ticket(seen(urgent, "hashtag", **{said: True})), said
    assert not needs_ticket(seen(INSULTS[at], "hashtag"))


def test_every_reason_can_be_read() -> None:
    texts = Texts.load()
    said = {"asked", "unasked", "said_stop", "deleted", "changed", "answered_since"}
    for reason in {rule.__name__ for rule in RULES} | said:
        assert texts.has(f"post.because.{reason}"), reason
