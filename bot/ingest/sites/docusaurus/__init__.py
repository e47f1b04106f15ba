"""Reads the sites of Docusaurus as it does: https://docusaurus.io/docs.

`site` decides what becomes of a page. `configuration` reads the site's configuration, `routes` has
the rules for the paths of posts and documents, and `titles` finds a page's title.
"""
