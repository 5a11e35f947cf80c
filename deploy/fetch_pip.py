"""Fetch the pip that a lock names, on a Python that came without it (Debian and Ubuntu leave ensurepip out).

Usage: python deploy/fetch_pip.py LOCK WHEEL. The index is PIP_INDEX_URL or PyPI; the file's hash must be in the lock.
Exits 1 with one line when the index does not answer or offers no such file.
"""

import hashlib
import os
import re
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urljoin


def locked_pip(lock: str) -> tuple[str, frozenset[str]]:
    """The version of pip in a lock, and the SHA-256 sums of its files."""
    entry = re.search(r"^pip==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)", lock, re.MULTILINE)
    if entry is None:
        raise LookupError("the lock names no pip")
    return entry[1], frozenset(re.findall(r"[0-9a-f]{64}", entry[2]))


def wheel(index: str, version: str, sums: frozenset[str]) -> bytes:
    """The locked pip's wheel. LookupError when the index lists no such file, or another file under its name."""
    page = f"{index.rstrip('/')}/pip/"
    name = f"pip-{version}-py3-none-any.whl"
    link = re.search(rf'href="([^"#]*{re.escape(name)})[#"]', _get(page).decode())
    if link is None:
        raise LookupError(f"{page} lists no {name}")
    content = _get(urljoin(page, link[1]))
    if hashlib.sha256(content).hexdigest() not in sums:
        raise LookupError(f"the {name} there does not have the locked hash")
    return content


def _get(address: str) -> bytes:
    request = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310 (the user's own index)
    with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def main(lock: str, target: str) -> None:
    index = os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    try:
        Path(target).write_bytes(wheel(index, *locked_pip(Path(lock).read_text(encoding="utf-8"))))
    except (OSError, ValueError, LookupError) as error:
        sys.exit(f"pip could not be fetched from {index}: {error}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
