"""What the core needs from the outside, as small Protocols. Implementations live in adapters, knowledge and storage."""
