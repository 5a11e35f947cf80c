"""Invented data to try a desk with: companies, people, their devices, technicians, and sixty past tickets.

Nobody in it exists; its addresses end in `.example`, a domain that nobody can own (RFC 2606). The files beside this one
are also examples of the forms that `guichet people import` and the loader of past tickets take. The articles that go
with them are the samples.
"""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TICKETS = FOLDER / "tickets.json"
ORIGIN = "demo"  # of the past tickets, in the database
