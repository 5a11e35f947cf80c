"""Write-ups of resolved tickets: drafted from what was said, numbered, reviewed, and put into the knowledge base."""
