"""Posts as servers tell them become messages of the desk's."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.mastodon.payloads import Status
from adapters.mastodon.translate import (
    Around,
    Here,
    asks_for_no_bots,
    identity_of,
    is_heard,
    link_of,
    message_of,
    names,
    reach_of,
)
from bot.model.messages import ConversationRef, MessageKey
from bot.model.values import Audience
from tests.adapters.mastodon.stage import here_of
from tests.fakes.mastodon import FakeMastodon, Person, Quirks

# As mastodon.social told it, shortened, with other names and words.
REAL: dict[str, Any] = {
    "id": "113456789012345678",
    "created_at": "2026-11-20T18:03:11.000Z",
    "in_reply_to_id": None,
    "in_reply_to_account_id": None,
    "sensitive": True,
    "spoiler_text": "rant",
    "visibility": "unlisted",
    "language": "en",
    "uri": "https://elsewhere.example/users/ada/statuses/113456789000000001",
    "url": "https://elsewhere.example/@ada/113456789000000001",
    "replies_count": 0,
    "reblogs_count": 0,
    "favourites_count": 1,
    "quotes_count": 0,
    "edited_at": None,
    "content": '<p><span class="h-card" translate="no"><a href="https://desk.example/@help" class="u-url mention">'
    '@<span>help</span></a></span> three days and still no <a href="https://elsewhere.example/tags/Parcel" class='
    '"mention hashtag" rel="tag">#<span>Parcel</span></a></p>',
    "reblog": None,
    "account": {
        "id": "109876543210987654",
        "username": "ada",
        "acct": "ada@elsewhere.example",
        "display_name": "Ada :verified:",
        "locked": False,
        "bot": False,
        "note": "<p>hello</p>",
        "url": "https://elsewhere.example/@ada",
        "fields": [{"name": "Site", "value": '<a href="https://ada.example">ada.example</a>', "verified_at": None}],
    },
    "media_attachments": [],
    "mentions": [{"id": "42", "username": "help", "url": "https://desk.example/@help", "acct": "help"}],
    "tags": [{"name": "parcel", "url": "https://desk.example/tags/parcel"}],
    "emojis": [],
    "card": None,
    "poll": None,
    "filtered": [],
}
HERE = Here("desk.example", "42", "help", "desk.example", frozenset({"https://desk.example/@help"}))


def status(**changed: Any) -> Status:
    return Status.model_validate({**REAL, **changed})


def by(**changed: Any) -> Status:
    return status(account={**REAL["account"], **changed})


def test_a_post_in_the_open_says_who_wrote_what_where_and_how_openly() -> None:
    message = message_of(status(), HERE, Around(REAL["id"]))
    assert message.key == MessageKey("mastodon", "desk.example", "message", REAL["id"])
    assert message.conversation == ConversationRef("mastodon", "desk.example", "public", REAL["id"])
    assert message.conversation.is_public
    assert message.text == "three days and still no #Parcel"
    assert (message.private, message.mentioned, message.audience) == (False, True, Audience.PUBLIC)
    assert message.sent_at.isoformat() == "2026-11-20T18:03:11+00:00"
    assert (message.author.native_id, message.author.name, message.author.locale) == (
        "109876543210987654",
        "Ada :verified:",
        "en",
    )
    assert message.link == "https://elsewhere.example/@ada/113456789000000001"
    post = message.post
    assert post is not None
    assert (post.found_by, post.reach, post.handle) == ("mention", "unlisted", "ada@elsewhere.example")
    assert (post.tags, post.warning, post.root, post.in_reply_to) == (("parcel",), "rant", REAL["id"], None)
    assert not (post.by_bot or post.no_bots or post.unwanted)


def test_a_post_that_does_not_name_the_account_was_found_by_its_hashtag() -> None:
    post = message_of(status(mentions=[]), HERE, Around("7")).post
    assert post is not None
    assert (post.found_by, post.root) == ("hashtag", "7")
    told = message_of(status(mentions=[]), HERE, Around("7"), mentioned=True)  # as a notification says
    assert told.post is not None
    assert told.post.found_by == "mention"


@pytest.mark.parametrize(
    "mention",
    [
        {"id": "42"},
        {"id": 42},
        {"id": "0", "url": "https://desk.example/@help"},
        {"id": 0, "acct": "help@desk.example", "url": None},
        {"id": None, "acct": "Help"},
    ],
)
def test_the_account_is_known_by_what_servers_tell_of_it(mention: dict[str, Any]) -> None:
    assert names(status(mentions=[{"id": "7", "acct": "bob"}, mention]), HERE)


@pytest.mark.parametrize("mention", [{"id": "7", "acct": "help@elsewhere.example"}, {"id": 0}, {}, None, "help"])
def test_whoever_else_is_mentioned_is_not_the_account(mention: Any) -> None:
    assert not names(status(mentions=[mention]), HERE)


@pytest.mark.parametrize(
    ("content", "acct", "is_called"),
    [
        ('<p><a href="https://desk.example/@help">@<span>help</span></a> hello</p>', "ada@elsewhere.example", True),
        ("@Help hello", "ada", True),
        ("hello (@help@desk.example)", "ada@elsewhere.example", True),
        ("@help hello", "ada@elsewhere.example", False),  # somebody of theirs
        ("@help@far.example, ask me@help or x.org/@help, @helpers", "ada", False),
        ('<p><a href="https://far.example/@help">@<span>help</span></a></p>', "ada@elsewhere.example", False),
    ],
)
@pytest.mark.parametrize("told", [{}, {"mentions": None}])
def test_where_a_server_does_not_tell_who_is_mentioned_the_words_do(
    told: dict[str, Any], content: str, acct: str, *, is_called: bool
) -> None:
    shown = {name: value for name, value in REAL.items() if name != "mentions"} | told
    shown |= {"content": content, "account": {**REAL["account"], "acct": acct}}
    assert names(Status.model_validate(shown), HERE) is is_called


def test_a_direct_message_is_a_room_of_its_own_and_no_post() -> None:
    picture = {"id": "9", "type": "image", "url": "https://files.example/a%20b.png", "description": "x"}
    late = {"id": "8", "type": "image", "url": None, "remote_url": "https://elsewhere.example/c.jpg"}
    gone = {"id": "7", "type": "unknown", "url": "ftp://x", "remote_url": 5}
    message = message_of(
        status(visibility="direct", in_reply_to_id="5", media_attachments=[picture, late, gone, "?"]), HERE, Around("5")
    )
    assert message.conversation == ConversationRef("mastodon", "desk.example", "109876543210987654")
    assert (message.private, message.mentioned, message.post, message.numbered) == (True, True, None, True)
    assert message.answers == "5"
    assert message.audience is Audience.PUBLIC
    assert [(one.name, one.media_type, one.problem) for one in message.files] == [
        ("a b.png", "image/png", None),
        ("c.jpg", "image/jpeg", None),
        ("7", "application/octet-stream", "gone"),
    ]


def test_a_post_has_its_pictures_with_what_they_show_and_whether_they_are_hidden() -> None:
    says = "a screen\u202e\n that <b>says</b> 42"
    first = {"id": "9", "type": "image", "url": "https://files.example/a.png", "description": says}
    second = {"id": "8", "type": "video", "url": "https://files.example/b.mp4", "description": "x" * 9_000}
    message = message_of(status(media_attachments=[first, second]), HERE, Around("7"))
    assert message.post is not None and not message.private
    assert [(one.name, one.alternative, one.sensitive) for one in message.files] == [
        ("a.png", "a screen that <b>says</b> 42", True),
        ("b.mp4", "x" * 1_500, True),
    ]
    shown = message_of(status(media_attachments=[first], sensitive=None), HERE, Around("7"))
    alone = message_of(status(media_attachments=[first], visibility="direct"), HERE, Around("7"))
    assert [one.sensitive for one in (*shown.files, *alone.files)] == [False, False], "nobody hides it from the desk"


def test_an_edit_has_the_key_of_the_post_and_a_revision() -> None:
    edited = message_of(status(edited_at="2026-11-20T18:05:00.000Z"), HERE, Around("1"))
    assert edited.key.native_id == REAL["id"]
    assert edited.key.revision == "2026-11-20T18:05:00+00:00"
    assert edited.sent_at.minute == 5


@pytest.mark.parametrize(
    ("said", "reach"),
    [
        ("public", "public"),
        ("PRIVATE", "private"),
        ("local", "unlisted"),
        ("list", "direct"),
        ("circle", "private"),
        (None, "private"),
        (7, "private"),
    ],
)
def test_how_openly_a_post_stands_is_never_taken_for_wider(said: Any, reach: str) -> None:
    assert reach_of(status(visibility=said)) == reach


def test_own_posts_and_boosts_are_not_heard() -> None:
    assert is_heard(status(), HERE)
    assert not is_heard(by(id="42"), HERE)
    assert not is_heard(status(reblog=REAL), HERE)


@pytest.mark.parametrize(
    "found",
    [
        by(note="<p>I post. #NoBot please</p>"),
        by(note='<p><a href="https://x.example/tags/nobot" class="mention hashtag">#<span>nobot</span></a></p>'),
        by(fields=[{"name": "rules", "value": "#nobots"}]),
        by(fields=[{"name": "#no_bot", "value": ""}]),
        status(content="<p>help #nobot</p>"),
        status(tags=[{"name": "NoBots"}]),
    ],
)
def test_who_asks_programs_not_to_write_is_known(found: Status) -> None:
    assert asks_for_no_bots(found)
    post = message_of(found, HERE, Around("1")).post
    assert post is not None
    assert post.no_bots


@pytest.mark.parametrize("found", [status(), by(note="#nobotany"), status(tags=[{"name": "bots"}])])
def test_who_does_not_ask_is_not_taken_for_one_who_does(found: Status) -> None:
    assert not asks_for_no_bots(found)


def test_a_bot_is_one_that_says_so() -> None:
    for said, is_bot in ((True, True), (False, False), ("yes", False), (None, False)):
        post = message_of(by(bot=said), HERE, Around("1")).post
        assert post is not None
        assert post.by_bot is is_bot


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://", "//x", "https://[", 7, None, "https://x.example/" + "a" * 5_000]
)
def test_no_link_leads_anywhere_but_to_the_web(url: Any) -> None:
    assert link_of(status(url=url, uri=None)) is None
    assert link_of(status(url=url)) == REAL["uri"]


def test_what_can_be_done_without_may_be_anything() -> None:
    rubbish = {name: 5.5 for name in REAL if name not in ("id", "account", "created_at", "reblog")}
    account = {**{name: ["?"] for name in REAL["account"]}, "id": 12}
    found = Status.model_validate({**REAL, **rubbish, "account": account})
    message = message_of(found, HERE, Around(found.id))
    assert message.author.native_id == "12"
    assert message.text == ""
    assert message.post is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": "../../accounts"},
        {"id": "x" * 200},
        {"id": True},
        {"account": None},
        {"account": {}},
        {"created_at": "yesterday"},
        {"created_at": None},
        {"created_at": 10**30},
    ],
)
def test_without_what_it_is_known_by_it_is_no_post(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        status(**changed)


def test_a_name_is_bounded_and_a_handle_stands_for_none() -> None:
    assert len(identity_of(by(display_name="x" * 10_000), HERE).name) <= 200
    assert identity_of(by(display_name=""), HERE).name == "ada@elsewhere.example"
    assert identity_of(by(display_name="", acct="ada"), HERE).name == "ada@desk.example"
    assert identity_of(status(language="<script>"), HERE).locale is None


@pytest.mark.parametrize("quirks", [Quirks(), Quirks.pleroma(), Quirks.gotosocial(), Quirks.misskey()])
async def test_every_kind_of_server_tells_of_the_same_post(quirks: Quirks) -> None:
    server = FakeMastodon(quirks=quirks)
    ada: Person = server.person("ada", name="Ada")
    bob = server.person("bob@elsewhere.example")
    for who, handle in ((ada, "ada@masto.example"), (bob, "bob@elsewhere.example")):
        said = await who.says("@guichet hello #printer", cw="loud", visibility="unlisted")
        shown = Status.model_validate(server.world.shapes.status(said, server.bot.id))
        here = here_of(server)
        assert names(shown, here)
        message = message_of(shown, here, Around(shown.id))
        assert (message.text, message.author.native_id, message.key.native_id) == ("hello #printer", who.id, said.id)
        assert message.post is not None
        assert (message.post.handle, message.post.reach, message.post.warning) == (handle, "unlisted", "loud")
