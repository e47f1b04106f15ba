"""Reads the sites of Jekyll as it does: https://jekyllrb.com/docs.

`site` decides what becomes of a page. `configuration` reads `_config.yml`, `places` says what a
file is for (a post, a page, a document of a collection), `defaults` finds the default values of
front matter, and `dates`, `globs` and `links` have Jekyll's rules for these.
"""
