"""Announced problems: one cause behind many questions, told before any article, until it is over."""
