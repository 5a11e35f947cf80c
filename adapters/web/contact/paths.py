"""Which addresses are the contact page's: anybody may open them, and no search engine is to find them."""

import re

CONTACT = "/contact"
PREFIXES = ("/c/", "/d/", "/contact/")


def is_contact(path: str) -> bool:
    return path == CONTACT or path.startswith(PREFIXES)


def page_of(path: str) -> str:
    """Where somebody goes back to who was refused at this address: the page of it that they were on, or the desk."""
    if not is_contact(path):
        return "/"
    found = re.match(r"/[cd]/[^/]+|/contact/on/[^/]+|/contact/[0-9a-f-]{36}(?=/|$)", path)
    return found[0] if found else CONTACT
