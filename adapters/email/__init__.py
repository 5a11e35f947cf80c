"""E-mail, one way: what the desk writes to people who are not at any of its other places."""
