"""`guichet kb calibrate`: make confidence a probability."""

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

from bot.app import Desk, load_samples, now, open_desk, own_index
from bot.cli.common import print_json, progress, run_async
from bot.engine.retrieval import STANDS_OUT
from bot.errors import InvalidInput
from bot.model.knowledge import Calibration
from bot.model.values import Language
from bot.settings import Settings, load_settings
from knowledge.calibration import ENOUGH, Fit, Source, fit, probability
from knowledge.dense import Embedder
from knowledge.evaluation import questions_of
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.points import Entry
from knowledge.index.port import Reader
from knowledge.judging import Judge, Known, family
from knowledge.retrieval import DEFAULT_THRESHOLDS

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="calibrate")
@click.option("--queries", type=FILE, multiple=True, help="Labelled questions; otherwise those that people confirmed.")
@click.option(
    "--false-answers",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0.005, 0.5),
    help="Share of the answers given that may be wrong.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be, and leave everything as it is.")
@click.option("--reset", is_flag=True, help="Forget what was fitted: back to the estimates made from the base.")
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def command(queries: tuple[Path, ...], false_answers: float, dry_run: bool, reset: bool, as_object: bool) -> None:
    """Fit the probability that an answer is right, and choose from which on to answer and to suggest.

    Question rows {"query", "relevant": [article ids], "lang"?}; an empty "relevant": nothing answers it. Without fifty
    questions in a language, its phrasings are asked as if nobody had written them down, and titles as if their article
    did not exist.
    """
    if reset:
        run_async(forget(load_settings()))
        click.echo("Forgotten: confidence is what it was before it was fitted.")
        return None
    with progress("Articles") as bar:
        found = run_async(calibrate(load_settings(), queries, false_answers, dry_run, bar))
    if as_object:
        return print_json(found)
    for language, figures in found.items():
        click.echo(f"{language}: {described(figures)}")
    if dry_run:
        click.echo("Nothing was changed.")
    return None


def described(figures: dict[str, Any]) -> str:
    if "reason" in figures:
        return str(figures["reason"])
    kept = (
        ""
        if figures["reached"]
        else (
            "\n    No threshold keeps to the wanted share of false answers on these questions: they stay as they are."
            "\n    More phrasings or labelled questions help, a larger model too; or allow more with --false-answers."
        )
    )
    return (
        f"{figures['questions']} questions ({figures['source'].replace('_', ' ')}), AUROC {figures['auroc']:.3f}; "
        f"calibration error {figures['ece_before']:.3f} -> {figures['ece']:.3f}\n"
        f"    answer from {figures['answer']:.2f} (probability {figures['answer_probability']:.2f}): "
        f"{figures['answered']:.0%} of the questions get an answer, {figures['wrong']:.0%} of those are wrong\n"
        f"    suggest from {figures['suggest']:.2f}{kept}"
    )


async def forget(settings: Settings) -> None:
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        uow.knowledge.drop_calibrations()
        await uow.commit()


