"""What `guichet doctor` finds: one line a part, and for what is wrong, what to do."""

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from bot.model.knowledge import Article
from bot.model.ledger import LedgerCounts
from bot.model.values import InboxState, OutboxState
from bot.settings import PREFIX, Settings

FOR_TESTS = ("GUICHET_TEST_DATABASE_URL",)
MOST_NAMED = 5  # articles
LITTLE_SPACE = 500_000_000  # bytes free, below which the doctor warns


@dataclass(frozen=True, slots=True)
class Check:
    """`broken`: the desk cannot work like that; `warning`: it can, but somebody should know."""

    part: str
    state: Literal["ok", "warning", "broken"]
    finding: str
    remedy: str = ""


def check_settings(environ: Mapping[str, str], env_file: Path) -> list[Check]:
    """Variables that look like settings and are none: a misspelt setting would be silently without effect."""
    written = list(environ)
    if env_file.is_file():
        lines = env_file.read_text(encoding="utf-8", errors="replace").splitlines()
        written += [line.partition("=")[0].strip() for line in lines if not line.lstrip().startswith("#")]
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    checks = []
    for name in dict.fromkeys(written):
        if name.upper().startswith(PREFIX) and name.upper() not in known and name.upper() not in FOR_TESTS:
            near = get_close_matches(name.upper(), known, n=1)
            remedy = f"did you mean {near[0]}?" if near else "remove it; .env.example lists every setting"
            checks.append(Check("settings", "warning", f"{name} is no setting of guichet", remedy))
    return checks or [Check("settings", "ok", "every variable is known and valid")]


def check_home(home: Path) -> Check:
    """Whether the home can be written, and has room."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        remedy = "set GUICHET_HOME to a folder that this user can write"
        return Check("home", "broken", f"{home} cannot be written ({error.strerror})", remedy)
    free = shutil.disk_usage(home).free
    if free < LITTLE_SPACE:
        return Check(
            "home", "warning", f"{home} has only {free // 1_000_000} MB left", "make room, or move GUICHET_HOME"
        )
    if home.stat().st_mode & 0o002:
        return Check("home", "warning", f"{home} can be written by everybody", f"chmod o-w {home}")
    return Check("home", "ok", f"{home.resolve()} ({free // 1_000_000_000} GB free)")


def check_ledger(counts: LedgerCounts) -> Iterable[Check]:
    """Messages given up and deliveries that failed."""
    waiting = counts.inbox[InboxState.RECEIVED] + counts.inbox[InboxState.PROCESSING]
    if dead := counts.inbox[InboxState.DEAD]:
        remedy = "look for their references (E-…) in the log; each asker was told theirs"
        yield Check("inbox", "warning", f"{dead} messages were given up after three failures", remedy)
    else:
        yield Check("inbox", "ok", f"{counts.inbox[InboxState.DONE]} handled, {waiting} waiting")
    pending = counts.outbox[OutboxState.PENDING] + counts.outbox[OutboxState.SENDING]
    if failed := counts.outbox[OutboxState.FAILED]:
        yield Check("outbox", "warning", f"{failed} deliveries were refused by their platform", "the log says why")
    elif unknown := counts.outbox[OutboxState.UNKNOWN]:
        remedy = "they are looked into as soon as their platform runs"
        yield Check("outbox", "warning", f"{unknown} deliveries have no known outcome", remedy)
    else:
        yield Check("outbox", "ok", f"{counts.outbox[OutboxState.SENT]} sent, {pending} waiting")


def check_mail(settings: Settings, trouble: str | None) -> Check:
    """`trouble`: why the mail server cannot be used, if there is one and it was tried."""
    if settings.smtp_url is None and settings.smtp_from is None:
        return Check("mail", "ok", "none: set GUICHET_SMTP_URL and GUICHET_SMTP_FROM to let the desk write e-mail")
    if settings.smtp_url is None:
        remedy = "set GUICHET_SMTP_URL to your mail server"
        return Check("mail", "warning", "there is a sender and no server, so no e-mail is sent", remedy)
    if settings.smtp_from is None:
        remedy = "set GUICHET_SMTP_FROM to the address that the desk writes from"
        return Check("mail", "warning", "there is a server and no sender, so no e-mail is sent", remedy)
    if trouble is not None:
        remedy = "see that it runs and can be reached from here; correct GUICHET_SMTP_URL if it is wrong"
        return Check("mail", "broken", trouble, remedy)
    return Check("mail", "ok", f"the server takes mail from {settings.smtp_from}")


def check_translations(stale: Sequence[tuple[Article, Article]]) -> Check:
    """`stale`: translations older than their source, each with that."""
    if not stale:
        return Check("pairs", "ok", "every translation is as recent as its source")
    named = ", ".join(translation.id for translation, _ in stale[:MOST_NAMED])
    more = f" and {len(stale) - MOST_NAMED} more" if len(stale) > MOST_NAMED else ""
    count = "1 translation is" if len(stale) == 1 else f"{len(stale)} translations are"
    remedy = "bring them up to date and set their `reviewed`; guichet kb show ARTICLE has the dates"
    return Check("pairs", "warning", f"{count} older than the source: {named}{more}", remedy)
