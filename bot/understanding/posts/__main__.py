"""`make train-complaints`: writes `weights.json` anew from the posts, and prints how well what is learnt works."""

import click

from bot.understanding.posts import corpus
from bot.understanding.posts.reader import PostReader
from bot.understanding.posts.report import report, told
from bot.understanding.posts.training import WEIGHTS, as_text, seen_in, train


def main() -> None:
    posts = (*corpus.read("en"), *corpus.read("fr"))
    held, never = corpus.read("held_back"), corpus.read("never_learnt")
    seen, seen_held = seen_in(posts), seen_in(held)
    # What ships has learnt from every post, those of the other styles too, save those that measure it.
    learnt = train((*posts, *held), (*seen, *seen_held))
    ships = list(told(PostReader.of(learnt), never, seen_in(never)))
    click.echo(report(posts, seen, held, seen_held, ships))
    WEIGHTS.write_text(as_text(learnt), encoding="utf-8")
    size = WEIGHTS.stat().st_size / 1000
    click.echo(f"learnt from {len(posts) + len(held)} posts; {WEIGHTS.name} has {size:.0f} kB")


main()
