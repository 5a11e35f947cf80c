"""What the desk does: messages, understanding, conversation, answering, tickets, commands, texts, ports."""

__version__ = "0.1.0"
