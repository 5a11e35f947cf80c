"""What a message goes through: receive, identify, understand, decide, retrieve, answer, escalate, send.

`dispatcher` takes events from the inbox, `pipeline` leads one of them through the steps, `rules` decides what it is,
and `delivery` sends what came of it.
"""
