"""Whatever is written, an outsider reads nothing of what is for employees."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.services import Services
from bot.model.documents import Document
from bot.model.tickets import Problem, ProblemText, Ticket
from bot.model.values import Audience, Language, Urgency
from bot.problems import wording
from bot.texts import Texts

SECRET = "GW-7"
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
TEXTS = Texts.load()


class Said:
    """The one part of the services that words need."""

    texts = TEXTS


SERVICES: Services = Said()  # type: ignore[assignment]

texts = st.lists(
    st.builds(
        lambda audience, language, news: ProblemText(
            audience,
            language,
            f"{SECRET} is down" if audience is Audience.INTERNAL else "Something is down",
            f"ask {SECRET}" if audience is Audience.INTERNAL else "",
            news,
        ),
        st.sampled_from(Audience),
        st.sampled_from(Language),
        st.integers(0, 3),
    ),
    max_size=5,
).map(tuple)


def documents(problem: Problem, audience: Audience, language: Language) -> list[Document]:
    ticket = Ticket(
        1, "t", "s", "network", Urgency.LOW, uuid4(), uuid4(), "human", AT, language, audience
    )  # fmt: skip
    of_ticket: list[Callable[..., Document]] = [wording.told_ticket, wording.told_ticket_end]
    of_asker: list[Callable[..., Document]] = [wording.told_news, wording.told_end]
    return [
        *(tell(SERVICES, problem, ticket, audience, language) for tell in of_ticket),
        *(tell(SERVICES, problem, audience, language) for tell in of_asker),
        *(
            wording.told_asker(SERVICES, problem, audience, language, key)
            for key in ("problem.known", "problem.known_again")
        ),
    ]


@given(texts, texts, st.sampled_from(Language))
def test_internal_words_are_never_public(
    told: tuple[ProblemText, ...], ending: tuple[ProblemText, ...], language: Language
) -> None:
    problem = Problem(1, f"{SECRET} down", "network", told, (SECRET,), AT, end_texts=ending)
    for document in documents(problem, Audience.PUBLIC, language):
        assert SECRET not in document.text_with_choices
        assert document.text


@given(texts, st.sampled_from(Audience), st.sampled_from(Language))
def test_there_is_always_something_to_read_and_the_readers_language_comes_first(
    told: tuple[ProblemText, ...], audience: Audience, language: Language
) -> None:
    found = wording.text_for(told, audience, language)
    same = [text for text in told if text.audience is audience and text.language is language]
    if same:
        assert found in same
    if found is None:
        assert not any(audience.may_read(text.audience) for text in told)


def test_two_readers_together_may_read_what_both_may() -> None:
    internal, public = Audience.INTERNAL, Audience.PUBLIC
    assert wording.least(internal, internal) is internal
    assert wording.least(internal, public) is wording.least(public, internal) is public
