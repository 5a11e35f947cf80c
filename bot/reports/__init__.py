"""What the desk says about itself, in figures that do not flatter.

Outcomes that differ are never one number: an answer that the asker confirmed, one that nobody said anything about, and
a ticket that came back stand apart. No share is given of fewer than `MINIMUM` cases. What is an estimate is called one.
"""
