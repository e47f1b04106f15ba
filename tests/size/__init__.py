"""A simulated year of articles with `retention.articles`: how large the database becomes.

`python -m tests.size` takes a few minutes; the test suite simulates some weeks.
"""
