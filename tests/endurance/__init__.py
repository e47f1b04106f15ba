"""A month of traffic with a moved clock, and 200 reconnects to the gateway: nothing may be leaked.

The bot runs in a process of its own against the sandbox. `python -m tests.endurance` takes some
minutes; the test suite runs a short version.
"""
