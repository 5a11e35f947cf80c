"""A Chromium to test with: one that is installed, else Playwright's own, else the system's package."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = "REQUIRE_BROWSER"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 300  # for a download or an installation


@cache
def chromium() -> Path | None:
    return installed() or downloaded() or packaged()


def installed() -> Path | None:
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def downloaded() -> Path | None:
    """Playwright's own, fetched if it can be."""
    if not _succeeds(sys.executable, "-m", "playwright", "install", "chromium"):
        return None
    cache_folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    return next((path for name in ("chrome", "headless_shell") for path in cache_folder.rglob(name)), None)


def packaged() -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    if not _succeeds("apt-get", "install", "-y", "--no-install-recommends", "chromium"):
        _succeeds("apt-get", "update")
        _succeeds("apt-get", "install", "-y", "--no-install-recommends", "chromium")
    return installed()


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
