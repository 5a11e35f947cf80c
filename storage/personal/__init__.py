"""What belongs to one person, wherever it lies: found in one way, whether to be given to them or to be erased."""
