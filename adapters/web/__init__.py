"""The web chat: a page for employees and the public, and the technicians' list and ticket pages."""
