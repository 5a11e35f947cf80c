"""Files that come with messages: what is taken, where it lies, who may have it, and how it is shown."""
