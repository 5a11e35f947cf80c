"""Stop and start: said in public or in a direct message, confirmed once, and honoured."""

import pytest

from bot.model.values import Audience
from bot.public.opting_out import wish
from tests.public.stage import Stage

COMPLAINT = "Three days without internet and nobody answers"


@pytest.mark.parametrize(
    "text",
    [
        "stop", "STOP!", "Stop.", "@desk stop", "please stop", "stop it please", "Leave me alone!", "unsubscribe",
        "don't write to me", "do not contact me again", "arrêt", "Arrêtez svp", "arrête", "Arrêtez de m'écrire",
        "ne m’écrivez plus !", "laissez-moi tranquille", "désabonnez-moi", "stop merci", "opt out",
    ],
)  # fmt: skip
def test_stop_is_understood(text: str) -> None:
    assert wish(text.removeprefix("@desk ")) == "stop"


@pytest.mark.parametrize(
    "text", ["start", "Start!", "reprendre", "Reprenez svp", "opt in", "you can write to me again"]
)
def test_start_is_understood(text: str) -> None:
    assert wish(text) == "start"


@pytest.mark.parametrize(
    "text",
    [
        "My phone does not stop ringing", "The update stops at 30 %", "How do I unsubscribe from the newsletter?",
        "Je n’arrive pas à arrêter le renouvellement", "start menu is gone", "", "non", "Please do not stop the music",
    ],
)  # fmt: skip
def test_other_words_are_neither(text: str) -> None:
    assert wish(text) is None


@pytest.mark.parametrize(("text", "confirmed"), [("stop", "“start”"), ("arrêtez", "«\u00a0reprendre\u00a0»")])
async def test_stop_in_public_is_confirmed_once_in_private(stage: Stage, text: str, confirmed: str) -> None:
    await stage.posts("Thanks a lot!" if text == "stop" else "Merci beaucoup !")
    assert await stage.posts(text, root="s1") == ""
    assert (await stage.last()).because == "said_stop"
    [told] = stage.desk.posts("ada")
    assert confirmed in told
    await stage.posts(text, root="s1")
    assert len(stage.desk.posts("ada")) == 1


async def test_who_said_stop_is_written_to_no_more(stage: Stage) -> None:
    stage.settle_policy(approval=False)
    await stage.posts("stop")
    assert await stage.posts(COMPLAINT, found_by="hashtag") == ""
    assert ((await stage.last()).state, (await stage.last()).because) == ("seen", "opted_out")
    assert await stage.posts("How do I reset my password?") == ""
    assert ((await stage.last()).state, (await stage.last()).because) == ("held", "opted_out")
    assert await stage.posts("How do I reset my password?", who="bob") != ""


async def test_what_waited_to_be_said_to_them_is_withdrawn(stage: Stage) -> None:
    await stage.posts(COMPLAINT, found_by="hashtag")
    held = await stage.last()
    await stage.posts("stop")
    post = await stage.heard("s1")
    assert (post.state, post.because) == ("withdrawn", "said_stop")
    await stage.presses("post_approve", held)
    assert await stage.rows("s1") == []


async def test_what_was_left_for_them_cannot_be_held_again(stage: Stage) -> None:
    await stage.posts(COMPLAINT, found_by="hashtag")
    held = await stage.last()
    await stage.presses("post_leave", held)
    await stage.posts("stop")
    await stage.presses("post_undo", held)
    assert (await stage.heard("s1")).state == "left"


async def test_stop_under_a_hashtag_is_said_to_nobody(stage: Stage) -> None:
    await stage.posts("stop", found_by="hashtag")
    assert not stage.desk.wire.posted
    assert await stage.posts("How do I reset my password?") != ""


async def test_start_in_a_direct_message_takes_it_back(stage: Stage) -> None:
    assert "“start”" in await stage.desk.says("stop", "ada", audience=Audience.PUBLIC)
    assert await stage.desk.says("stop", "ada", audience=Audience.PUBLIC) == ""
    assert await stage.posts("How do I reset my password?") == ""
    assert "again" in await stage.desk.says("start", "ada", audience=Audience.PUBLIC)
    assert await stage.posts("How do I reset my password?") != ""


async def test_elsewhere_stop_is_a_word_like_others(stage: Stage) -> None:
    stage.settle_policy(platforms=())
    await stage.desk.says("stop", "ada", audience=Audience.PUBLIC)
    assert await stage.posts("How do I reset my password?") != ""


async def test_an_answer_that_is_not_out_yet_is_not_sent_to_who_says_stop(stage: Stage) -> None:
    accounts, stage.desk.wire.accounts = stage.desk.wire.accounts, frozenset()  # nobody delivers meanwhile
    await stage.posts("How do I reset my password?")
    assert (await stage.heard("s1")).state == "answered"
    await stage.posts("stop", root="s1")
    stage.desk.wire.accounts = accounts
    await stage.desk.settle()
    assert stage.said() == []
    assert (await stage.heard("s1")).state == "withdrawn"


async def test_what_was_answered_before_somebody_says_stop_stays_as_it_was(stage: Stage) -> None:
    await stage.posts("How do I reset my password?")
    await stage.posts("stop", root="s1")
    assert (await stage.heard("s1")).state == "answered"
