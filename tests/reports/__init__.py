"""Figures, held against a slow and obvious way to get them."""
