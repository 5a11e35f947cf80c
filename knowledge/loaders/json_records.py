"""JSON: a list of objects, each an entry of a FAQ or a past ticket (`knowledge.loaders.records`)."""

import json
from collections.abc import Iterator

from knowledge.loaders.records import loaded
from knowledge.loaders.source import Loaded, Source

_LISTS = ("tickets", "faq", "entries", "items", "results", "records", "data")


def load(source: Source) -> Iterator[Loaded]:
    """One article or past ticket an object; those that cannot be used are reported by their place."""
    try:
        content = json.loads(source.text())
    except json.JSONDecodeError as error:
        raise source.error(f"is not valid JSON: line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise source.error("is not JSON that can be used: a number too long, or nested too deeply") from error
    if isinstance(content, dict):
        content = next((content[name] for name in _LISTS if isinstance(content.get(name), list)), content)
    if not isinstance(content, list):
        raise source.error("should be a list of objects: with question and answer, or past tickets")
    yield from loaded(source, (("entry", place, entry) for place, entry in enumerate(content, 1)))
