"""What an asker hears: answers, suggestions, questions back, and when the desk is lost."""

from dataclasses import replace

import pytest

from bot.model.knowledge import Solution
from bot.model.messages import IncomingFile
from bot.model.values import AnswerKind, Audience, Intent, Language
from bot.solutions import wilson_lower
from tests.engine.desk import TestDesk

JAM = "my printer says the paper is jammed but there is none"
BOURRAGE = "mon imprimante dit qu'il y a un bourrage mais il n'y a aucun papier coincé"


@pytest.mark.parametrize(
    ("text", "language", "article"),
    [
        (JAM, Language.EN, "printer-phantom-jam.en"),
        (BOURRAGE, Language.FR, "printer-phantom-jam.fr"),
        ("the vpn wont connect from home", Language.EN, "vpn-does-not-connect.en"),
        ("mon VPN ne se connecte pas depuis la maison", Language.FR, "vpn-does-not-connect.fr"),
        ("i forgot my password", Language.EN, "password-forgotten-or-expired.en"),
        ("comment garder mon numéro en changeant d'opérateur ?", Language.FR, "keep-your-number.fr"),
    ],
)
async def test_a_question_is_answered_from_its_article_with_the_source(
    desk: TestDesk, text: str, language: Language, article: str
) -> None:
    message = await desk.asked(text)
    assert message.outcome is not None
    assert message.outcome.kind is AnswerKind.ANSWER
    assert message.outcome.language is language
    assert message.outcome.sources[0].id.endswith(article)
    assert message.outcome.sources[0].title in message.outcome.text
    assert 0 < message.outcome.confidence <= 1
    assert message.outcome.calibrated is False


async def test_the_public_gets_no_internal_article(desk: TestDesk) -> None:
    internal = await desk.asked("the vpn wont connect from home", audience=Audience.INTERNAL)
    public = await desk.asked("the vpn wont connect from home", "other", audience=Audience.PUBLIC, who="bob")
    assert internal.outcome and internal.outcome.sources[0].id.endswith("vpn-does-not-connect.en")
    assert public.outcome
    assert all("vpn-does-not-connect" not in source.id for source in public.outcome.sources)
    assert "vpn.example.org" not in public.outcome.text


async def test_no_gives_the_next_solution_and_three_noes_a_ticket_with_everything(desk: TestDesk) -> None:
    first = await desk.says(JAM)
    second = await desk.says("no")
    third = await desk.says("toujours pareil")
    assert len({first, second, third}) == 3
    opened = await desk.says("nope")
    (ticket,) = await desk.tickets()
    assert ticket.reference in opened
    assert ticket.category.startswith("hardware")
    assert ticket.opened_because == "failed_attempts"
    assert JAM in ticket.summary
    history = await desk.history()
    assert [message.text for message in history if message.author == "person"] == [JAM, "no", "toujours pareil", "nope"]
    assert sum(message.author == "bot" for message in history) == 4
    async with desk.storage.unit_of_work() as uow:
        proposals = await uow.tickets.proposals(ticket.conversation_id)
    assert [proposal.position for proposal in proposals] == [1, 2, 3]
    assert all(proposal.helped is False and proposal.ticket_id == ticket.id for proposal in proposals)


async def test_a_no_after_the_ticket_opens_no_second_one(desk: TestDesk) -> None:
    for text in (JAM, "no", "no", "no", "no", "non", "👎"):
        await desk.says(text)
    assert len(await desk.tickets()) == 1


@pytest.mark.parametrize("yes", ["yes", "ça marche !", "👍", "parfait merci", "it worked, thanks"])
async def test_a_yes_ends_the_matter_and_counts_for_the_article(desk: TestDesk, yes: str) -> None:
    await desk.says(JAM)
    await desk.says(yes)
    await desk.says("no")
    assert await desk.tickets() == []
    async with desk.storage.unit_of_work() as uow:
        rows = await uow.knowledge.articles(
            [p.article_id for p in await uow.tickets.proposals((await desk.history())[0].conversation_id)]
        )
        solutions = await uow.knowledge.solutions(list(rows))
    assert [(one.successes, one.failures) for one in solutions.values()] == [(1, 0)]


