"""The contact page: what anybody may open, without signing in."""
