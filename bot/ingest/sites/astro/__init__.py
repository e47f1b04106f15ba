"""Reads the sites of Astro as it does: https://docs.astro.build.

`site` decides what becomes of a page. `configuration` reads the site's configuration and that of
its content collections, `routes` finds the pages that show their entries, and `slugs` has the rule
for the ids of entries.
"""
