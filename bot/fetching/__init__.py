"""Asking other people's web servers: within bounds, politely, and only those of the open internet.

`Fetcher` does one request, `Page` one address that is asked again and again, `Schedule` says when.
"""
