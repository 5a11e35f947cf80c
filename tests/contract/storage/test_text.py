"""Text that people really send, and text that nobody should."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.conversations import Conversation, Message, ProcessingStep
from bot.model.messages import ConversationRef, Identity, IncomingMessage, MessageKey
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, article, delivery, document, room, said

HOSTILE = {
    "nul": ("a\x00b", "a\ufffdb"),
    "lone surrogate": ("a\ud83db", "a\ufffdb"),
    "emoji": ("👩‍👩‍👧‍👦 ✅", "👩‍👩‍👧‍👦 ✅"),
    "right to left": ("‮מחשב \u200fשבור", "‮מחשב \u200fשבור"),
    "quotes": ("'); DROP TABLE inbox; --", "'); DROP TABLE inbox; --"),
    "percent": ("100% :name %(x)s ? \\", "100% :name %(x)s ? \\"),
    "escape spelt out": ("\\u0000 \\x00", "\\u0000 \\x00"),
    "controls": ("\x1f\x01\t\r\n\x7f\x85\u2028", "\x1f\x01\t\r\n\x7f\x85\u2028"),
    "long": ("é" * 1_000_000, "é" * 1_000_000),
    "empty": ("", ""),
}
LEASE = timedelta(minutes=1)


@pytest.mark.parametrize(("text", "kept"), HOSTILE.values(), ids=HOSTILE)
async def test_hostile_text_is_kept_wherever_it_stands(storage: Storage, text: str, kept: str) -> None:
    conversation = Conversation(room())
    message = Message(conversation.id, "person", text, AT, document=document(text))
    step = ProcessingStep(message.id, 0, "receive", "ok", 0.0, {"x": [text], text: 1})
    async with storage.unit_of_work() as work:
        work.conversations.add(conversation)
        work.conversations.add(message)
        work.conversations.add_steps([step])
        work.knowledge.put(article("a", title=text, body=text, keywords=(text,)))
        work.outbox.add(delivery("k", text=text))
        await work.commit()
        found = await work.conversations.message(message.id)
        assert found is not None and found.document is not None
        assert (found.text, found.document) == (kept, document(kept))
        assert (await work.conversations.steps(message.id))[0].detail == {"x": [kept], kept: 1}
        known = await work.knowledge.article("a")
        assert known is not None and (known.title, known.body, known.keywords) == (kept, kept, (kept,))
    await storage.inbox.receive(said(text, "1"))
    [row] = await storage.inbox.claim("me", LEASE)
    assert isinstance(row.event, IncomingMessage) and row.event.text == kept
    [out] = await storage.outbox.claim("me", LEASE, [("slack", "T1")])
    assert out.document == document(kept)


@pytest.mark.parametrize(("text", "kept"), HOSTILE.values(), ids=HOSTILE)
async def test_hostile_names_find_again_what_they_name(storage: Storage, text: str, kept: str) -> None:
    ref = ConversationRef("slack", "T1", text, text)
    conversation = Conversation(ref)
    message = IncomingMessage(MessageKey("slack", "T1", "message", text), ref, Identity("slack", "T1", text), "x", AT)
    async with storage.unit_of_work() as work:
        work.conversations.add(conversation)
        work.outbox.add(delivery(text, ref))
        work.outbox.add(delivery(text, ref))
        await work.commit()
        found = await work.conversations.by_ref(ref)
        assert found is not None and (found.id, found.ref.room) == (conversation.id, kept)
    assert await storage.inbox.receive(message) == 1
    assert await storage.inbox.receive(message) == 0
    assert len(await storage.outbox.of_conversation(ref)) == 1
    [row] = await storage.inbox.claim("me", LEASE)
    async with storage.unit_of_work() as work:
        work.inbox.done(row)
        await work.commit()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None)), key=st.text(st.characters(codec=None)))
async def test_any_text_can_be_stored(storage: Storage, text: str, key: str) -> None:
    conversation = Conversation(ConversationRef("x", "y", key, str(Conversation(room()).id)))
    message = Message(conversation.id, "person", text, AT)
    async with storage.unit_of_work() as work:
        work.conversations.add(conversation)
        work.conversations.add(message)
        work.conversations.add_steps([ProcessingStep(message.id, 0, "receive", "ok", 0.0, {key: text})])
        await work.commit()
        found = await work.conversations.message(message.id)
        [step] = await work.conversations.steps(message.id)
    cleaned = "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)
    assert found is not None and found.text == cleaned
    assert list(step.detail.values()) == [cleaned]
