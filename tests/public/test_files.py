"""Pictures with public posts: named on the card, fetched once there is a ticket, and never said in public."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.attachments.intake import MOST_FILES, Intake
from bot.attachments.kinds import Kinds
from bot.attachments.reading import readable
from bot.cli.ticket_files import files_of
from bot.errors import FileRefused
from bot.file_settings import FILE_TYPES
from bot.interventions.draft import draft_of
from bot.model.documents import FileItem, Files
from bot.model.messages import ConversationRef, Identity, IncomingFile
from bot.model.public import Line, PublicPost
from bot.model.tickets import Attachment
from bot.model.values import Language
from jobs.fetch_attachments import fetch_attachments
from storage.files.disk import DiskFiles
from tests.attachments.samples import EXE, PNG
from tests.engine.desk import Wire
from tests.public.stage import COMPLAINT, Stage, a_held

SCREEN = IncomingFile(
    "F1", "error.png", "image/png", 0, url="https://files.example/F1", alternative="error 42 on a box"
)
URGENT = "This is urgent: nothing works at all since Monday, my account was hacked!"


class Platform(Wire):
    """A platform with files; every one is that, or is refused so."""

    def __init__(self, answer: bytes | Exception = PNG) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[str] = []

    async def fetch(self, file: IncomingFile) -> AsyncIterator[bytes]:
        self.asked.append(file.native_id)
        if isinstance(self.answer, Exception):
            raise self.answer
        yield self.answer

    async def upload(self, conversation: ConversationRef, name: str, content: bytes) -> str:
        return "u1"


@pytest.fixture
def stage(stage: Stage, tmp_path: Path) -> Stage:
    intake = Intake(DiskFiles(tmp_path / "files"), Kinds.of(FILE_TYPES))
    stage.desk.services = replace(stage.desk.services, files=intake)
    stage.desk.__post_init__()
    return stage


async def attached(stage: Stage, post: PublicPost) -> list[Attachment]:
    async with stage.desk.storage.unit_of_work() as uow:
        return await uow.attachments.of([post.message_id])


async def fetched(stage: Stage, answer: bytes | Exception = PNG) -> list[str]:
    """What was asked for, in order."""
    platform = Platform(answer)
    for _ in range(2):
        await fetch_attachments(stage.desk.services, [platform])
    await stage.desk.settle()
    return sorted(platform.asked)


def shown(stage: Stage, room: str = "desk") -> list[FileItem]:
    """The files in the last thing in a room that names any."""
    for one in reversed(stage.desk.wire.posted):
        found = [item for block in one.document.blocks if isinstance(block, Files) for item in block.items]
        if one.conversation.room == room and found:
            return found
    return []


def in_public(stage: Stage) -> str:
    return repr([one.document for one in stage.said()])


async def test_the_card_counts_the_pictures_and_says_what_they_show(stage: Stage) -> None:
    files = [
        replace(SCREEN, alternative="a **box** <b>42</b>, my password is Tr0ub4dor&3"),
        replace(SCREEN, native_id="F2", alternative=""),
        replace(SCREEN, native_id="F3", name="clip.mp4", media_type="video/mp4", alternative="x" * 5_000),
    ]
    await a_held(stage, files=files)
    [line] = [line for line in stage.card().text.splitlines() if line.startswith("Attached: ")]
    assert line.startswith("Attached: 2 pictures · 1 other file · « a **box** <b>42</b>, my password is ●●●●")
    assert "Tr0ub4dor" not in line and len(line) < 400
    assert "sensitive" not in line
    assert shown(stage) == [], "it is shown where it stands"
    assert await fetched(stage) == []
    assert [one.problem for one in await attached(stage, await stage.last())] == ["in_public"] * 2 + ["wrong_type"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.EN, "Attached: 1 picture · marked as sensitive · without a description"),
        (Language.FR, "Pièces jointes: 1 image · contenu signalé comme sensible · sans description"),
    ],
)
async def test_what_is_sensitive_and_what_nobody_describes_is_named_so(
    stage: Stage, language: Language, said: str
) -> None:
    policy = replace(stage.desk.services.policy, desk_language=language)
    stage.desk.services = replace(stage.desk.services, policy=policy)
    stage.desk.__post_init__()
    await a_held(stage, COMPLAINT[language.value], files=[replace(SCREEN, alternative="", sensitive=True)])
    assert said in stage.card().text


async def test_a_post_without_pictures_says_nothing_of_them(stage: Stage) -> None:
    await a_held(stage)
    assert "Attached" not in stage.card().text


async def test_a_ticket_at_once_has_them(stage: Stage) -> None:
    await stage.posts(URGENT, files=[SCREEN])
    assert len(await stage.tickets()) == 1
    [item] = shown(stage)
    assert (item.name, item.alternative, item.problem) == ("error.png", "error 42 on a box", None)
    assert await fetched(stage) == ["F1"]
    [had] = await attached(stage, await stage.last())
    assert had.stored_as and had.media_type == "image/png" and had.size == len(PNG)
    assert "error" not in in_public(stage) and "Files" not in in_public(stage)


async def test_a_ticket_from_the_card_has_them_with_those_of_the_thread_and_nobody_elses(stage: Stage) -> None:
    await stage.posts("good morning #acme", found_by="hashtag", files=[replace(SCREEN, native_id="F0")])
    root = (await stage.last()).native_id
    other = replace(SCREEN, native_id="F8")
    await stage.posts("oh no #acme", found_by="hashtag", root=root, who="bob", files=[other])
    post = await a_held(stage, root=root, files=[SCREEN])
    assert await fetched(stage) == []
    await stage.presses("post_ticket", post)
    assert [item.problem for item in shown(stage)] == [None, None]
    assert await fetched(stage) == ["F0", "F1"]
    [ticket] = await stage.tickets()
    said = await stage.desk.says(f"/ticket show {ticket.reference}", "desk", who="tess")
    assert said.count("error.png") == 3, "bob's is only named there"
    assert "Files" not in in_public(stage)


async def test_a_write_up_takes_what_the_asker_shows_and_nobody_hides(stage: Stage) -> None:
    root = "s1"
    hidden = replace(SCREEN, native_id="F2", sensitive=True)
    post = await a_held(stage, root=root, files=[SCREEN, hidden])
    await stage.posts(URGENT, root=root, who="bob", files=[replace(SCREEN, native_id="F8")])
    await stage.presses("post_ticket", post)
    assert await fetched(stage) == ["F1", "F2", "F8"]
    ticket = next(one for one in await stage.tickets() if one.asker_id == post.person_id)
    async with stage.desk.storage.unit_of_work() as uow:
        draft = await draft_of(uow, ticket, stage.desk.services.categories)
        taken = [await uow.attachments.get(id) for id in draft.screenshots]
    assert [one.native_id for one in taken if one] == ["F1"]


@pytest.mark.parametrize("words", ["hello", "It is order 4711 from the shop in Lyon"])
async def test_a_ticket_that_its_author_opens_in_private_has_them(stage: Stage, words: str) -> None:
    await a_held(stage, files=[SCREEN])
    stage.later(minutes=5)
    await stage.desk.says(words, "ada")
    [ticket] = await stage.tickets()
    assert [item.alternative for item in shown(stage)] == ["error 42 on a box"]
    assert await fetched(stage) == ["F1"]
    await stage.desk.says(f"/ticket claim {ticket.reference}", "desk", who="tess")
    assert [item.size for item in shown(stage)] == [len(PNG)], "on the card as it is now, too"
    said = await stage.desk.says(f"/ticket show {ticket.reference}", "desk", who="tess")
    assert "error.png: error 42 on a box" in said
    async with stage.desk.storage.unit_of_work() as uow:
        assert [one.native_id for one in await files_of(uow, ticket)] == ["F1"], "`guichet ticket files` has it"


async def test_what_its_author_posts_next_comes_with_its_pictures(stage: Stage) -> None:
    await stage.posts(URGENT, files=[])
    root = (await stage.last()).native_id
    stage.later(minutes=1)
    await stage.posts("look, it still says hacked", root=root, files=[SCREEN])
    assert [item.name for item in shown(stage)] == ["error.png"]
    assert await fetched(stage) == ["F1"]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (EXE, "wrong_type"),
        (b"", "empty"),
        (PNG + bytes(26 * 1024 * 1024), "too_large"),
        (FileRefused("gone"), "gone"),
        (FileRefused("refused"), "refused"),
    ],
)
async def test_what_cannot_be_had_is_said_to_the_desk_alone(
    stage: Stage, answer: bytes | Exception, problem: str
) -> None:
    await stage.posts(URGENT, files=[SCREEN])
    before, said = len(stage.said()), stage.desk.posts("ada")
    assert await fetched(stage, answer) == ["F1"]
    assert [item.problem for item in shown(stage)] == [problem]
    assert len(stage.said()) == before and stage.desk.posts("ada") == said, "nobody is written to about it"
    assert [key async for key in stage.desk.services.files.store.keys(stage.desk.clock.at.replace(year=2100))] == []


async def test_of_many_pictures_as_many_are_taken_as_of_a_message(stage: Stage) -> None:
    files = [replace(SCREEN, native_id=f"F{number}") for number in range(200)]
    await a_held(stage, files=files)
    assert "200 pictures" in stage.card().text and len(stage.card().text) < 3_000
    await stage.presses("post_ticket", await stage.last())
    assert len(await fetched(stage)) == MOST_FILES


async def test_a_picture_that_an_edit_adds_or_takes_away(stage: Stage) -> None:
    post = await a_held(stage)
    stage.later(seconds=30)
    again = {"found_by": "hashtag", "native_id": post.native_id}
    await stage.posts(COMPLAINT["en"], revision="1", files=[SCREEN], **again)
    assert "1 picture · « error 42 on a box »" in stage.card().text
    await stage.presses("post_ticket", post)
    assert await fetched(stage) == ["F1"]
    stage.later(seconds=30)
    more = replace(SCREEN, native_id="F2", name="more.png")
    await stage.posts(COMPLAINT["en"], revision="2", files=[more], **again)
    assert [item.name for item in shown(stage)] == ["more.png"]
    assert await fetched(stage) == ["F2"]
    kept = await attached(stage, post)
    assert [(one.name, one.problem, bool(one.stored_as)) for one in kept] == [
        ("error.png", "gone", False),
        ("more.png", None, True),
    ]
    assert "1 picture" in stage.card().text


async def test_a_post_with_other_words_keeps_what_was_had(stage: Stage) -> None:
    post = await a_held(stage, files=[SCREEN])
    await stage.presses("post_ticket", post)
    assert await fetched(stage) == ["F1"]
    stage.later(seconds=30)
    more = replace(SCREEN, native_id="F2", name="more.png")
    words = "Four days without internet and nobody answers, what a shame"
    await stage.posts(words, revision="1", files=[SCREEN, more], found_by="hashtag", native_id=post.native_id)
    now = await stage.last()
    assert now.text == words and now.message_id != post.message_id
    assert await fetched(stage) == ["F2"], "the first is there"
    assert [bool(one.stored_as) for one in await attached(stage, now)] == [True, True]
    assert [one.problem for one in await attached(stage, post)] == ["gone"]
    said = [one.document for one in stage.desk.wire.posted if "has added this" in one.document.text]
    assert [item.name for one in said for block in one.blocks if isinstance(block, Files) for item in block.items] == [
        "more.png"
    ]


async def test_what_its_author_deletes_is_gone(stage: Stage) -> None:
    post = await a_held(stage, files=[SCREEN])
    await stage.presses("post_ticket", post)
    await fetched(stage)
    await stage.deletes(post.native_id)
    [one] = await attached(stage, post)
    assert (one.problem, one.stored_as) == ("gone", None)
    assert "Attached" not in stage.card().text


async def test_the_author_and_technicians_may_have_it_and_nobody_else(stage: Stage) -> None:
    await stage.posts(URGENT, files=[SCREEN], thread=[Line("bob@example.social", "same here", stage.desk.clock())])
    await stage.posts("hello @guichet", who="bob")
    [one] = await attached(stage, await stage.heard("s1"))
    async with stage.desk.storage.unit_of_work() as uow:
        for who, may in (("ada", True), ("tess", True), ("bob", False)):
            known = await uow.people.known(Identity("test", "T", who))
            assert (await readable(uow, one.id, known) is not None) == may, who


@pytest.mark.parametrize(("language", "said"), [("en", "A picture without words"), ("fr", "Une image sans texte")])
async def test_a_picture_without_words_is_looked_at_by_a_person(stage: Stage, language: str, said: str) -> None:
    policy = replace(stage.desk.services.policy, desk_language=Language(language))
    stage.desk.services = replace(stage.desk.services, policy=policy)
    stage.desk.__post_init__()
    assert await stage.posts("", files=[SCREEN]) == ""
    post = await stage.last()
    assert (post.state, post.reply, post.text) == ("held", None, "📎")
    assert said in stage.card().text and SCREEN.alternative in stage.card().text
    await stage.presses("post_ticket", post)
    assert await fetched(stage) == ["F1"]


async def test_a_picture_without_words_goes_to_the_ticket_of_its_thread(stage: Stage) -> None:
    await stage.posts(URGENT)
    stage.later(minutes=1)
    assert await stage.posts("  ", root="s1", files=[SCREEN]) == ""
    assert [item.name for item in shown(stage)] == ["error.png"]
    assert await fetched(stage) == ["F1"]
    assert "error.png" in stage.desk.posts("desk")[-1]


async def test_who_names_the_account_and_says_nothing_has_not_taken_it_back(stage: Stage) -> None:
    assert "What can we do for you?" in await stage.posts("")
    assert (await stage.last()).text == "…"
