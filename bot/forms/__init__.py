"""Forms that platforms show: what they ask for, what stands in them, and what was written."""
