"""In public a ticket is answered under the posts that it came of: its own, or those of others that became part of it;
and the preview says in how many posts."""

from dataclasses import replace

from bot.model.ledger import Cursor
from bot.model.messages import Identity, IncomingDeletion, MessageKey
from bot.model.public import PublicPost
from bot.public.limits import PostLimits, limits_name
from bot.public.splitting import Counting
from tests.engine.desk import TestDesk
from tests.public.test_reply_public import REPLY, ROOM, THREAD, WORDS, desk, later, public, published

__all__ = ["desk"]


async def another(desk: TestDesk, who: str, number: int, *, seconds: int = 60) -> PublicPost:
    """A ticket that came of a post of somebody's."""
    desk.clock.forward(seconds=seconds)
    await desk.says("/ticket new their parcel", who, who=who)
    native_id, handle = f"s{number}", f"{who}@example.social"
    link = f"https://example.social/@{who}/{native_id}"
    return await published(
        desk, number, native_id=native_id, handle=handle, seen_at=desk.clock(), token=native_id, link=link
    )


async def test_a_merged_ticket_is_answered_under_the_post_that_its_part_came_of(desk: TestDesk) -> None:
    await desk.says("/ticket new the parcel once more", "ada", private=True)
    await desk.says("/ticket merge T1 T2", ROOM, who="tess")
    said = await desk.says(f"/ticket reply T2 public {WORDS}", ROOM, who="tess")
    assert f"@ada@example.social {WORDS}" in said
    await desk.clicks("public_send", room=ROOM, who="tess")
    await later(desk)
    (out,) = public(desk)
    assert out.public is not None and out.public.post == "s1"
    assert (await desk.tickets())[1].first_reply_at is not None, "the one that is worked on"


async def test_deleted_before_it_goes_out_the_merged_ticket_is_answered_no_more(desk: TestDesk) -> None:
    await desk.says("/ticket new the parcel once more", "ada", private=True)
    await desk.says("/ticket merge T1 T2", ROOM, who="tess")
    await desk.says(f"/ticket reply T2 public {WORDS}", ROOM, who="tess")
    await desk.clicks("public_send", room=ROOM, who="tess")
    assert (await desk.tickets())[1].first_reply_at is not None
    author = Identity("test", "T", "ada", name="Ada")
    gone = MessageKey("test", "T", "deletion", "s1")
    await desk.receive(IncomingDeletion(gone, THREAD, author, message="s1", sent_at=desk.clock()))
    await desk.settle()
    assert (await desk.tickets())[1].first_reply_at is None
    assert [one for one in desk.posts("desk") if "T2" in one and "was not published" in one]
    await later(desk)
    assert not public(desk)


async def test_of_several_posts_one_is_answered_by_the_name_of_its_author(desk: TestDesk) -> None:
    """Of tickets that are one by now; each of a chain."""
    await another(desk, "bob", 2)
    await another(desk, "eve", 3)
    await desk.says("/ticket merge T1 T2", ROOM, who="tess")
    await desk.says("/ticket merge T2 T3", ROOM, who="tess")
    said = await desk.says(f"/ticket reply T3 public {WORDS}", ROOM, who="tess")
    assert f"@eve@example.social {WORDS}" in said, "its own first"
    assert "Others asked in public too: @ada@example.social, @bob@example.social" in said
    said = await desk.says(f"/ticket reply T3 public @ada, {WORDS}", ROOM, who="tess")
    assert f"@ada@example.social {WORDS}" in said and "@ada@example.social, We" not in said
    await desk.clicks("public_send", room=ROOM, who="tess")
    await later(desk)
    (out,) = public(desk)
    assert out.public is not None and (out.public.post, out.public.handle) == ("s1", "ada@example.social")
    assert out.document.text == WORDS


async def test_no_other_post_is_answered_than_the_one_it_was_shown_for(desk: TestDesk) -> None:
    first = await another(desk, "bob", 2)
    await desk.says("/ticket merge T1 T2", ROOM, who="tess")
    await desk.says(f"/ticket reply T2 public {WORDS}", ROOM, who="tess")
    async with desk.storage.unit_of_work() as uow:
        post = await uow.public.get(first.id)
        assert post
        uow.public.save(replace(post, state="withdrawn", text=""))
        await uow.commit()
    assert "taken back by its author" in await desk.clicks("public_send", room=ROOM, who="tess")
    await later(desk)
    assert not public(desk)


async def test_what_was_noted_on_a_part_and_its_askers_name_are_not_published(desk: TestDesk) -> None:
    await desk.says("/ticket note T1 the carrier lost the pallet at gate seven on Friday", ROOM, who="tess")
    await another(desk, "bob", 2)
    await desk.says("/ticket merge T1 T2", ROOM, who="tess")
    for words, said in (("The carrier lost the pallet at gate seven", "internal note"), ("Ada knows", "Ada")):
        answer = await desk.says(f"/ticket reply T2 public {words}", ROOM, who="tess")
        assert "Not shown to anybody" in answer and said in answer


async def test_in_how_many_posts_it_goes_out_is_said_before(desk: TestDesk) -> None:
    assert "goes out in" not in await desk.says(REPLY, ROOM, who="tess")
    words = " ".join(["It comes on Monday."] * 30)
    said = await desk.says(f"/ticket reply T1 public {words}", ROOM, who="tess")
    assert "too long for one post (500 characters): it goes out in 2" in said
    async with desk.storage.unit_of_work() as uow:
        kept = PostLimits(200, Counting(23), names_alone=True).written()
        uow.cursors.save(Cursor(limits_name("test", "T"), kept))
        await uow.commit()
    said = await desk.says(f"/ticket reply T1 public {words}", ROOM, who="tess")
    assert "(200 characters): it goes out in 4" in said
