"""Save the database, and prove that it can be restored."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import BackupError
from bot.ports.upkeep import Archive

log = logging.getLogger(__name__)

KEPT = 10
UNVERIFIED = ".unverified"
ABANDONED = timedelta(days=1)  # an unverified file that old belongs to nobody


async def backup(archive: Archive, folder: Path, now: datetime, kept: int = KEPT) -> int:
    """Write a dated, compressed backup into `folder`, and keep the last `kept`; return 1.

    It counts once a trial restore of it has succeeded. Until then, and when that fails, the older ones all stay.
    Raises BackupError.
    """
    file = folder / f"guichet-{now:%Y%m%dT%H%M%SZ}.backup"
    unverified = file.with_name(file.name + UNVERIFIED)
    try:
        saved = await archive.write(unverified)
        restored = await archive.verify(unverified)
        if restored < saved:
            raise BackupError(f"{file.name}: {saved} rows were saved, and {restored} can be restored")
        await asyncio.to_thread(unverified.replace, file)
    except OSError as error:
        raise BackupError(f"cannot write {file}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unverified.unlink(missing_ok=True)
    log.info("saved %d rows to %s, and restored them for trial", saved, file)
    await asyncio.to_thread(_tidy, folder, kept, now)
    return 1


def _tidy(folder: Path, kept: int, now: datetime) -> None:
    """Remove all but the newest backups of this job, and what a process left that died at it."""
    ours = sorted(folder.glob("guichet-*.backup"))
    left = [
        file
        for file in folder.glob(f"*guichet-*.backup{UNVERIFIED}*")
        if now.timestamp() - file.stat().st_mtime > ABANDONED.total_seconds()
    ]
    for file in (*ours[:-kept], *left):
        try:
            file.unlink()
        except OSError as error:
            log.warning("cannot remove %s: %s", file, error.strerror)
