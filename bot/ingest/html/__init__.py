"""Reads HTML and the addresses in it: visible text, pictures. Pure."""
