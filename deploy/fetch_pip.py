"""Fetch the pip that a lock names, on a Python that came without it (Debian and Ubuntu leave ensurepip out).

Usage: python deploy/fetch_pip.py LOCK WHEEL. The index is PIP_INDEX_URL or PyPI; the file's hash must be in the lock.
Exits 1 with one line when the index does not answer or offers no such file.
"""

import hashlib
import json
import os
import re
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


def locked_pip(lock: str) -> tuple[str, frozenset[str]]:
    """The version of pip in a lock, and the SHA-256 sums of its files."""
    entry = re.search(r"^pip==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)", lock, re.MULTILINE)
    if entry is None:
        raise LookupError("the lock names no pip")
    return entry[1], frozenset(re.findall(r"[0-9a-f]{64}", entry[2]))


def wheel(index: str, version: str, sums: frozenset[str]) -> bytes:
    """The locked pip's wheel. LookupError when the index has no file with one of these sums."""
    page = f"{index.rstrip('/')}/pip/"
    request = urllib.request.Request(page, headers={"Accept": SIMPLE_JSON})  # noqa: S310 (the user's own index)
    with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
        files = json.load(answer)["files"]
    for file in files:
        if file["filename"] == f"pip-{version}-py3-none-any.whl" and file["hashes"].get("sha256") in sums:
            with urllib.request.urlopen(urljoin(page, file["url"]), timeout=15) as answer:  # noqa: S310
                content: bytes = answer.read()
            if hashlib.sha256(content).hexdigest() in sums:
                return content
    raise LookupError(f"{page} has no pip {version} with the locked hash")


def main(lock: str, target: str) -> None:
    index = os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    try:
        Path(target).write_bytes(wheel(index, *locked_pip(Path(lock).read_text(encoding="utf-8"))))
    except (OSError, ValueError, LookupError) as error:
        sys.exit(f"pip could not be fetched from {index}: {error}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
