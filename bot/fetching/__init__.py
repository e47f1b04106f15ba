"""HTTP requests to other people's web servers: bounded, polite, and to the public internet only.

`Fetcher` makes a request; `PollSchedule` decides when the next one is due.
"""
