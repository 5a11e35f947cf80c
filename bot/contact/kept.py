"""How long what the contact page remembers is kept."""

from datetime import timedelta

FORGOTTEN = timedelta(days=90)  # after a page was last open: a browser keeps its cookie no longer
