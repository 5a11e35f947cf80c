"""`guichet ask`: one question, or a file of them, for people and for scripts."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from adapters.console.asker import Asker
from adapters.console.speaker import local_user
from bot.app import Desk, answering, open_desk
from bot.asking import Question, as_json, read_question, read_together
from bot.cli.common import one_of, print_json, run_async
from bot.cli.desk import rooms_at
from bot.errors import InvalidInput, StorageUnavailable
from bot.logs import set_up_logging
from bot.model.conversations import Message
from bot.model.messages import MessageKey
from bot.model.values import Audience, InboxState, Language
from bot.settings import Settings, load_settings

ASKED_AT_ONCE = 32  # questions of a file that are under way together


@click.command(name="ask")
@click.argument("text", required=False)
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="One JSON question a line.")
@click.option(
    "--lang",
    type=one_of(Language),
    help="Language of the question; otherwise it is detected.",
)
@click.option(
    "--audience",
    type=one_of(Audience),
    help="On whose behalf: internal, an employee (as when nothing is said), or public. What the public says is read "
    "as a post: complaint, urgency and sentiment are then told by what was learnt from posts.",
)
@click.option("--json", "as_lines", is_flag=True, help="Print one JSON object an answer.")
def command(text: str | None, file: Path | None, lang: str | None, audience: str | None, as_lines: bool) -> None:
    """Ask one question, or the questions of a file ({"text", "lang"?, "audience"?} a line); each is a conversation.

    Where neither line nor option names an audience, a text with an account (@name, <USER>) or a #hashtag is read as a
    post too, and answered as an employee's question; in a file of many such texts every line is.
    """
    settings = load_settings()
    set_up_logging(settings.log_level, as_json=settings.log_json)
    if (text is None) == (file is None):
        raise InvalidInput('give one question, as in guichet ask "the VPN does not connect", or --file')
    asked_for = Audience(audience) if audience else None
    questions = (
        [Question(text=text, lang=Language(lang) if lang else None, audience=asked_for)]
        if text is not None
        else read_questions(file, asked_for)
    )

    def show(message: Message) -> None:
        if as_lines:
            print_json(as_json(message))
        else:
            click.echo(message.outcome.text if message.outcome else "")

    run_async(ask_questions(settings, questions, show))


def read_questions(file: Path | None, audience: Audience | None) -> list[Question]:
    """The questions of a file, all of them read before the first is asked. Raises InvalidInput naming the line."""
    assert file is not None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}") from error
    return read_together(
        [read_question(line, number, audience) for number, line in enumerate(lines, 1) if line.strip()]
    )


async def ask_questions(settings: Settings, questions: Sequence[Question], show: Callable[[Message], None]) -> None:
    """Ask each question in a conversation of its own, and show each answered message, in order."""
    async with open_desk(settings) as desk:
        asker = Asker(local_user(os.environ))
        async with answering(desk, [asker], await rooms_at(desk), "ask"):
            for start in range(0, len(questions), ASKED_AT_ONCE):
                batch = questions[start : start + ASKED_AT_ONCE]
                events = [
                    asker.event(q.text, q.lang, q.reader, alone=len(questions) == 1, post=q.is_post) for q in batch
                ]
                await desk.receiver.receive(*events)
                for event in events:
                    show(await answered_message(desk, event.key))


async def answered_message(desk: Desk, key: MessageKey) -> Message:
    """The message with its outcome, once it is handled. Raises StorageUnavailable."""
    await desk.has_ended(key)
    progress = await desk.storage.inbox.progress(key)
    assert progress is not None
    async with desk.storage.unit_of_work() as uow:
        message = await uow.conversations.message(progress.id)
    if message is None or progress.state is InboxState.DEAD:
        raise StorageUnavailable(f"the question could not be answered; guichet trace and the log know {progress.id}")
    return message
