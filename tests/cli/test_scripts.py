"""What scripts rely on: keys, values and exit statuses."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_desk
from bot.errors import AlreadyRunning, BackupError, InvalidInput
from bot.model.tickets import Proposal
from bot.model.values import AnswerKind, Intent, Language, Sentiment, Urgency
from bot.ownership import HomeLock
from bot.settings import load_settings
from tests.cli.conftest import Run

JAM = "my printer says the paper is jammed but there is none"
KEYS = [
    *("kind", "text", "confidence", "calibrated", "sources", "language", "intent", "category", "urgency", "sentiment"),
    *("complaint", "wants_human", "entities", "ticket", "message", "ms"),
]

Json = Callable[..., Any]


def test_ask_prints_what_was_promised(json_of: Json) -> None:
    answer = json_of("ask", JAM, "--json")
    assert list(answer) == KEYS
    assert answer["kind"] == "answer"
    assert answer["language"] == "en"
    assert answer["category"] == "hardware/printers"
    assert 0 <= answer["confidence"] <= 1
    assert answer["sources"][0].keys() == {"id", "title", "score"}
    scores = [source["score"] for source in answer["sources"]]
    assert scores[0] == max(scores)
    assert answer["kind"] in tuple(AnswerKind) and answer["intent"] in tuple(Intent)
    assert answer["urgency"] in tuple(Urgency) and answer["sentiment"] in tuple(Sentiment)
    assert answer["ticket"] is None


def test_ask_takes_language_and_audience(json_of: Json) -> None:
    answer = json_of("ask", "VPN", "--lang", "fr", "--audience", "public", "--json")
    assert answer["language"] == "fr"
    assert not any("vpn-does-not-connect" in source["id"] for source in answer["sources"])


def test_ask_without_json_prints_the_answer_alone(run: Run) -> None:
    result = run("ask", JAM)
    assert "Open the rear cover" in result.stdout
    assert "{" not in result.stdout


def test_a_file_of_questions_is_answered_line_by_line_in_order(run: Run, tmp_path: Path) -> None:
    questions = [
        {"text": JAM},
        {"text": "je veux parler à un humain", "lang": "fr"},
        {"text": "the vpn wont connect from home", "audience": "public"},
        {"text": "no"},
        {"text": "mot de passe oublié"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, questions)) + "\n\n", encoding="utf-8")
    result = run("ask", "--file", str(file), "--json")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == len(questions)
    assert [answer["language"] for answer in answers[:2]] == ["en", "fr"]
    assert answers[1]["kind"] == "ticket" and answers[1]["ticket"] == "T1"
    assert not any("vpn-does-not-connect" in source["id"] for source in answers[2]["sources"])
    assert answers[3]["kind"] == "chat", "each line is a conversation of its own"
    assert answers[4]["sources"][0]["id"].endswith("password-forgotten-or-expired.fr")


def test_what_the_public_posts_is_told_by_what_was_learnt_from_posts(run: Run, tmp_path: Path) -> None:
    text = "still waiting for the engineer you promised on Monday, nobody rang"
    posts = [
        {"text": text, "audience": "public"},
        {"text": f"@acme {text}"},  # names an account, and nobody says whose it is
        {"text": f"@acme {text}", "audience": "internal"},
        {"text": text},
        {"text": "@acme do you open on Sundays?", "audience": "public"},
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(map(json.dumps, posts)), encoding="utf-8")
    answers = [json.loads(line) for line in run("ask", "--file", str(file), "--json").stdout.splitlines()]
    assert [answer["complaint"] for answer in answers] == [True, True, False, False, False]
    assert list(answers[0]) == KEYS


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "line 2"),
        ('{"lang": "fr"}', "line 2: text"),
        ('{"text": 1}', "line 2: text"),
        ('{"text": "a", "lang": "xx"}', "line 2: lang"),
        ("[]", "line 2"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_asked(run: Run, tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"text": JAM}) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=says):
        run("ask", "--file", str(file), "--json")


def test_ask_wants_a_question_or_a_file(run: Run) -> None:
    with pytest.raises(InvalidInput):
        run("ask")


def test_the_message_of_an_answer_can_be_traced(json_of: Json, run: Run) -> None:
    message = json_of("ask", JAM, "--json")["message"]
    story = run("trace", message, "--lang", "en").stdout
    for part in (JAM, "Received", "language en", "printer-phantom-jam.en", "Answered with the article", "Delivered"):
        assert part in story
    assert "Compris" in run("trace", message, "--lang", "fr").stdout


@pytest.mark.parametrize("reference", ["nonsense", "0198c5d2-0000-7000-8000-000000000000"])
def test_an_unknown_message_cannot_be_traced(run: Run, reference: str) -> None:
    with pytest.raises(InvalidInput, match=reference[:8]):
        run("trace", reference)


def test_tickets_are_listed_and_shown_as_json(json_of: Json) -> None:
    assert json_of("ticket", "list", "--json") == []
    json_of("ask", "I want to talk to a human, my screen stays black", "--json")
    (row,) = json_of("ticket", "list", "--json")
    assert list(row) == ["reference", "status", "priority", "category", "title", "asker", "assignee", "created_at"]
    assert (row["reference"], row["status"], row["assignee"]) == ("T1", "open", None)
    shown = json_of("ticket", "show", "T1", "--json")
    assert shown["history"][0]["text"] == "I want to talk to a human, my screen stays black"
    assert [event["kind"] for event in shown["events"]] == ["opened"]
    assert json_of("ticket", "list", "--status", "closed", "--json") == []


def test_what_was_tried_is_shown_in_the_order_of_trying(json_of: Json, home: Path) -> None:
    json_of("ask", "I want to talk to a human, my screen stays black", "--json")

    async def propose() -> list[str]:
        async with open_desk(load_settings()) as desk, desk.storage.unit_of_work() as uow:
            ticket = await uow.tickets.by_number(1)
            assert ticket is not None
            (message, *_) = await uow.conversations.messages(ticket.conversation_id)
            first, *others = sorted(await uow.knowledge.catalogue())[:4]
            order = [*reversed(others), first]
            for position, id in enumerate([*order, order[0]], 1):
                uow.tickets.add(Proposal(ticket.conversation_id, message.id, id, position, message.sent_at))
            await uow.commit()
            return order

    order = asyncio.run(propose())
    assert order != sorted(order)
    assert [tried["id"] for tried in json_of("ticket", "show", "T1", "--json")["tried"]] == order


@pytest.mark.parametrize("reference", ["T99", "x", "T"])
def test_an_unknown_ticket_is_said_to_be(run: Run, reference: str) -> None:
    with pytest.raises(InvalidInput, match=reference):
        run("ticket", "show", reference)


def test_technicians_are_added_listed_and_disabled(run: Run) -> None:
    run("technician", "add", "--platform", "console", "--account", "local", "--user", "tess", "--role", "admin")
    listed = run("technician", "list").stdout
    assert "TECH-001" in listed and "admin" in listed and "tess" in listed
    run("technician", "disable", "tech-001")
    assert "(disabled)" in run("technician", "list").stdout
    with pytest.raises(InvalidInput):
        run("technician", "disable", "TECH-999")


def test_a_folder_is_synchronised_and_what_changed_is_found(run: Run, json_of: Json, tmp_path: Path) -> None:
    folder = tmp_path / "articles" / "03-Network"
    folder.mkdir(parents=True)
    article = folder / "proxy.en.md"
    article.write_text("---\ntitle: Zebra proxy settings\n---\nSet the zebra proxy to auto.\n", encoding="utf-8")
    (folder / "broken.md").write_text("---\ntitle: [\n---\nx\n", encoding="utf-8")
    first = run("kb", "sync", str(folder.parent))
    assert "1 added" in first.stdout and "1 not used" in first.stdout and "broken.md" in first.stderr
    found = json_of("kb", "search", "zebra proxy", "--json")
    assert found["hits"][0]["title"] == "Zebra proxy settings"
    assert json_of("kb", "search", "zebra proxy", "--audience", "public", "--json")["hits"][:1] != found["hits"][:1]
    article.unlink()
    (folder / "other.en.md").write_text("# Giraffe\nHello giraffe.\n", encoding="utf-8")
    second = run("kb", "sync", str(folder.parent))
    assert "1 added" in second.stdout and "1 removed" in second.stdout
    hits = json_of("kb", "search", "zebra proxy", "--json")["hits"]
    assert all(hit["title"] != "Zebra proxy settings" for hit in hits)


def test_retrieval_is_measured(json_of: Json, tmp_path: Path) -> None:
    base, queries = tmp_path / "kb.jsonl", tmp_path / "queries.jsonl"
    rows = [
        {"id": "a", "lang": "en", "question": "How do I reset my password?", "answer": "Open the portal."},
        {"id": "b", "lang": "fr", "question": "Comment imprimer en couleur ?", "answer": "Choisissez Couleur."},
    ]
    asked: list[dict[str, Any]] = [
        {"query": "reset password", "relevant": ["a"]},
        {"query": "imprimer couleur", "relevant": ["b"]},
        {"query": "weather on mars", "relevant": []},
    ]
    base.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    queries.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    figures = json_of("kb", "eval", "--kb", str(base), "--queries", str(queries), "--json")
    assert figures["ndcg10"] == figures["recall1"] == figures["recall5"] == figures["mrr10"] == 1
    assert figures["auroc"] == 1
    assert {"p50_ms", "p95_ms", "coverage", "false_answer_rate"} <= figures.keys()


def test_searching_beside_a_running_desk_says_who_has_the_index(run: Run, home: Path) -> None:
    lock = HomeLock(home)
    assert lock.acquire("run")
    try:
        with pytest.raises(AlreadyRunning, match="guichet run"):
            run("kb", "search", "vpn")
        assert "in use by guichet run" in run("doctor").stdout
    finally:
        lock.release()


def test_a_backup_goes_back_and_overwrites_only_with_yes(run: Run, json_of: Json, tmp_path: Path) -> None:
    json_of("ask", "I want to talk to a human", "--json")
    file = tmp_path / "desk.backup"
    assert str(file) in run("db", "backup", str(file)).stdout
    json_of("ask", "I want to talk to a human", "--json")
    assert len(json_of("ticket", "list", "--json")) == 2
    with pytest.raises(BackupError, match="--yes"):
        run("db", "restore", str(file))
    assert len(json_of("ticket", "list", "--json")) == 2
    run("db", "restore", str(file), "--yes")
    assert len(json_of("ticket", "list", "--json")) == 1
    assert "up to date" in run("db", "upgrade").stdout


def test_a_backup_replaces_a_file_only_with_yes_and_wants_a_folder_that_exists(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "desk.backup"
    file.write_text("precious")
    with pytest.raises(InvalidInput, match=r"desk\.backup exists already.*--yes"):
        run("db", "backup", str(file))
    assert file.read_text() == "precious"
    run("db", "backup", str(file), "--yes")
    assert file.read_bytes()[:4] == b"\x28\xb5\x2f\xfd", "zstandard"
    with pytest.raises(InvalidInput, match="missing is not a folder"):
        run("db", "backup", str(tmp_path / "missing" / "desk.backup"))
    assert not (tmp_path / "missing").exists()


def test_every_command_has_help(run: Run) -> None:
    for arguments in (
        [],
        ["ask"],
        ["kb"],
        ["kb", "sync"],
        ["kb", "list"],
        ["kb", "remove"],
        ["ticket"],
        ["db"],
        ["doctor"],
        ["trace"],
        ["run"],
        ["chat"],
    ):
        result = run(*arguments, "--help")
        assert result.exit_code == 0
        assert "Usage: guichet" in result.stdout


def test_languages_are_the_two_that_the_desk_speaks() -> None:
    assert [*Language] == ["fr", "en"]
