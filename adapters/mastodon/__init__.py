"""Mastodon, and servers that speak as it does: the public is heard in public and helped in private."""
