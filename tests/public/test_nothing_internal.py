"""Whatever posts, articles, people, notes and tickets there are: what is said in public is for everybody, and nothing
is said there in any other way."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.model.documents import Actions, Button
from bot.model.knowledge import Article, Hit, Link, Retrieval, Thresholds
from bot.model.messages import Identity
from bot.model.people import Person
from bot.model.public import PublicPost
from bot.model.tickets import Problem, ProblemText
from bot.model.values import Audience, Language, Role
from bot.ports.knowledge import Query
from bot.technicians import appoint
from storage.store import SqlStorage, open_storage
from tests.engine.desk import START, OneDeskRoom, make_desk
from tests.public.stage import Stage

PHONE, MAIL, CARD, STREET = "06 12 34 56 78", "ada.secret@acme.example", "4111 1111 1111 1111", "12 rue de la Paix"
CUSTOMER = "customer number 99887766"
IDENTIFIERS = (PHONE, MAIL, CARD, STREET, CUSTOMER)
NAMES = ("Ada Lovelace", "Jean-Pierre Durand", "Tess Quimby")
NOTE = "the zebra protocol is not to be mentioned"
INSIDE = "insidemark"
ARTICLES = 3
# What must never be read by everybody, in whatever case.
FORBIDDEN = (
    "12 34 56", "ada.secret", "4111", "rue de la paix", "99887766", "lovelace", "durand", "quimby", "zebra", INSIDE,
)  # fmt: skip

STATEMENTS = (
    "How do I reset my password?",
    "Comment réinitialiser mon mot de passe ?",
    "Three days without internet and nobody answers, what a shame",
    "Trois jours sans internet et personne ne répond, quelle honte",
    "Bunch of clowns",
    "Merci, vous avez été super !",
    "My account was hacked",
    "Je veux résilier mon contrat",
    "wifi",
    "",
)


@dataclass(frozen=True)
class Says:
    """Somebody posts. `aside`: what they had better not have written there."""

    who: int
    text: str
    aside: str
    by_hashtag: bool
    thread: int


@dataclass(frozen=True)
class Acts:
    """A technician does something about the post with that number."""

    act: str
    post: int
    words: str


words = st.lists(
    st.sampled_from([*IDENTIFIERS, *NAMES, NOTE, "We are sorry.", "Désolé !", "@bob@example.social", "T1", "See you."]),
    min_size=1,
    max_size=3,
).map(" ".join)
says = st.builds(
    Says,
    who=st.integers(0, 2),
    text=st.sampled_from(STATEMENTS),
    aside=st.sampled_from(["", *IDENTIFIERS, *NAMES]),
    by_hashtag=st.booleans(),
    thread=st.integers(0, 3),
)
acts = st.builds(
    Acts,
    act=st.sampled_from(["approve", "approve", "edit", "edit", "leave", "undo", "ticket", "note", "public", "confirm"]),
    post=st.integers(0, 5),
    words=words,
)
plays = st.lists(st.one_of(says, says, acts), min_size=3, max_size=10)


class EverythingFits:
    """A search that is sure of every article that the reader may see, and of some that they may not."""

    async def search(self, query: Query, limit: int = 10) -> Retrieval:
        hits = tuple(Hit(f"a{number}", f"r{number}", 1.0 - number / 10, 0.99) for number in range(ARTICLES))
        return Retrieval(hits, Thresholds(0.5, 0.3))


def article(number: int, audience: Audience, mark: str) -> Article:
    name, identifier = NAMES[number % len(NAMES)], IDENTIFIERS[number % len(IDENTIFIERS)]
    return Article(
        id=f"a{number}",
        origin="test",
        title=f"Password, says {name} {mark}",
        body=f"Ask {name} {mark}, or {identifier}.\n\n1. Write to {MAIL} {mark}.\n2. Call {PHONE}.\n",
        language=Language.FR if number == 1 else Language.EN,
        category="access",
        audience=audience,
        revision=f"r{number}",
        links=(Link("more", f"https://help.example.org/a{number}"),),
    )


async def prepare(storage: SqlStorage, audiences: list[Audience]) -> None:
    async with storage.unit_of_work() as uow:
        for number, audience in enumerate(audiences):
            mark = INSIDE if audience is Audience.INTERNAL else ""
            uow.knowledge.put(article(number, audience, mark))
        for number, name in enumerate(NAMES):
            uow.people.add(Person(name=name, email=f"employee{number}@acme.example"))
        await appoint(uow, Identity("test", "T", "tess", name="Tess Quimby"), Role.TECHNICIAN)
        texts = (
            ProblemText(Audience.INTERNAL, Language.EN, f"{INSIDE}: the core switch burnt"),
            ProblemText(Audience.PUBLIC, Language.EN, f"Internet is down. {NAMES[1]} is at it, {PHONE}."),
        )
        uow.problems.add(Problem(1, f"{INSIDE} outage", "network", texts, ("internet",), announced_at=START))
        await uow.commit()


async def play(audiences: list[Audience], steps: list[Says | Acts], approval: bool, folder: Path) -> None:
    storage = await open_storage(str(folder / "guichet.db"))
    try:
        await prepare(storage, audiences)
        stage = Stage(make_desk(storage, EverythingFits(), desk=OneDeskRoom(cards=True, forms=True)))
        stage.settle_policy(approval=approval)
        for step in steps:
            await take(stage, step)
        await check(stage)
    finally:
        await storage.close()


async def take(stage: Stage, step: Says | Acts) -> None:
    stage.later(minutes=1)
    if isinstance(step, Says):
        who = ("ada", "bob", "eve")[step.who]
        root = f"s{step.thread}" if 0 < step.thread <= stage._number else None
        await stage.posts(
            f"{step.text} {step.aside}", who=who, root=root, found_by="hashtag" if step.by_hashtag else "mention"
        )
        return
    native_id = f"s{1 + step.post % max(1, stage._number)}"
    async with stage.desk.storage.unit_of_work() as uow:
        post = await uow.public.by_native_id("test", "T", native_id)
    if post is None:
        return
    if NOTE in step.words and step.act in ("edit", "public"):  # what nobody noted is nothing that was kept inside
        ticket = await ticket_of(stage, post) if step.act == "edit" else "T1"
        if ticket is None:
            return
        await stage.desk.says(f"/ticket note {ticket} {NOTE}", "desk", who="tess")
    match step.act:
        case "edit":
            await stage.fills_in(post, step.words)
        case "note":
            await stage.desk.says(f"/ticket note T1 {NOTE}", "desk", who="tess")
        case "public":
            await stage.desk.says(f"/ticket reply T1 public {step.words}", "desk", who="tess")
        case "confirm":
            held = [one.value for one in buttons(stage) if one.action == "public_send"]
            if held:
                await stage.desk.clicks("public_send", held[-1], "desk", who="tess")
        case act:
            await stage.presses(f"post_{act}", post)


async def ticket_of(stage: Stage, post: PublicPost) -> str | None:
    async with stage.desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.get(post.ticket_id) if post.ticket_id else None
    return ticket.reference if ticket else None


def buttons(stage: Stage) -> list[Button]:
    return [
        button
        for one in stage.desk.wire.posted
        for block in one.document.blocks
        if isinstance(block, Actions)
        for button in block.buttons
    ]


async def check(stage: Stage) -> None:
    async with stage.desk.storage.unit_of_work() as uow:
        held = await uow.public.held(100)
    roots = {f"s{number}" for number in range(1, stage._number + 1)}
    rows = [row for root in roots for row in await stage.rows(root)]
    for row in rows:
        assert row.public is not None, "only public replies go to public rooms"
        assert_for_everybody(row.document.text)
        assert not any(isinstance(block, Actions) for block in row.document.blocks)
        for block in row.document.blocks:
            for source in getattr(block, "items", ()):
                assert_for_everybody(str(source))
    for delivery in stage.desk.wire.posted:
        assert delivery.conversation.is_public == (delivery.public is not None)
    for post in held:
        if post.reply is not None:
            assert_for_everybody(post.reply.text)


def assert_for_everybody(text: str) -> None:
    found = [one for one in FORBIDDEN if one in text.lower()]
    assert not found, (found, text)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each play takes a second: to shrink one takes minutes
)
@given(
    audiences=st.lists(st.sampled_from([*Audience]), min_size=ARTICLES, max_size=ARTICLES),
    steps=plays,
    approval=st.booleans(),
)
def test_what_is_said_in_public_is_for_everybody(
    sqlite_template: Path, audiences: list[Audience], steps: list[Says | Acts], approval: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, folder)
        asyncio.run(play(audiences, steps, approval, Path(folder)))
