"""Reads the sites of Eleventy as it does: https://www.11ty.dev/docs."""
