"""A ticket's life, how it is opened, and how it is shown."""
