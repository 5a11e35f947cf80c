"""What is not as Slack documents it harms nobody: one line in the log without a word of it, and the next is heard."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from adapters.slack.views import SUBMITTED
from tests.adapters.slack.hearing import Front, listening
from tests.fakes.slack import FakeSlack

TS = "1700000000.000100"
FAR = "999999999999.000000"  # no date
SECRET = "my secret"
JUNK: tuple[Any, ...] = (None, True, -1, 1e300, 10**400, "", "\x00", "\ud800", FAR, "9" * 50, [], {}, [1], {"a": 1})
Json = dict[str, Any]
MESSAGE: Json = {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": SECRET, "ts": TS}
REACTION: Json = {"type": "reaction_added", "user": "U1", "reaction": "ticket", "event_ts": TS,
            "item": {"type": "message", "channel": "C1", "ts": TS}}  # fmt: skip
DELETION: Json = {
    **MESSAGE,
    "subtype": "message_deleted",
    "deleted_ts": TS,
    "event_ts": TS,
    "previous_message": MESSAGE,
}
PRESS: Json = {"type": "block_actions", "user": {"id": "U1"}, "trigger_id": "1.2", "channel": {"id": "C1"},
         "container": {"type": "message", "message_ts": TS, "channel_id": "C1"}, "message": MESSAGE,
         "team": {"id": "T1"}, "actions": [{"action_id": "worked:0", "value": SECRET, "action_ts": TS}]}  # fmt: skip


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with FakeSlack().running() as slack, listening(slack) as open_front:
        yield open_front


def events() -> Iterator[Json]:
    for whole in (MESSAGE, REACTION, DELETION):
        yield from ({**whole, field: junk} for field in whole if field != "type" for junk in JUNK)
    yield from ({**REACTION, "item": {**REACTION["item"], "ts": junk}} for junk in JUNK)
    yield from ({"type": "tokens_revoked", "tokens": junk} for junk in JUNK)


def forms() -> Iterator[Json]:
    for kept in ({"about": "x"}, {"about": "C1:abc"}, {"about": f"C1:{FAR}"}, {"about": f"C1:{TS}", "root": "q"}):
        metadata = json.dumps({"form": "ticket_new", "room": "U1", **kept})
        view = {"id": "V1", "type": "modal", "callback_id": SUBMITTED, "private_metadata": metadata}
        yield {"type": "view_submission", "user": {"id": "U1"}, "view": view}


def presses() -> Iterator[Json]:
    yield from ({**PRESS, field: junk} for field in PRESS if field != "type" for junk in JUNK)
    (action,) = PRESS["actions"]
    yield from ({**PRESS, "actions": [{**action, field: junk}]} for field in action for junk in JUNK)


async def test_whatever_stands_in_a_field_the_next_message_is_heard(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    slack = front.slack
    bodies = [
        *(("events_api", {"type": "event_callback", "team_id": slack.team.id, "event": one}) for one in events()),
        *(("interactive", one) for one in (*presses(), *forms())),
    ]
    sent = [slack.deliveries.carrier.start(kind, body, 0, "") for kind, body in bodies]
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "hello?")
    await slack.until(lambda: "hello?" in front.store.texts)
    await asyncio.sleep(0.1)
    for waiting in sent:
        waiting.cancel()
    await asyncio.gather(*sent, return_exceptions=True)
    assert [one for one in caplog.records if one.exc_info] == []
    assert SECRET not in "".join(one.getMessage() for one in caplog.records)
