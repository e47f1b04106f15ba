"""Tries the documentation as a new operator would, with nothing but its commands."""