async def calibrate(
    settings: Settings,
    files: Sequence[Path],
    false_answers: float,
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> dict[str, dict[str, Any]]:
    """The figures by language. Works beside a running desk, on an index of its own. Raises InvalidInput."""
    async with open_desk(settings) as desk:
        await load_samples(desk)
        entries = await entries_of(desk)
        if not entries:
            raise InvalidInput("there are no articles to ask: guichet kb sync FOLDER brings them in")
        labelled = await labelled_questions(desk, files, entries)
        fits: dict[Language, tuple[Fit, Source]] = {}
        async with index_of(desk, progress) as (index, embedder):
            judge = Judge(index, embedder, family({entry.article.id: entry.article for entry in entries}), STANDS_OUT)
            for language in Language:
                known = [each for each in labelled if each.language is language]
                source: Source = "labelled" if len(known) >= ENOUGH else "leave_one_out"
                asked = judge.labelled(known) if source == "labelled" else judge.left_out(entries, language)
                now_in_force = index.manifest.thresholds.get(language, DEFAULT_THRESHOLDS)
                if found := fit(await asked, false_answers, now_in_force):
                    fits[language] = found, source
            model = index.manifest.model or ""
        if not dry_run:
            async with desk.storage.unit_of_work() as uow:
                for language, (found, source) in fits.items():
                    uow.knowledge.put_calibration(record(language, model, found, source, false_answers))
                await uow.commit()
    too_few = {"reason": f"left as it is: fewer than {ENOUGH} questions to fit on, or all went the same way"}
    return {language: as_json(*fits[language]) if language in fits else too_few for language in Language}


def record(language: Language, model: str, found: Fit, source: Source, false_answers: float) -> Calibration:
    return Calibration(
        language=language,
        model=model,
        slope=found.slope,
        intercept=found.intercept,
        answer=found.answer,
        suggest=found.suggest,
        ece=found.after,
        auroc=found.auroc,
        questions=found.questions,
        source=source,
        false_answers=false_answers,
        fitted_at=now(),
    )


def as_json(found: Fit, source: Source) -> dict[str, Any]:
    return {
        "questions": found.questions,
        "source": source,
        "auroc": round(found.auroc, 4),
        "ece_before": round(found.before, 4),
        "ece": round(found.after, 4),
        "answer": round(found.answer, 4),
        "answer_probability": round(probability(found.answer, found.slope, found.intercept), 4),
        "suggest": round(found.suggest, 4),
        "reached": found.reached,
        "answered": round(found.answered, 4),
        "wrong": round(found.wrong, 4),
    }


async def entries_of(desk: Desk) -> list[Entry]:
    """Every article, with the phrasings approved for it."""
    async with desk.storage.unit_of_work() as uow:
        articles = await uow.knowledge.articles(list(await uow.knowledge.catalogue()))
        learnt: dict[str, list[tuple[str, Language]]] = {}
        for phrasing in await uow.knowledge.approved_phrasings():
            learnt.setdefault(phrasing.article_id, []).append((phrasing.text, phrasing.language))
    return [Entry(article, tuple(learnt.get(id, ()))) for id, article in sorted(articles.items())]


async def labelled_questions(desk: Desk, files: Sequence[Path], entries: Sequence[Entry]) -> list[Known]:
    """Of files, or what people said of answers: it helped. What is a title or a phrasing by now would find itself."""
    families = family({entry.article.id: entry.article for entry in entries})

    def with_translations(ids: Sequence[str]) -> frozenset[str]:
        return frozenset(member for id in ids for member in families.get(id, frozenset({id})))

    if files:
        asked = [question for file in files for question in questions_of(file)]
        if strangers := {id for question in asked for id in question.relevant if id not in families}:
            raise InvalidInput(f"relevant: {len(strangers)} ids are not articles here, such as {min(strangers)}")
        return [Known(each.text, each.language, with_translations(sorted(each.relevant))) for each in asked]
    written = {text.casefold() for entry in entries for text in (entry.article.title, *(t for t, _ in entry.phrasings))}
    async with desk.storage.unit_of_work() as uow:
        return [
            Known(question.text, question.language, with_translations([question.best_article]))
            for question in await uow.knowledge.asked(origin="chat")
            if question.confirmed and question.best_article in families
            if question.text and question.text.casefold() not in written  # without words: its asker was erased
        ]


@asynccontextmanager
async def index_of(desk: Desk, progress: Callable[[int, int], None]) -> AsyncIterator[tuple[Reader, Embedder | None]]:
    """This home's index, or one made for the purpose while another process has that, with the model that is wanted."""
    embedder = desk.embedders.wanted
    async with own_index(desk, "kb calibrate") as index:
        if index is not None:
            follower = desk.follower(index)
            await follower.catch_up(progress)
            if follower.wants_embedding:
                await follower.embed_anew(progress)
            yield index, embedder
            return
    with tempfile.TemporaryDirectory(prefix="guichet-calibrate-") as directory:
        made = await EmbeddedIndex.open(Path(directory))
        try:
            follower = desk.follower(made)
            await (follower.embed_anew(progress) if embedder else follower.catch_up(progress))
            yield made, embedder
        finally:
            await made.close()
