"""`guichet ask`: one question, or a file of them, for people and for scripts."""

from pathlib import Path

import click

from bot.app import ask_questions
from bot.asking import Question, as_json, read_question
from bot.cli.common import print_json, run_async
from bot.errors import InvalidInput
from bot.logs import set_up_logging
from bot.model.conversations import Message
from bot.model.values import Audience, Language
from bot.settings import load_settings


@click.command(name="ask")
@click.argument("text", required=False)
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="One JSON question a line.")
@click.option("--lang", type=click.Choice([*Language]), help="Language of the question; otherwise it is detected.")
@click.option("--audience", type=click.Choice([*Audience]), default=Audience.INTERNAL, help="On whose behalf.")
@click.option("--json", "as_lines", is_flag=True, help="Print one JSON object an answer.")
def command(text: str | None, file: Path | None, lang: str | None, audience: str, as_lines: bool) -> None:
    """Ask one question, or the questions of a file ({"text", "lang"?, "audience"?} a line); each is a conversation."""
    settings = load_settings()
    set_up_logging(settings.log_level, as_json=settings.log_json)
    if (text is None) == (file is None):
        raise InvalidInput('give one question, as in guichet ask "the VPN does not connect", or --file')
    questions = (
        [Question(text=text, lang=Language(lang) if lang else None, audience=Audience(audience))]
        if text is not None
        else read_questions(file, Audience(audience))
    )

    def show(message: Message) -> None:
        if as_lines:
            print_json(as_json(message))
        else:
            click.echo(message.outcome.text if message.outcome else "")

    run_async(ask_questions(settings, questions, show))


def read_questions(file: Path | None, audience: Audience) -> list[Question]:
    """The questions of a file, all of them read before the first is asked. Raises InvalidInput naming the line."""
    assert file is not None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}") from error
    return [read_question(line, number, audience) for number, line in enumerate(lines, 1) if line.strip()]
