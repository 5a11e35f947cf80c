"""Run as a script: a PDF on standard input, its pages as JSON on standard output.

A few kilobytes of PDF can ask for any amount of time and memory. Here they get what the arguments allow and no more:
seconds of processor time, bytes of memory, pages, characters. Imports nothing of the product, to start fast.
"""

import io
import json
import sys
from typing import Any

PASSWORD = "is protected by a password"  # noqa: S105 (what is said of it)


def main() -> None:
    seconds, memory, most_pages, most_characters = map(int, sys.argv[1:5])
    restrict(seconds, memory)
    try:
        result = pages(sys.stdin.buffer.read(), most_pages, most_characters)
    except MemoryError:
        result = {"error": "needs too much memory to be read"}
    json.dump(result, sys.stdout)


def restrict(seconds: int, memory: int) -> None:
    """Where the system can: Windows cannot, there the caller's own patience is the only limit."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, limit in wanted.items():
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS has no limit of this kind, or a lower one is set already
            continue


def pages(content: bytes, most_pages: int, most_characters: int) -> dict[str, Any]:
    """The text of each page in order, "" where there is none; `failed` are the numbers of those that are damaged."""
    import pypdf
    from pypdf.errors import DependencyError

    texts: list[str] = []
    failed: list[int] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"error": PASSWORD}
        count = len(reader.pages)
        about = {"title": metadata(reader, "/Title"), "language": str(reader.root_object.get("/Lang", ""))[:40]}
    except DependencyError:  # a cipher that needs another library
        return {"error": PASSWORD}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (a parser of hostile input: what is broken in it surfaces as anything)
        return {"error": f"is damaged, or no PDF ({type(error).__name__})"}
    left = most_characters
    for number in range(1, min(count, most_pages) + 1):
        try:
            text = reader.pages[number - 1].extract_text()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 (as above; the other pages may be sound)
            text = ""
            failed.append(number)
        texts.append(text[:left])
        left -= len(text)
        if left <= 0:
            break
    return {"pages": texts, "count": count, "failed": failed, **about}


def metadata(reader: Any, key: str) -> str:
    value = (reader.metadata or {}).get(key)
    return str(value)[:500] if value else ""


if __name__ == "__main__":
    main()