async def test_thanks_alone_is_no_verdict(desk: TestDesk) -> None:
    await desk.says(JAM)
    await desk.says("merci")
    assert await desk.says("no") != ""
    history = await desk.asked("no")
    assert history.outcome and history.outcome.kind in (AnswerKind.ANSWER, AnswerKind.TICKET)


async def test_something_out_of_scope_is_said_to_be_and_noted_as_a_gap(desk: TestDesk) -> None:
    message = await desk.asked("which wine goes best with a grilled sea bass")
    assert message.outcome and message.outcome.kind is AnswerKind.LOST
    async with desk.storage.unit_of_work() as uow:
        (gap,) = await uow.knowledge.gaps()
    assert gap.text == "which wine goes best with a grilled sea bass"
    assert gap.message_id == message.id
    await desk.says("yes please")
    (ticket,) = await desk.tickets()
    assert ticket.opened_because == "asked"


async def test_no_to_the_offer_of_a_ticket_opens_none(desk: TestDesk) -> None:
    await desk.says("which wine goes best with a grilled sea bass")
    await desk.says("no")
    assert await desk.tickets() == []


async def test_another_services_matter_is_referred_to_it(desk: TestDesk) -> None:
    message = await desk.asked("when will I receive my payslip for october")
    assert message.outcome and message.outcome.kind is AnswerKind.REFERRAL
    assert "hr@example.org" in message.outcome.text


async def test_a_vague_message_is_asked_back_and_that_is_no_failed_attempt(desk: TestDesk) -> None:
    message = await desk.asked("it doesn't work")
    assert message.outcome and message.outcome.kind is AnswerKind.CLARIFY
    answer = await desk.asked("the printer says paper jam and there is no paper")
    assert answer.outcome and answer.outcome.kind in (AnswerKind.ANSWER, AnswerKind.SUGGESTIONS)
    assert answer.outcome.category == "hardware/printers"
    async with desk.storage.unit_of_work() as uow:
        conversation = await uow.conversations.get(answer.conversation_id)
    assert conversation and conversation.matter.failed == 0


async def test_the_desk_asks_back_at_most_twice(desk: TestDesk) -> None:
    kinds = []
    for text in ("help", "it doesn't work", "help me"):
        message = await desk.asked(text)
        assert message.outcome
        kinds.append(message.outcome.kind)
    assert kinds.count(AnswerKind.CLARIFY) <= 2
    assert kinds[-1] is not AnswerKind.CLARIFY


async def test_a_clarifying_choice_is_made_by_its_button(desk: TestDesk) -> None:
    await desk.says("j'ai un problème")
    answer = await desk.clicks("clarify", "network")
    assert answer


async def test_buttons_mean_what_their_words_do(desk: TestDesk) -> None:
    await desk.says(JAM)
    assert await desk.clicks("next")
    assert await desk.clicks("human")
    (ticket,) = await desk.tickets()
    assert ticket.opened_because == "human"
    assert ticket.category == "hardware/printers"


async def test_only_the_askers_clicks_count(desk: TestDesk) -> None:
    await desk.says(JAM)
    assert "somebody else" in await desk.clicks("worked", who="mallory")
    async with desk.storage.unit_of_work() as uow:
        conversation = await uow.conversations.get((await desk.history())[0].conversation_id)
    assert conversation and conversation.matter.pending is not None


async def test_an_old_button_changes_nothing(desk: TestDesk) -> None:
    await desk.says(JAM)
    old = desk.button("worked").value
    await desk.says("no")
    await desk.clicks("worked", old)
    async with desk.storage.unit_of_work() as uow:
        assert not any(p.helped for p in await uow.tickets.proposals((await desk.history())[0].conversation_id))


