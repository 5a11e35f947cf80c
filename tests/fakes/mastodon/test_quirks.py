"""What other servers lack or do in their own way, one switch at a time, as the real Mastodon.py meets it."""

import re

import httpx
import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from tests.fakes.mastodon import FakeMastodon, Quirks
from tests.fakes.mastodon.clients import client, heard, run
from tests.fakes.mastodon.ids import Scheme


@pytest.mark.parametrize(
    ("scheme", "shape"),
    [
        ("snowflake", r"\d{18}"),
        ("ulid", r"[0-9A-HJKMNP-TV-Z]{26}"),
        ("flake", r"[0-9A-Za-z]{18}"),
        ("small", r"\d{1,2}"),
    ],
)
async def test_ids_of_each_kind_lead_through_the_pages(scheme: Scheme, shape: str) -> None:
    async with FakeMastodon(quirks=Quirks(ids=scheme)).running() as mastodon:
        ada = mastodon.person("ada")
        said = [(await ada.says(f"@guichet #news {number}")).id for number in range(5)]
        with client(mastodon) as app:
            first = await run(app.timeline_hashtag, "news", limit=3)
            found = [*first, *(await run(app.fetch_next, first) or [])]
            assert [one.id for one in found] == said[::-1]
            for one in (found[0].id, found[0].account.id):
                assert re.fullmatch(shape, one), one
            newer = await run(app.timeline_hashtag, "news", min_id=said[1], limit=2)
            assert [one.id for one in newer] == [said[3], said[2]]
            told = await run(app.notifications, limit=3)
            assert [one.status.id for one in [*told, *(await run(app.fetch_next, told) or [])]] == said[::-1]
            posted = await run(app.status_post, "x", in_reply_to_id=said[0])
            assert posted.in_reply_to_id == said[0]


