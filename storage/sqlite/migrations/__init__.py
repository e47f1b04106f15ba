"""Numbered migrations, each run with its version mark in one transaction."""
