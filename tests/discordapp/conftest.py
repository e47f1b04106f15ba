"""What every test of the Discord adapter needs."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # discord.py 2.7 imports `audioop` for voice, which Python 3.11 and 3.12 call deprecated.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import discord  # noqa: F401 - so that it is imported by the time warnings are errors
