"""Everything that an operator can break, and what the bot says about it.

`make faults` writes the tables of docs/troubleshooting.md; a test compares each row.
"""
