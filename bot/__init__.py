"""Storywire, the bot: sources in, Discord out."""