async def test_a_new_question_in_the_middle_is_answered(desk: TestDesk) -> None:
    await desk.says(JAM)
    message = await desk.asked("how do i set my out of office reply in outlook")
    assert message.outcome and message.outcome.sources[0].id.endswith("automatic-reply.en")
    assert message.outcome.category == "mail"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "🙂",
        "?!",
        "\u202e\u05e9\u05dc\u05d5\u05dd",
        "a" * 4999,
        "é" * 5001,
        "\x00\x00",
        "<script>alert(1)</script>",
    ],
)
async def test_whatever_is_sent_gets_one_answer(desk: TestDesk, text: str) -> None:
    assert await desk.says(text) != ""
    assert len(desk.wire.posted) == 1


async def test_a_text_that_is_too_long_is_told_so_and_not_kept_whole(desk: TestDesk) -> None:
    message = await desk.asked("my printer " * 1_000_000)
    assert message.outcome and "5000" in message.outcome.text
    assert len(message.text) < 7000


async def test_a_pasted_password_is_nowhere_in_the_database(desk: TestDesk, tmp_path: object) -> None:
    answer = await desk.says("my password is Xk9!tulip77 and the vpn does not connect")
    assert "masked" in answer
    async with desk.storage.unit_of_work() as uow:
        conversation_id = (await desk.history())[0].conversation_id
        texts = [message.text for message in await uow.conversations.messages(conversation_id)]
    assert not any("Xk9!tulip77" in text for text in texts)
    counts = await desk.storage.counts()
    assert counts.inbox["done"] >= 1


async def test_an_edit_within_a_minute_is_answered_anew_in_place(desk: TestDesk) -> None:
    await desk.receive(desk.message("my pritner is ofline", native_id="q1"))
    (first,) = await desk.settle()
    desk.clock.forward(seconds=20)
    await desk.receive(desk.message("how do i set an out of office reply", native_id="q1", revision="2"))
    (second,) = await desk.settle()
    assert second.replaces == "p1"
    assert second.document != first.document


async def test_an_edit_after_a_minute_changes_nothing(desk: TestDesk) -> None:
    await desk.receive(desk.message(JAM, native_id="q1"))
    await desk.settle()
    desk.clock.forward(seconds=90)
    await desk.receive(desk.message("how do i set an out of office reply", native_id="q1", revision="2"))
    assert await desk.settle() == []


async def test_a_human_is_one_sentence_away(desk: TestDesk) -> None:
    message = await desk.asked("je veux parler à un humain")
    assert message.outcome and message.outcome.kind is AnswerKind.TICKET
    assert message.outcome.wants_human
    (ticket,) = await desk.tickets()
    assert ticket.priority in ("high", "urgent")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I clicked on the link in a phishing mail and typed my password", "security"),
        ("je veux résilier mon abonnement", "cancellation"),
        ("I want a refund for last month's bill", "refund"),
        ("je dépose une réclamation officielle", "complaint"),
    ],
)
async def test_what_matters_becomes_a_ticket_at_once(desk: TestDesk, text: str, reason: str) -> None:
    message = await desk.asked(text)
    (ticket,) = await desk.tickets()
    assert ticket.opened_because == reason
    assert ticket.priority in ("high", "urgent")
    assert message.outcome and message.outcome.kind is AnswerKind.TICKET
    assert message.outcome.intent in tuple(Intent)


async def test_what_worked_before_ranks_higher_and_what_did_not_lower(desk: TestDesk) -> None:
    first = await desk.asked("the wifi has no internet")
    assert first.outcome
    winner, runner_up = (source.id for source in first.outcome.sources[:2])
    async with desk.storage.unit_of_work() as uow:
        uow.knowledge.add(Solution(runner_up, "It helps.", successes=200))
        uow.knowledge.add(Solution(winner, "It does not.", failures=200))
        await uow.commit()
    again = await desk.asked("the wifi has no internet", "other", who="bob")
    assert again.outcome
    assert {source.id for source in again.outcome.sources[:2]} == {winner, runner_up}
    assert again.outcome.sources[0].id == runner_up


