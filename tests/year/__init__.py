"""A simulated year of news: the real planner, delivery and store, and a clock that is moved.

`python -m tests.year` simulates a whole year; the test suite simulates ten days. The result is
checked against separate, simple rules that share no code with the bot.
"""
