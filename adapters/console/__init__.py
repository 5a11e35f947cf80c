"""The local console: one process is one terminal, at which one person talks as an employee or as a technician."""
