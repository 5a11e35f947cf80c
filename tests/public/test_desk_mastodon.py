"""`/desk mastodon`: the switch, the list, and the buttons in words."""

import pytest

from bot.model.values import Language
from tests.public.stage import Stage

COMPLAINT = "Three days without internet and nobody answers"
QUESTION = "How do I reset my password?"


async def typed(stage: Stage, text: str, *, who: str = "tess", language: Language | None = None) -> str:
    return await stage.desk.says(text, "desk", who=who, language=language)


@pytest.mark.parametrize(
    ("pause", "resume", "language"),
    [("pause", "resume", Language.EN), ("pause", "reprendre", Language.FR), ("suspendre", "start", Language.FR)],
)
async def test_while_paused_nothing_is_said_by_itself_and_private_messages_go_on(
    stage: Stage, pause: str, resume: str, language: Language
) -> None:
    assert await typed(stage, f"/desk mastodon {pause}", language=language)
    assert await stage.posts(QUESTION) == ""
    post = await stage.last()
    assert (post.state, post.because) == ("held", "paused")
    assert post.reply is not None
    assert await stage.desk.says(QUESTION, "bob", who="bob") != ""
    await typed(stage, f"/desk mastodon {resume}", language=language)
    assert await stage.posts(QUESTION, who="eve") != ""
    await stage.presses("post_approve", post)
    assert (await stage.heard("s1")).state == "approved"


async def test_the_switch_says_who_used_it_and_when(stage: Stage) -> None:
    await typed(stage, "/desk mastodon pause")
    assert "Tess" in await typed(stage, "/desk mastodon", who="tom")
    assert "already" in await typed(stage, "/desk mastodon pause", who="tom")
    await typed(stage, "/desk mastodon resume")
    assert "already" in await typed(stage, "/desk mastodon resume", who="tom")


async def test_the_list_says_what_waits(stage: Stage) -> None:
    for who in ("ada", "bob"):
        await stage.posts(COMPLAINT, found_by="hashtag", who=who)
    said = await typed(stage, "/desk mastodon")
    assert "P1" in said
    assert "P2" in said
    assert "@bob@example.social" in said
    assert "0 of 30" in said
    await stage.presses("post_approve", await stage.heard("s1"))
    said = await typed(stage, "/desk mastodon")
    assert "P1" not in said
    assert "1 of 30" in said


@pytest.mark.parametrize(
    ("approve", "edit", "leave", "undo"),
    [("approve", "edit", "leave", "undo"), ("approuver", "modifier", "laisser", "annuler")],
)
async def test_every_button_can_be_typed(stage: Stage, approve: str, edit: str, leave: str, undo: str) -> None:
    await stage.posts(COMPLAINT, found_by="hashtag")
    await typed(stage, f"/desk mastodon {leave} P1")
    assert (await stage.last()).state == "left"
    await typed(stage, f"/desk mastodon {undo} P1")
    assert (await stage.last()).state == "held"
    await typed(stage, f"/desk mastodon {edit} p1 We are sorry, and on it")
    assert (await stage.last()).edited
    await typed(stage, f"/desk mastodon {approve} #P1")
    post = await stage.last()
    assert post.state == "approved"
    assert post.reply is not None
    assert post.reply.text == "We are sorry, and on it"
    await typed(stage, "/desk mastodon ticket P1")
    assert len(await stage.tickets()) == 1


@pytest.mark.parametrize(
    "argument", ["approve", "edit", "approve P1 now", "nonsense", "pause everything", "leave", "P1 P2"]
)
async def test_what_is_incomplete_is_answered_with_the_usage(stage: Stage, argument: str) -> None:
    await stage.posts(COMPLAINT, found_by="hashtag")
    said = await typed(stage, f"/desk mastodon {argument}")
    assert "/desk mastodon" in said or "P1" in said
    assert (await stage.last()).state == "held"


@pytest.mark.parametrize("argument", ["approve P9", "P9", "approve x", "edit P9 words", "show P999999999"])
async def test_an_unknown_post_is_said_to_be_unknown(stage: Stage, argument: str) -> None:
    assert "no post" in await typed(stage, f"/desk mastodon {argument}")


async def test_edit_without_words_says_how(stage: Stage) -> None:
    await stage.posts(COMPLAINT, found_by="hashtag")
    assert "edit P1" in await typed(stage, "/desk mastodon edit P1")
    assert "edit P1" in await stage.presses("post_edit", await stage.last())


async def test_employees_may_not(stage: Stage) -> None:
    for argument in ("", "pause", "resume", "approve P1"):
        assert "technicians" in await stage.desk.says(f"/desk mastodon {argument}".strip())


async def test_the_help_names_it_in_both_languages(stage: Stage) -> None:
    assert "/desk mastodon" in await typed(stage, "/desk help")
    assert "/desk mastodon" in await typed(stage, "/desk aide", language=Language.FR)
