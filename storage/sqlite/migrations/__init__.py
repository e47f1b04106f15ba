"""Numbered migrations, each run with its version number in one transaction."""
