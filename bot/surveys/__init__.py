"""Surveys: how it went (CSAT, 1 to 5), and whether one would recommend the desk (NPS, 0 to 10)."""
