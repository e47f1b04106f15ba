"""Reads the sites of Pelican as it does: https://docs.getpelican.com."""
