"""Who cannot be asked how it went keeps nobody else from being asked."""

from dataclasses import replace

import pytest

from bot.model.documents import Actions
from bot.model.messages import ConversationRef
from jobs import send_surveys
from tests.engine.desk import TestDesk


async def test_those_who_cannot_be_asked_now_are_passed_over(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_surveys, "PORTION", 2)
    await desk.appoint("tess")
    for number, who in enumerate(("ada", "bob", "cem", "dot", "eve"), 1):
        await desk.says("/ticket new my chair is broken", who, who=who)
        await desk.says(f"/ticket resolve T{number} glued", "desk-tess", who="tess")
        await desk.says(f"/ticket close T{number}", "desk-tess", who="tess")
        desk.clock.forward(minutes=1)
    async with desk.storage.unit_of_work() as uow:  # a human speaks there by now
        for who in ("ada", "bob", "dot"):
            place = await uow.conversations.by_ref(ConversationRef("test", "T", who))
            assert place
            uow.conversations.save(replace(place, silenced=True))
        await uow.commit()
    desk.clock.forward(hours=2)
    assert await send_surveys.send_surveys(desk.services) == 2
    await desk.settle()
    buttons = [
        one.conversation.room
        for one in desk.wire.posted
        for block in one.document.blocks
        if isinstance(block, Actions) and block.buttons[0].action == "rate"
    ]
    assert buttons == ["cem", "eve"]
    assert await send_surveys.send_surveys(desk.services) == 0