async def test_ids_of_notifications_out_of_order(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.notifications_in_order = False
    ada = mastodon.person("ada")
    for number in range(7):
        await ada.says(f"@guichet {number}")
    found = await run(app.notifications)
    assert [one.id for one in found] == sorted((one.id for one in found), key=int, reverse=True)
    times = [one.status.id for one in found]
    assert times != sorted(times, key=int, reverse=True)
    assert len({one.id for one in found}) == 7
    last = max(found, key=lambda one: int(one.status.id))
    assert any(int(one.id) > int(last.id) for one in found), "a cursor at the highest id passes over it"


async def test_pages_out_of_order(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.pages_in_order = False
    ada = mastodon.person("ada")
    said = [(await ada.says(f"#news {number}")).id for number in range(8)]
    found = [one.id for one in await run(app.timeline_hashtag, "news", limit=6)]
    assert found != said[:1:-1]
    assert set(found) == set(said[2:])


async def test_no_link_headers(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.link_headers = False
    for number in range(3):
        await mastodon.person("ada").says(f"@guichet {number}")
    assert await run(app.fetch_next, await run(app.notifications, limit=2)) is None


async def test_min_id_as_since_id(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    said = [(await ada.says(f"#news {number}")).id for number in range(5)]
    mastodon.quirks.min_id = False
    found = await run(app.timeline_hashtag, "news", min_id=said[0], limit=2)
    assert [one.id for one in found] == [said[4], said[3]], "two are passed over"


async def test_no_rate_limit_headers(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.rate_limit_headers = False
    await run(app.account_verify_credentials)
    assert not app.ratelimit_lastcall
    mastodon.quirks.rate_limit_headers, mastodon.quirks.rate_limit_reset = True, "epoch"
    await run(app.account_verify_credentials)
    assert 0 < app.ratelimit_reset - mastodon.world.now().timestamp() < 301


async def test_mentions_without_ids_and_handles_with_domains(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.mention_ids, mastodon.quirks.full_acct = False, True
    said = await mastodon.person("ada").says("@guichet hello")
    found = await run(app.status, said.id)
    assert (found.mentions[0].id, found.mentions[0].acct) == ("0", "guichet@masto.example")
    assert found.account.acct == "ada@masto.example"
    assert (await run(app.account_verify_credentials)).acct == "guichet"


async def test_fields_that_are_not_there(mastodon: FakeMastodon, app: Mastodon) -> None:
    said = await mastodon.person("ada").says("@guichet #news", language="fr")
    mastodon.quirks.missing |= {"language", "edited_at", "filtered", "tags"}
    found = await run(app.status, said.id)
    assert not {"language", "edited_at", "filtered", "tags"} & {name for name, one in found.items() if one is not None}
    assert mastodon.called("GET /api/v1/statuses/{id}")[0].answer.keys() >= {"content", "mentions"}


async def test_no_second_instance(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.without.add("/api/v2/instance")
    mastodon.quirks.version, mastodon.quirks.software = "2.7.2 (compatible; Pleroma 2.6.0)", "pleroma"
    with pytest.raises(MastodonNotFoundError):
        await run(app.instance_v2)
    await run(app.retrieve_mastodon_version)
    assert (app.mastodon_major, app.mastodon_minor, app.mastodon_patch) == (2, 7, 2)
    assert (await run(app.instance)).version == "2.7.2 (compatible; Pleroma 2.6.0)"


async def test_no_first_instance_and_no_address_that_ends_in_a_slash(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.without.add("/api/v1/instance")
    with pytest.raises(MastodonNotFoundError):
        await run(app.instance_v1)
    ada = mastodon.person("ada")
    async with heard(mastodon, app.stream_user) as heard_:  # its address is that of the second one
        await ada.says("@guichet hello")
        await mastodon.until(lambda: heard_.events)
    mastodon.quirks.trailing_slash = False
    with pytest.raises(MastodonNotFoundError):
        await run(app.conversations)


async def test_no_second_media(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.without.add("/api/v2/media")
    with pytest.raises(MastodonNotFoundError):
        await run(app.media_post, b"x", "image/png")
    mastodon.faults.processing = 0.1
    with client(mastodon, mastodon_version="2.7.2") as old:
        assert (await run(old.media_post, b"x", "image/png")).url, "the first one waits until it is processed"


async def test_no_edits(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.without.add("PUT /api/v1/statuses/{id}")
    posted = await run(app.status_post, "x")
    with pytest.raises(MastodonNotFoundError):
        await run(app.status_update, posted, "y")
    assert (await run(app.status, posted)).content == "<p>x</p>"


async def test_notifications_that_outlive_their_posts(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.notifications_outlive = True
    ada = mastodon.person("ada")
    await ada.deletes(await ada.says("@guichet oh, never mind"))
    found = await run(app.notifications)
    assert [(one.type, one.get("status")) for one in found] == [("mention", None)]


async def test_without_policies_nothing_is_kept_back(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.without |= Quirks.pleroma().without
    await mastodon.person("ada").says("@guichet hello", visibility="direct")
    assert len(await run(app.notifications)) == 1
    for method in (app.notifications_policy, app.notification_requests):
        with pytest.raises(MastodonNotFoundError):
            await run(method)


async def test_another_content_type(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.quirks.content_type = "text/html; charset=utf-8"
    posted = await run(app.status_post, "é")
    assert posted.content == "<p>é</p>"
    answer = await run(app.session.get, f"{mastodon.url}/api/v1/statuses/{posted.id}")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "quirks", [Quirks.pleroma(), Quirks.gotosocial(), Quirks.misskey()], ids=lambda one: one.software
)
async def test_whole_servers_of_another_kind(quirks: Quirks) -> None:
    async with FakeMastodon(quirks=quirks).running() as mastodon:
        ada = mastodon.person("ada")
        said = await ada.says("@guichet my #printer is broken", visibility="direct")
        with client(mastodon) as app:
            assert (await run(app.account_verify_credentials)).acct == "guichet"
            mention = (await run(app.notifications, types=["mention"]))[0]
            assert mention.status.id == said.id
            posted = await run(app.status_reply, mention.status, "Is it on?", idempotency_key="k1")
            again = await run(app.status_post, "Is it on?", in_reply_to_id=said.id, idempotency_key="k1")
            assert (posted.id == again.id) == quirks.idempotency
            assert bool(app.ratelimit_lastcall) == quirks.rate_limit_headers
            app.access_token = "wrong"
            with pytest.raises(MastodonAPIError) as caught:
                await run(app.account_verify_credentials)
            assert caught.value.args[1] == quirks.unauthorised
        assert mastodon.replies(said)[0].text.endswith(" Is it on?")


async def test_the_time_is_told_or_not(mastodon: FakeMastodon) -> None:
    async with httpx.AsyncClient(base_url=mastodon.url, trust_env=False) as http:
        assert (await http.get("/api/v1/instance")).headers["date"]
        mastodon.quirks.tells_time = False
        assert "date" not in (await http.get("/api/v1/instance")).headers


async def test_files_are_where_they_are_said_to_be(mastodon: FakeMastodon, app: Mastodon) -> None:
    said = await mastodon.person("ada").says("@guichet look", files=[("a.png", b"...", "")])
    [told] = (await run(app.status, said.id)).media_attachments
    assert told.url.startswith(mastodon.url)
    mastodon.quirks.files_at = "http://10.0.0.7/a.png"
    [told] = (await run(app.status, said.id)).media_attachments
    assert told.url == "http://10.0.0.7/a.png"
