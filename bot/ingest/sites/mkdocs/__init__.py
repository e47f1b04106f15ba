"""Reads the sites of MkDocs, with the blogs of Material, as it does: https://www.mkdocs.org."""
