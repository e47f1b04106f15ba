"""Builds the image without a container engine, and runs the bot in it."""
