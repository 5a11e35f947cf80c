"""A yes or a no after a ticket was opened means something, and what was offered stays in the history."""

import pytest

from bot.model.values import TicketStatus
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"


@pytest.fixture
async def opened(desk: TestDesk) -> TestDesk:
    for text in (JAM, "no", "no", "no"):
        await desk.says(text)
    assert len(await desk.tickets()) == 1
    return desk


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no", "nothing more is needed"),
        ("no thanks", "nothing more is needed"),
        ("yes", "what would you like to add"),
        ("yes please", "what would you like to add"),
        ("that did the trick", "Is T1 settled"),
        ("it still does not work", "added to T1"),
    ],
)
async def test_each_is_answered_in_its_own_way(opened: TestDesk, text: str, said: str) -> None:
    assert said in await opened.says(text)
    (ticket,) = await opened.tickets()
    assert ticket.status is TicketStatus.OPEN


@pytest.mark.parametrize(
    ("text", "said"), [("non merci", "rien d’autre"), ("oui", "que voulez-vous ajouter"), ("ça marche", "réglé")]
)
async def test_in_french_too(desk: TestDesk, text: str, said: str) -> None:
    await desk.says("je veux parler à un humain, mon imprimante est cassée")
    assert said in await desk.says(text)


async def test_settled_by_itself_is_one_press_away(opened: TestDesk) -> None:
    await opened.says("that did the trick")
    assert "closed" in await opened.clicks("settled")
    (ticket,) = await opened.tickets()
    assert ticket.status is TicketStatus.CLOSED


async def test_what_was_offered_and_not_chosen_stays_in_the_history(desk: TestDesk) -> None:
    await desk.says("it does not work")
    await desk.says("1")
    said = "\n".join(message.text for message in await desk.history())
    assert all(name in said for name in ("Printers", "Network and internet"))
