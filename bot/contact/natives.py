"""How the page's visitors are told from everybody else: by their native ids."""

from uuid import UUID

PREFIX = "contact:"


def is_visitor(native_id: str) -> bool:
    return native_id.startswith(PREFIX)


def native_id(browser: str, about: UUID) -> str:
    """Of a browser, as it speaks about one thing: somebody else about each."""
    return f"{PREFIX}{browser}:{about.hex}"
