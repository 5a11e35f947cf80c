"""Nobody is on duty: the lead is told directly, and by e-mail where there is a mail server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.email.adapter import EmailAdapter
from adapters.email.smtp import SmtpMailer
from bot.engine.delivery import Deliverer
from bot.engine.services import Policy
from bot.engine.working import working
from bot.model.messages import ConversationRef
from bot.model.values import OutboxState, Role
from bot.ports.adapters import ChatAdapter
from bot.tickets.duty import alert_leads
from bot.web_settings import SmtpServer
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import LEASE, TestDesk, make_desk
from tests.fakes.mail import Mailbox, mail_server

FROM = "desk@example.org"
LEA = "lea@example.org"


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mail_server() as box:
        yield box


@pytest.fixture
async def mailing(sampled: tuple[SqlStorage, Reader], box: Mailbox) -> TestDesk:
    """A desk with a mail server, a technician, and a lead whose address is known."""
    storage, index = sampled
    desk = make_desk(storage, HybridRetriever(index), policy=Policy(mail=FROM))
    mailer = SmtpMailer(SmtpServer.parse(f"smtp://127.0.0.1:{box.port}"), FROM)
    adapters: list[ChatAdapter] = [desk.wire, EmailAdapter(mailer, lambda language: "guichet")]
    desk.deliverer = Deliverer(storage, adapters, "test", lease=LEASE, clock=lambda: datetime.now(UTC))
    await desk.appoint("tess")
    await desk.appoint("lea", Role.LEAD)
    async with storage.unit_of_work() as uow:
        [lea] = [one for one in await uow.people.technicians() if one.role is Role.LEAD]
        person = await uow.people.person(lea.person_id)
        assert person
        uow.people.save(replace(person, email=LEA))
        await uow.commit()
    return desk


async def duty(desk: TestDesk, *commands: str) -> None:
    for command in commands:
        await desk.says(f"/desk {command}", "desk-tess", who="tess")


async def test_the_lead_hears_directly_and_by_mail_once(mailing: TestDesk, box: Mailbox) -> None:
    await duty(mailing, "on", "off")
    await mailing.says("/ticket new my chair is broken")
    assert [one for one in mailing.posts("desk-lea") if "Nobody is on duty, and T1 waits" in one]
    [mail] = box.mails
    assert mail["To"] == LEA and mail["From"] == FROM
    assert mail["Subject"].startswith("Nobody is on duty, and T1 waits: ")
    body = mail.get_body(("plain",))
    assert body is not None and "chair is broken" in body.get_content()


async def test_what_is_done_twice_is_mailed_once(mailing: TestDesk, box: Mailbox) -> None:
    await duty(mailing, "on", "off")
    await mailing.says("/ticket new my chair is broken")
    [ticket] = await mailing.tickets()
    for _ in range(2):
        async with working(mailing.services, f"alone:{ticket.id}") as work:
            await alert_leads(work, ticket)
    await mailing.settle()
    assert len(box.mails) == 2, "the opening, and the job of that key"


async def test_where_duty_was_never_used_nobody_is_mailed(mailing: TestDesk, box: Mailbox) -> None:
    await mailing.says("/ticket new my chair is broken")
    assert mailing.posts("desk-lea") == [] and box.mails == [] and box.calls == 0


async def test_while_somebody_is_there_nobody_is_mailed(mailing: TestDesk, box: Mailbox) -> None:
    await duty(mailing, "on")
    await mailing.says("/ticket new my chair is broken")
    assert mailing.posts("desk-lea") == [] and box.mails == []


async def test_a_lead_without_an_address_is_told_directly_alone(mailing: TestDesk, box: Mailbox) -> None:
    async with mailing.storage.unit_of_work() as uow:
        [lea] = [one for one in await uow.people.technicians() if one.role is Role.LEAD]
        person = await uow.people.person(lea.person_id)
        assert person
        uow.people.save(replace(person, email=None))
        await uow.commit()
    await duty(mailing, "on", "off")
    await mailing.says("/ticket new my chair is broken")
    assert mailing.posts("desk-lea") and box.mails == []


async def test_a_mail_that_the_server_does_not_take_now_is_sent_later(mailing: TestDesk, box: Mailbox) -> None:
    await duty(mailing, "on", "off")
    box.answers["RCPT"] = "421 4.3.2 closing"
    await mailing.says("/ticket new my chair is broken")
    assert box.mails == []
    box.answers.clear()
    [row] = await mailing.storage.outbox.of_conversation(ConversationRef("email", FROM, LEA))
    assert row.state is OutboxState.PENDING and row.attempt == 1
    async with asyncio.timeout(5):
        while not box.mails:
            await mailing.settle()
            await asyncio.sleep(0.1)
