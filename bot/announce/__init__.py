"""Decide which channel gets which story and when, plan it in the outbox, and send it."""
