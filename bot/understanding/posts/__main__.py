"""`make train-complaints`: writes `weights.json` anew from the posts, and prints how well what is learnt works."""

import click

from bot.understanding.posts import corpus
from bot.understanding.posts.report import report
from bot.understanding.posts.training import WEIGHTS, as_text, seen_in, train


def main() -> None:
    posts = (*corpus.read("en"), *corpus.read("fr"))
    held = corpus.read("held_back")
    seen, seen_held = seen_in(posts), seen_in(held)
    click.echo(report(posts, seen, held, seen_held))
    # What ships has learnt from every post, those of the other styles too.
    WEIGHTS.write_text(as_text(train((*posts, *held), (*seen, *seen_held))), encoding="utf-8")
    size = WEIGHTS.stat().st_size / 1000
    click.echo(f"learnt from {len(posts) + len(held)} posts; {WEIGHTS.name} has {size:.0f} kB")


main()
