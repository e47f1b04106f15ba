"""Requests to other people's web servers: bounded, polite, and on the public internet only.

`Fetcher` makes one request, `PollSchedule` says when.
"""
