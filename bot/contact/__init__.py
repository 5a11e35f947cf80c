"""The contact page's rules: who a visitor is, how they show that a post is theirs, and how they hear of an answer."""
