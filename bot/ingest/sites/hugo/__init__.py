"""Reads the pages of Hugo sites: https://gohugo.io/documentation.

`configuration` reads a site's configuration, `content_paths` what the path of a content file says,
`permalinks` and `addresses` make addresses, `dates` reads dates, `cascades` gives pages the fields
of their sections, and `site` puts all of it together.
"""
