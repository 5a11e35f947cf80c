"""How fast the desk is, each figure beside a baseline of the same run. `make bench`; not a test, and not run by one.

`base` writes the articles and the questions, `answers`, `syncing` and `processes` measure, `baselines` does the bare
minimum of the same work, and `table` prints what came of it.
"""
