"""The state of the local Discord, its rules for messages, its JSON payloads, and its storage."""
