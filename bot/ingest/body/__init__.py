"""Reads the text below the front matter: headings, an excerpt, pictures."""
