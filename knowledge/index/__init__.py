"""The search index: a copy of the articles' rows made for finding them, which can be thrown away and made again."""