@pytest.mark.parametrize(("hits", "tries", "bound"), [(0, 0, 0.0), (1, 1, 0.207), (10, 10, 0.722), (5, 10, 0.237)])
def test_wilsons_lower_bound(hits: int, tries: int, bound: float) -> None:
    assert wilson_lower(hits, tries) == pytest.approx(bound, abs=0.001)


async def test_an_urgent_matter_needs_one_failed_attempt_only(desk: TestDesk) -> None:
    await desk.says("my laptop screen stays black and i have a client meeting at 9 in ten minutes")
    await desk.says("no")
    (ticket,) = await desk.tickets()
    assert ticket.deadline


async def test_a_deleted_question_withdraws_what_was_not_sent(desk: TestDesk) -> None:
    await desk.receive(desk.message(JAM, native_id="q1"))
    await desk.dispatcher.drain()
    await desk.receive(desk.deletion("q1"))
    assert await desk.settle() == []
    (message,) = [one for one in await desk.history() if one.author == "person"]
    assert message.deleted and message.text == ""


async def test_in_a_room_the_bot_answers_when_it_is_spoken_to(desk: TestDesk) -> None:
    await desk.receive(desk.message(JAM, "office", private=False))
    assert await desk.settle() == []
    assert await desk.history("office") == []
    await desk.receive(desk.message(JAM, "office", private=False, mentioned=True))
    assert len(await desk.settle()) == 1


async def test_in_its_own_thread_no_mention_is_needed_until_it_has_been_silent_for_long(desk: TestDesk) -> None:
    await desk.receive(desk.message(JAM, "office", thread="t1", private=False, mentioned=True))
    await desk.settle()
    await desk.receive(desk.message("no", "office", thread="t1", private=False))
    assert len(await desk.settle()) == 1
    desk.clock.forward(hours=2)
    await desk.receive(desk.message("so, lunch?", "office", thread="t1", private=False))
    assert await desk.settle() == []


async def test_after_a_long_silence_a_no_is_about_nothing(desk: TestDesk) -> None:
    await desk.says(JAM)
    desk.clock.forward(hours=2)
    message = await desk.asked("no")
    assert message.outcome and message.outcome.kind is AnswerKind.CHAT


async def test_the_steps_of_a_message_are_recorded_in_order(desk: TestDesk) -> None:
    message = await desk.asked(JAM)
    async with desk.storage.unit_of_work() as uow:
        steps = await uow.conversations.steps(message.id)
    assert [step.step for step in steps] == [
        "receive",
        "identify",
        "understand",
        "decide",
        "retrieve",
        "answer",
        "send",
    ]
    assert all(step.ms >= 0 for step in steps)
    recorded = str([step.detail for step in steps])
    assert "jammed" not in recorded, "details hold no text of the person"


async def test_the_files_of_every_message_are_kept_with_it(desk: TestDesk) -> None:
    screenshot = IncomingFile("f1", "screen.png", "image/png", 1234)
    await desk.receive(replace(desk.message(JAM), files=(screenshot,)))
    await desk.settle()
    (message,) = [one for one in await desk.history() if one.author == "person"]
    async with desk.storage.unit_of_work() as uow:
        (kept,) = await uow.tickets.attachments(message.id)
    assert (kept.native_id, kept.name, kept.media_type, kept.size) == ("f1", "screen.png", "image/png", 1234)


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("E-50 on LC-750", "printer-fuser-error.en"),
        ("ma LX-420 affiche 50.03", "printer-fuser-error.fr"),
        ("error e50", "printer-fuser-error.en"),
        ("code 41.02", "printer-tray-not-detected.en"),
    ],
)
async def test_an_error_code_alone_leads_to_the_article_that_names_it(desk: TestDesk, text: str, article: str) -> None:
    message = await desk.asked(text)
    assert message.outcome and message.outcome.kind is AnswerKind.ANSWER
    assert message.outcome.sources[0].id.endswith(article)
