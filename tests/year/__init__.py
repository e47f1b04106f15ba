"""A simulated year of news: the real planner, delivery and store, and a clock that is moved.

`python -m tests.year` runs all of it; the test-suite runs some weeks. What came of it is checked
against plain rules of its own, which share nothing with the bot's.
"""
