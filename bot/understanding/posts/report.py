"""How well complaints are told on posts whose author, or theme, was not learnt from; beside a rule of key words."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.model.values import Language
from bot.understanding.normalise import fold
from bot.understanding.posts.corpus import Post
from bot.understanding.posts.reader import PostReader
from bot.understanding.posts.training import SHARE_AMONG_ADDRESSED, folds, train
from bot.understanding.posts.traits import Traits, traits, without_accounts

_BINS = 10

# What one would write in five minutes: the measure of what learning is good for.
_KEY_WORDS = re.compile(
    r"\b(?:complain\w*|worst|terrible|awful|appalling|disgust\w*|disgrac\w*|useless|ridiculous|unacceptable|rubbish"
    r"|disappoint\w*|poor|rude|refund\w*|broken|faulty|damaged|not working|n't work|still (?:no|not|waiting)"
    r"|waiting|delay\w*|late|cancel\w*|missing|lost|wrong|error|problem|issues?|fix|never|charged|no response"
    r"|reclam\w*|pire|nul|nulle|honte\w*|scandal\w*|inadmissible|inacceptable|decu\w*|rembours\w*|en panne|casse\w*"
    r"|retard|ne marche pas|ne fonctionne pas|toujours (?:pas|aucun\w*)|attends|annul\w*|perdu\w*|erreur|probleme\w*)\b"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A post, what was said of it, and how sure that was."""

    post: Post
    complaint: bool
    chance: float
    urgency: str
    sentiment: str


def report(
    posts: Sequence[Post],
    seen: Sequence[Traits],
    held: Sequence[Post],
    seen_held: Sequence[Traits],
    ships: Sequence[Told],
) -> str:
    """The table that `make train-complaints` prints. Nothing held back was learnt from for it; `ships` is what the
    reader that ships says of the posts that it never learns from."""
    by_author = list(told_apart(posts, seen, author_of))
    nameless = list(told_apart(posts, seen, author_of, named=False))
    by_theme = list(told_apart(posts, seen, theme_of))
    of_held = list(told(learnt_from(posts, seen), held, seen_held))
    lines = [f"{'':28}{'posts':>6}{'macro-F1':>10}{'precision':>11}{'recall':>8}{'key words':>11}"]
    for name, all_told in (
        ("authors held apart", by_author),
        ("the same, no account named", nameless),
        ("themes held apart", by_theme),
        ("other styles, held back", of_held),
        ("what ships, posts never learnt from", ships),
    ):
        lines.append(name)
        for language in Language:
            lines.append(_line(language, [one for one in all_told if one.post.language is language]))
    to_accounts = [one for one in by_author if traits(one.post.text, one.post.language).addressed]
    error = calibration_error(to_accounts, SHARE_AMONG_ADDRESSED)
    lines.append(f"calibration error of the chance, an account named, authors held apart: {error:.3f}")
    for scale in ("urgency", "sentiment"):
        pairs = [(getattr(one.post, scale), getattr(one, scale)) for one in by_author]
        right = sum(wanted == said for wanted, said in pairs) / len(pairs)
        lines.append(f"{scale}, authors held apart: {right:.3f} right, macro-F1 {macro_f1(pairs):.3f}")
    return "\n".join(lines)


def author_of(post: Post) -> str:
    return f"{post.language} {post.author}"


def theme_of(post: Post) -> str:
    return post.theme


def learnt_from(posts: Sequence[Post], seen: Sequence[Traits]) -> PostReader:
    return PostReader.of(train(posts, seen))


def told_apart(
    posts: Sequence[Post],
    seen: Sequence[Traits],
    group: Callable[[Post], str],
    *,
    named: bool = True,
    learn: Callable[[Sequence[Post], Sequence[Traits]], PostReader] = learnt_from,
) -> Iterator[Told]:
    """What is said of each post by a reader that learnt from no post of its group; if not `named`, of the post with
    every account taken out."""
    shown = seen if named else [traits(without_accounts(post.text), post.language) for post in posts]
    for learnt, tested in folds(posts, group):
        reader = learn([posts[i] for i in learnt], [seen[i] for i in learnt])
        yield from told(reader, [posts[i] for i in tested], [shown[i] for i in tested])


def told(reader: PostReader, posts: Sequence[Post], seen: Sequence[Traits]) -> Iterator[Told]:
    for post, one in zip(posts, seen, strict=True):
        verdict = reader.verdict(one)
        yield Told(post, verdict.complaint, verdict.chance, verdict.urgency, verdict.sentiment)


def by_key_words(text: str) -> bool:
    return bool(_KEY_WORDS.search(fold(text)))


def macro_f1(pairs: Sequence[tuple[object, object]]) -> float:
    """The mean over the values that occur of F1, of (what it is, what was said)."""
    scores = []
    for value in {wanted for wanted, _ in pairs}:
        hits = sum(wanted == said == value for wanted, said in pairs)
        scores.append(2 * hits / sum((wanted == value) + (said == value) for wanted, said in pairs))
    return sum(scores) / len(scores)


def calibration_error(all_told: Sequence[Told], share: float) -> float:
    """How far the chance is from the share of complaints, over ten bins (Naeini et al. 2015), where `share` of
    the posts are complaints."""
    here = sum(one.post.complaint for one in all_told) / len(all_told)
    weights = {True: share / here, False: (1 - share) / (1 - here)}
    error = 0.0
    for number in range(_BINS):
        inside = [one for one in all_told if min(int(one.chance * _BINS), _BINS - 1) == number]
        error += abs(sum(weights[one.post.complaint] * (one.chance - one.post.complaint) for one in inside))
    return error / len(all_told)


def _line(language: Language, all_told: Sequence[Told]) -> str:
    pairs = [(one.post.complaint, one.complaint) for one in all_told]
    right = sum(wanted and said for wanted, said in pairs)
    precision = right / max(1, sum(said for _, said in pairs))
    recall = right / max(1, sum(wanted for wanted, _ in pairs))
    rule = macro_f1([(one.post.complaint, by_key_words(one.post.text)) for one in all_told])
    figures = f"{len(pairs):>6}{macro_f1(pairs):>10.3f}{precision:>11.3f}{recall:>8.3f}{rule:>11.3f}"
    return f"  {language.value:26}{figures}"
