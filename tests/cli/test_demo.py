"""The demonstration comes and goes without a trace, whatever was there, happened meanwhile, or ended in the middle."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.app import SAMPLES, SAMPLES_ORIGIN
from bot.categories import Categories
from bot.cli.demo import Loaded, Removed, clean, load, sample_names
from bot.demo_people import FIRST, LAST, demo_id
from bot.errors import InvalidInput
from bot.model.conversations import Conversation
from bot.model.ids import new_id
from bot.model.people import Company, Device, DirectoryEntry, Person, Technician
from bot.model.values import Urgency
from bot.people_csv import read_lists
from bot.people_import import Tally
from bot.ports.storage import Storage, UnitOfWork, UnitOfWorkFactory
from bot.rehearsal import Rehearsal, rehearsed
from knowledge.demo import FOLDER, ORIGIN, TICKETS
from storage.models.base import metadata
from storage.store import SqlStorage
from tests.cli.conftest import Run
from tests.contract.storage.makers import Everything, article, room, ticket

FIELDS = (
    "ticket_id", "channel", "client_id", "timestamp", "subject", "content", "category", "subcategory", "priority",
    "auto_resolvable", "resolution_type", "estimated_resolution_time", "knowledge_base_ref",
)  # fmt: skip
ALL = {"companies": 11, "people": 35, "devices": 46, "technicians": 6}
APOLLINE = demo_id("Person", "a.lachenal@brumaire.example")
BRUMAIRE = demo_id("Company", "brumaire.example")
YOUNES = demo_id("Technician", "y.benkirane@brumaire.example")


@pytest.fixture(scope="module")
def categories() -> Categories:
    return Categories.load(None)


def added(loaded: Loaded) -> dict[str, int]:
    return {kind: tally.added for kind, tally in loaded.people.tallies.items()}


async def ours(storage: Storage) -> list[DirectoryEntry]:
    return await storage.unit_of_work().people.between(FIRST, LAST)


async def dump(storage: SqlStorage) -> dict[str, list[Any]]:
    """Every row of every table, apart from sample articles (which are withdrawn, not deleted), the base's number, and
    the ids of what the past tickets bring, which are new each time.
    """

    def read(connection: Connection) -> dict[str, list[Any]]:
        rows = {
            table.name: [row._asdict() for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
            if table.name != "knowledge_base"
        }
        rows["articles"] = [row for row in rows["articles"] if row["origin"] != SAMPLES_ORIGIN]
        for row in rows["asked_questions"]:
            if row["origin"] == ORIGIN:
                del row["id"]
        for row in rows["phrasings"]:
            if row["source"] == "past_ticket":
                del row["id"], row["question_id"]
        return {name: sorted(map(repr, found)) for name, found in rows.items()}

    return await storage._context.database.read(read)


async def fill(storage: Storage) -> Everything:
    """A desk that has worked: one of everything."""
    everything = Everything()
    async with storage.unit_of_work() as work:
        everything.add_to(work)
        work.knowledge.put(article("own/vpn", origin="own"))
        await work.commit()
        work.knowledge.put(replace(everything.article, origin="own"))
        await work.commit()
    return everything


async def test_it_goes_without_a_trace_and_twice_is_once(storage: SqlStorage, categories: Categories) -> None:
    await fill(storage)
    before = await dump(storage)
    loaded = await load(storage.unit_of_work, categories)
    assert added(loaded) == ALL and loaded.tickets == Tally(added=60)
    assert loaded.articles.added == len(sample_names(SAMPLES)) and not loaded.articles.errors
    there = await dump(storage)
    again = await load(storage.unit_of_work, categories)
    assert set(added(again).values()) == {0} and again.articles.unchanged == loaded.articles.added
    assert again.tickets == Tally(unchanged=60)
    assert await dump(storage) == there != before
    removed = await clean(storage.unit_of_work)
    assert removed == Removed(loaded.articles.added, replace(removed.people, removed=ALL, kept=()), 60)
    assert await dump(storage) == before
    nothing = await clean(storage.unit_of_work)
    assert nothing.articles == 0 and not any(nothing.people.removed.values()) and not nothing.people.kept
    assert added(await load(storage.unit_of_work, categories)) == ALL


async def test_a_dry_run_tells_the_same_and_writes_nothing(storage: SqlStorage, categories: Categories) -> None:
    rehearsal = rehearsed(storage.unit_of_work)
    empty = await dump(storage)
    expected = await load(rehearsal, categories)
    assert await dump(storage) == empty and await storage.unit_of_work().knowledge.origins() == {}
    loaded = await load(storage.unit_of_work, categories)
    assert (loaded.people, loaded.tickets) == (expected.people, expected.tickets)
    assert loaded.articles.added == expected.articles.added
    there = await dump(storage)
    assert await clean(rehearsal) == await clean(rehearsal)
    assert await dump(storage) == there
    assert len(await storage.unit_of_work().knowledge.catalogue()) == loaded.articles.added


async def test_what_was_changed_or_added_meanwhile_stays(storage: SqlStorage, categories: Categories) -> None:
    await load(storage.unit_of_work, categories)
    colleague = Person("Colleague", "c@other.example")
    async with storage.unit_of_work() as work:
        people = await work.people.persons([APOLLINE])
        work.people.add(colleague)
        work.people.add(Device(colleague.id, "LX-900", "OWN-1"))
        work.people.add(Technician(colleague.id, 107))
        # Changes to what belongs to the demonstration: it goes nevertheless.
        work.people.save(replace(people[APOLLINE], name="Somebody else", email="else@brumaire.example"))
        (laptop,) = await work.people.by_serial(["BRU-LT-0411"])
        work.people.save(replace(laptop, person_id=colleague.id, serial="X"))
        await work.commit()
    again = await load(storage.unit_of_work, categories)
    assert set(added(again).values()) == {0}
    removed = await clean(storage.unit_of_work)
    assert removed.people.removed == ALL and not removed.people.kept and await ours(storage) == []
    people_now = storage.unit_of_work().people
    assert await people_now.by_email(["c@other.example"]) == [colleague]
    assert [device.serial for device in await people_now.devices(colleague.id)] == ["OWN-1"]
    assert [technician.number for technician in await people_now.technicians()] == [107]


async def test_a_person_of_a_real_ticket_stays_and_is_named_with_the_company(
    storage: SqlStorage, categories: Categories
) -> None:
    await load(storage.unit_of_work, categories)
    met = Person("Met in chat", "met@boreale.example", demo_id("Company", "boreale.example"))
    conversation = Conversation(room(), APOLLINE)
    async with storage.unit_of_work() as work:
        apolline = (await work.people.persons([APOLLINE]))[APOLLINE]
        work.people.add(met)
        work.conversations.add(conversation)
        work.tickets.add(ticket(apolline, conversation, assignee_id=YOUNES))
        await work.commit()
    removed = await clean(storage.unit_of_work)
    assert removed.people.kept == (
        "technician TECH-101: still used by tickets",
        "person Apolline Lachenal: still used by conversations, tickets",
        "person Younès Benkirane: still used by technicians",
        "company Atelier Brumaire: still used by people",
        "company Boréale Logistique: still used by people",
    )
    assert removed.people.removed == {"companies": 9, "people": 33, "devices": 46, "technicians": 5}
    assert {record.id for record in await ours(storage)} >= {APOLLINE, BRUMAIRE, YOUNES}
    # Loading again completes what is there; cleaning comes to the same.
    assert added(await load(storage.unit_of_work, categories)) == removed.people.removed
    assert (await clean(storage.unit_of_work)).people == removed.people
    # Once nothing points to them they go, too.
    async with storage.unit_of_work() as work:
        (t,) = await work.tickets.find()
        work.tickets.save(replace(t, asker_id=met.id, assignee_id=None))
        work.conversations.save(replace(conversation, person_id=met.id))
        await work.commit()
    assert (await clean(storage.unit_of_work)).people.kept == ("company Boréale Logistique: still used by people",)


async def test_what_has_the_same_names_already_is_used_and_not_touched(
    storage: SqlStorage, categories: Categories
) -> None:
    company = Company("My own Brumaire", "brumaire.example")
    person = Person("My own Apolline", "A.Lachenal@brumaire.example", company.id)
    device, technician = Device(None, "Mine", "BRU-PR-0003"), Technician(person.id, 101)
    async with storage.unit_of_work() as work:
        for record in (company, person, device, technician):
            work.people.add(record)
        await work.commit()
    before = await dump(storage)
    loaded = await load(storage.unit_of_work, categories)
    assert added(loaded) == {"companies": 10, "people": 34, "devices": 45, "technicians": 6}
    numbers = [one.number for one in await storage.unit_of_work().people.technicians()]
    assert len(set(numbers)) == 7 and set(numbers) > {101, 102, 103}  # TECH-101 was taken: another number
    await clean(storage.unit_of_work)
    assert await dump(storage) == before


async def test_past_tickets_are_kept_as_questions(storage: SqlStorage, categories: Categories) -> None:
    await load(storage.unit_of_work, categories)
    questions = await storage.unit_of_work().knowledge.asked_from(ORIGIN)
    assert len(questions) == 60 and all(one.category in categories for one in questions.values())
    first = questions["tickets#DEMO-2026-0001"]
    expected = ("access", "01-Acces-Comptes/account-locked.fr", "answered")
    assert (first.category, first.best_article, first.outcome) == expected
    assert (first.asked_at.hour, first.asked_at.minute) == (8, 12)  # brought forward by whole days
    billing = next(one for one in past_tickets() if one["category"] == "Facturation mobile")
    assert questions[f"tickets#{billing['ticket_id']}"].category == "telephony/billing"
    assert 15 <= sum(one.outcome == "lost" for one in questions.values()) <= 25


class Ended(Exception):
    """As if the process had been killed."""


class Mortal(Rehearsal):
    """A unit of work of a process that ends instead of its `lives`-th commit."""

    def __init__(self, work: UnitOfWork, lives: list[int]) -> None:
        super().__init__(work)
        self._lives = lives

    async def commit(self) -> None:
        if not self._lives[0]:
            raise Ended
        self._lives[0] -= 1
        await self._work.commit()


def mortal(unit_of_work: UnitOfWorkFactory, commits: int) -> UnitOfWorkFactory:
    lives = [commits]
    return lambda: Mortal(unit_of_work(), lives)


async def test_wherever_it_ended_it_can_be_completed_and_cleaned(storage: SqlStorage, categories: Categories) -> None:
    await fill(storage)
    before = await dump(storage)
    for commits in range(20):
        try:
            await load(mortal(storage.unit_of_work, commits), categories)
        except Ended:
            await clean(storage.unit_of_work)
            assert await dump(storage) == before
            continue
        break
    else:
        pytest.fail("loading never came to its end")
    assert commits >= 3
    whole = await dump(storage)
    for commits in range(20):
        try:
            await clean(mortal(storage.unit_of_work, commits))
        except Ended:
            await load(storage.unit_of_work, categories)
            assert await dump(storage) == whole
            continue
        break
    else:
        pytest.fail("cleaning never came to its end")
    assert commits >= 3 and await dump(storage) == before


async def test_two_that_load_at_once_load_it_once(storage: SqlStorage, categories: Categories) -> None:
    both = await asyncio.gather(*(load(storage.unit_of_work, categories) for _ in range(2)))
    assert sorted(added(loaded)["people"] for loaded in both) == [0, 35]
    assert len(await ours(storage)) == sum(ALL.values())


async def test_who_speaks_up_while_it_is_cleaned_stays(storage: SqlStorage, categories: Categories) -> None:
    await load(storage.unit_of_work, categories)

    class Interrupted(Rehearsal):
        """Just before the commit, one of those to be removed begins a conversation."""

        async def commit(self) -> None:
            async with storage.unit_of_work() as work:
                if await work.conversations.by_ref(room()) is None:
                    work.conversations.add(Conversation(room(), APOLLINE))
                    await work.commit()
            await self._work.commit()

    removed = await clean(lambda: Interrupted(storage.unit_of_work()))
    assert removed.people.kept == (
        "person Apolline Lachenal: still used by conversations",
        "company Atelier Brumaire: still used by people",
    )
    assert {record.id for record in await ours(storage)} == {APOLLINE, BRUMAIRE}


async def test_articles_of_a_folder_that_is_away_are_not_replaced(storage: SqlStorage, categories: Categories) -> None:
    name = sample_names(SAMPLES)[0]
    async with storage.unit_of_work() as work:
        work.knowledge.put(article(name, origin="/mnt/away/articles"))
        await work.commit()
    before = await dump(storage)
    with pytest.raises(InvalidInput, match="articles from /mnt/away/articles have the names of sample articles"):
        await load(storage.unit_of_work, categories)
    assert await dump(storage) == before


def test_ids_of_the_demonstration_are_recognised_and_are_nobody_elses() -> None:
    assert FIRST <= APOLLINE <= LAST and str(APOLLINE).startswith("de30de30-de30-8") and APOLLINE.version == 8
    assert demo_id("Person", "a") == demo_id("Person", "a") != demo_id("Device", "a")
    assert new_id() < FIRST


def test_the_command_loads_cleans_and_tells_so(run: Run) -> None:
    dry = run("demo", "load", "--dry-run").stdout
    assert "people        35 added, 0 changed, 0 there already" in dry and "nothing was written" in dry
    assert "people        35 added" in run("demo", "load").stdout
    assert "TECH-101  lead        Younès Benkirane" in run("technician", "list").stdout
    again = run("demo", "load").stdout
    assert "people        0 added, 0 changed, 35 there already" in again
    assert "past tickets  0 added, 0 changed, 60 there already" in again
    assert "devices       46 removed" in run("demo", "clean", "--dry-run").stdout
    assert "add --yes" in run("demo", "clean").stdout
    cleaned = run("demo", "clean", "--yes").stdout
    assert (
        "devices       46 removed" in cleaned
        and "past tickets  60 removed" in cleaned
        and "nothing was written" not in cleaned
    )
    assert run("technician", "list").stdout == ""
    assert "No articles." in run("kb", "list").stderr
    assert "devices       0 removed" in run("demo", "clean").stdout


def test_help_says_what_it_is(run: Run) -> None:
    told = run("demo", "--help").stdout
    assert "load" in told and "clean" in told and "past tickets" in told


# The data


def past_tickets() -> list[dict[str, Any]]:
    tickets: list[dict[str, Any]] = json.loads(TICKETS.read_text(encoding="utf-8"))
    return tickets


def test_past_tickets_have_their_form() -> None:
    tickets = past_tickets()
    assert len(tickets) == 60 and len({one["ticket_id"] for one in tickets}) == 60
    articles = set(sample_names(SAMPLES))
    for one in tickets:
        assert tuple(one) == FIELDS
        assert datetime.fromisoformat(one["timestamp"]).year == 2026
        assert one["priority"] in set(Urgency) and isinstance(one["auto_resolvable"], bool)
        assert 0 < one["estimated_resolution_time"] <= 24 * 60
        assert one["knowledge_base_ref"] is None or one["knowledge_base_ref"] in articles, one["ticket_id"]
    without = sum(one["knowledge_base_ref"] is None for one in tickets)
    assert 15 <= without <= 25


def test_past_tickets_bring_foreign_categories(categories: Categories) -> None:
    used = Counter(one["category"] for one in past_tickets())
    foreign = {name for name in used if name not in categories}
    assert {"Réseau", "Facturation mobile", "Hardware"} <= foreign
    assert set(categories.top_level()) - {"uncategorised"} <= {categories.top(name) for name in used}


def test_lists_are_as_many_as_promised_and_name_nobody_who_exists() -> None:
    lists = read_lists(FOLDER)
    assert (len(lists.companies), len(lists.people), len(lists.technicians)) == (11, 35, 6)
    assert len(lists.devices) >= 40 and not lists.unused
    addresses = {row.email for row in lists.people}
    assert all(address.endswith(".example") for address in addresses)
    assert {row.email for row in lists.technicians} <= addresses
    assert {row.locale for row in lists.people} >= {"fr-FR", "en-GB", "fr-CA"}


def test_everything_lies_beside_the_samples_and_not_among_them() -> None:
    assert not FOLDER.is_relative_to(SAMPLES) and {path.suffix for path in Path(SAMPLES).rglob("*.*")} == {".md"}


async def test_past_tickets_are_brought_forward_so_that_trends_have_something_to_show(
    storage: SqlStorage, categories: Categories
) -> None:
    await load(storage.unit_of_work, categories)
    async with storage.unit_of_work() as uow:
        first = {id: question.asked_at for id, question in (await uow.knowledge.asked_from("demo")).items()}
    ago = datetime.now(UTC) - max(first.values())
    assert timedelta(0) < ago < timedelta(days=3)

    assert (await load(storage.unit_of_work, categories)).tickets.changed == 0


async def test_the_articles_may_stay(storage: SqlStorage, categories: Categories) -> None:
    await load(storage.unit_of_work, categories)
    assert (await clean(storage.unit_of_work, articles=False)).articles == 0
    async with storage.unit_of_work() as uow:
        assert "samples" in await uow.knowledge.origins()
