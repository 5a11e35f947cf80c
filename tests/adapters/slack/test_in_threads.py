"""Slack runs no slash commands in threads: what is to be typed there is said as it can be."""

import pytest

from adapters.slack.ids import channel_room
from adapters.slack.in_threads import in_thread
from bot.model.documents import Actions, Button, Document, Fields, Paragraph, Steps, plain
from bot.model.ledger import Delivery
from bot.model.values import Language, Visibility
from bot.texts import Texts, code
from tests.adapters.slack.hearing import listening
from tests.fakes.slack import FakeSlack


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("To close it: `/ticket resolve T1 …`", "To close it: `!resolve T1 …`"),
        (
            "`/kb review` lists what waits, `/desk who` who is there",
            "`!kb review` lists what waits, `!desk who` who is there",
        ),
        ("`/kb approve 3f, or /kb approve INT-1`", "`!kb approve 3f, or !kb approve INT-1`"),
        ("`/ticket prendre T1`", "`!prendre T1`"),
        ("see /ticket list", "see /ticket list"),
        ("`https://example.org/ticket list`", "`https://example.org/ticket list`"),
        (plain("what does `/ticket list` do?"), plain("what does `/ticket list` do?")),
    ],
)
def test_a_command_that_is_code(said: str, typed: str) -> None:
    buttons = Actions((Button("ticket_list", "`/ticket list`", "/ticket list"),))
    document = Document((Paragraph(said), Steps((said,)), Fields(((said, said),), title="T1"), buttons))
    expected = (Paragraph(typed), Steps((typed,)), Fields(((typed, typed),), title="T1"), buttons)
    assert in_thread(document).blocks == expected


@pytest.mark.parametrize("language", list(Language))
def test_every_command_of_the_help(language: Language) -> None:
    texts = Texts.load()
    assert in_thread(Document((Paragraph(texts.typed("kb.review", language, "INT-1")),))).text.startswith("!kb re")
    assert code("a ` b") == "a \\` b"


async def test_what_stands_in_a_thread_and_what_stands_above_it() -> None:
    async with FakeSlack().running() as slack:
        grace = slack.person("Grace Hopper")
        desk = slack.channel("it-desk", [grace])
        top = channel_room(slack.team.id, desk.id)
        line = Document((Paragraph("To take it: `/ticket claim T1`"),))
        async with listening(slack, desk=desk.id) as front:
            card = await front.adapter.send(Delivery(top, line, "card"))
            under = channel_room(slack.team.id, desk.id, card.partition(":")[2])
            answer = await front.adapter.send(Delivery(under, line, "answer"))
            await front.adapter.send(Delivery(under, line, "edit", replaces=answer))
            alone = Delivery(under, line, "alone", visibility=Visibility.ONLY_ASKER, recipient=grace.id)
            await front.adapter.send(alone)
        said = [one.text for one in slack.everything(desk)]
        assert "/ticket claim T1" in said[0]
        assert len(said) == 3 and all("`!claim T1`" in one for one in said[1:])
