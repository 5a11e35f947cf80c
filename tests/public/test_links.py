"""Addresses of the contact page."""

from datetime import UTC, datetime, timedelta

from bot.model.ids import new_id
from bot.public.links import CHAT, DIRECT, new_token, post_link, read_link, signed_link
from bot.public.policy import PublicPolicy

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
POLICY = PublicPolicy(site="https://desk.example.org", link_key="a key that is long enough for a test")


def test_a_public_link_ends_in_what_nobody_guesses() -> None:
    token = new_token()
    assert post_link(POLICY, token) == f"https://desk.example.org/c/{token}"
    assert len({new_token() for _ in range(100)}) == 100
    assert len(token) >= 16


def test_without_a_page_there_are_no_links() -> None:
    assert post_link(PublicPolicy(), "x") is None
    assert signed_link(PublicPolicy(), DIRECT, new_id(), NOW) is None
    assert signed_link(PublicPolicy(site="https://desk.example.org"), DIRECT, new_id(), NOW) is None
    assert read_link(PublicPolicy(), DIRECT, "x") is None


def test_a_direct_link_says_which_conversation_and_since_when() -> None:
    conversation = new_id()
    link = signed_link(POLICY, DIRECT, conversation, NOW)
    assert link is not None
    site, _, signed = link.rpartition("/d/")
    assert site == POLICY.site
    said = read_link(POLICY, DIRECT, signed)
    assert said is not None
    assert (said.about, said.made_at) == (conversation, NOW)
    assert not said.is_expired(NOW + DIRECT.good_for)
    assert said.is_expired(NOW + DIRECT.good_for + timedelta(seconds=1))


def test_a_link_of_one_kind_is_none_of_another() -> None:
    for kind, other in ((DIRECT, CHAT), (CHAT, DIRECT)):
        signed = str(signed_link(POLICY, kind, new_id(), NOW)).rpartition("/")[2]
        assert read_link(POLICY, kind, signed)
        assert read_link(POLICY, other, signed) is None


def test_two_links_to_one_conversation_are_used_up_apart() -> None:
    conversation = new_id()
    ids = set()
    for _ in range(2):
        said = read_link(POLICY, DIRECT, str(signed_link(POLICY, DIRECT, conversation, NOW)).rpartition("/")[2])
        assert said is not None
        ids.add(said.id)
    assert len(ids) == 2


def test_nobody_else_can_make_one() -> None:
    signed = str(signed_link(POLICY, DIRECT, new_id(), NOW)).rpartition("/")[2]
    other = PublicPolicy(site=POLICY.site, link_key="another key that is long enough")
    assert read_link(other, DIRECT, signed) is None
    for forged in (signed[:-1], "x" + signed, "", "é", "a.b", signed.partition(".")[0]):
        assert read_link(POLICY, DIRECT, forged) is None
