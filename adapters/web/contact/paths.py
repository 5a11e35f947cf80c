"""Which addresses are the contact page's: anybody may open them, and no search engine is to find them."""

CONTACT = "/contact"
PREFIXES = ("/c/", "/d/", "/contact/")


def is_contact(path: str) -> bool:
    return path == CONTACT or path.startswith(PREFIXES)
