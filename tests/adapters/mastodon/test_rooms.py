"""What is kept of direct messages with somebody, as a room."""

from bot.model.messages import IncomingMessage
from tests.adapters.mastodon.writing import Desk
from tests.fakes.mastodon import Seen, Status

LONG = " ".join(f"word{number}" for number in range(150))


async def test_who_replies_to_any_part_of_what_the_desk_said_replies_to_the_whole_of_it(desk: Desk) -> None:
    desk.mastodon.accepts()
    ada = desk.mastodon.person("ada")
    await desk.adapter.poll(desk.store)
    first = await desk.adapter.send(desk.direct(ada, LONG))
    parts = desk.mastodon.posts()
    assert len(parts) == 3 and parts[0].id == first
    own = await ada.says("@guichet hello", visibility="direct")
    said: list[Status | Seen] = [*parts, own]
    for above in said:
        await ada.says("@guichet 1", to=above, visibility="direct")
    await desk.adapter.poll(desk.store)
    heard = {one.answers for one in desk.store.events if isinstance(one, IncomingMessage) and one.text == "1"}
    assert heard == {first, own.id}
