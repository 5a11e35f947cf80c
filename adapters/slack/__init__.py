"""Slack: employees ask, technicians work."""
