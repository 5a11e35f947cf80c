"""Signing in to the page: with a code by mail, or at a reverse proxy."""
