"""What the operator sets for the public has its effect at the desk."""

from dataclasses import replace

import pytest

from bot.policies import policy_of
from bot.settings import load_settings
from tests.public.stage import COMPLAINT, SITE, Stage

QUESTION = "How do I reset my password?"


def set_to(stage: Stage, monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """The desk as these settings make it, on the platform of the tests."""
    given = {"MASTODON_URL": "https://masto.example", "MASTODON_TOKEN": "t", "PUBLIC_URL": SITE, **values}
    for name, value in given.items():
        monkeypatch.setenv(f"GUICHET_{name}", value)
    public = policy_of(load_settings(None), "k" * 40).public
    services = stage.desk.services
    policy = replace(services.policy, public=replace(public, platforms=("test",)))
    stage.desk.services = replace(services, policy=policy)
    stage.desk.__post_init__()


@pytest.mark.parametrize("most", [0, 1, 2])
async def test_a_day_has_as_many_unasked_replies_as_are_set(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    set_to(stage, monkeypatch, MASTODON_APPROVAL="off", MASTODON_DAILY_REPLIES=str(most))
    for number, who in enumerate(("ada", "bob", "eve")):
        said = await stage.posts(COMPLAINT["en"], found_by="hashtag", who=who)
        post = await stage.last()
        assert bool(said) == (number < most)
        assert (post.state, post.because) == (("answered", "unasked") if number < most else ("held", "daily"))
    assert await stage.posts(QUESTION, who="kim") != "", "who asks is answered"


async def test_where_nothing_is_set_thirty_may_go_out_and_none_unseen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(stage, monkeypatch)
    assert stage.desk.services.policy.public.daily_replies == 30
    assert await stage.posts(COMPLAINT["en"], found_by="hashtag") == ""
    assert (await stage.last()).because == "approval"


async def test_every_public_reply_ends_in_the_hashtags_that_are_set_and_no_private_one_does(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(stage, monkeypatch, MASTODON_APPROVAL="off", MASTODON_SIGNATURE="#acme, acmeHelp")
    for number, (text, options) in enumerate(
        [(QUESTION, {}), (COMPLAINT["fr"], {"found_by": "hashtag"}), ("Thank you, you were brilliant!", {})]
    ):
        said = await stage.posts(text, who=f"p{number}", **options)
        assert said.splitlines()[-1] == "#acme #acmeHelp"
    await stage.desk.says(QUESTION, "zoe")
    assert stage.desk.posts("zoe") and not any("#acme" in one for one in stage.desk.posts("zoe"))
    set_to(stage, monkeypatch, MASTODON_SIGNATURE="")
    assert "#" not in await stage.posts(QUESTION, who="last")
