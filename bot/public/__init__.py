"""What the desk hears in public, and what it says there."""
