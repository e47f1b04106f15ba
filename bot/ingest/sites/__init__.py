"""Reads the pages of sites as their generators do: addresses, drafts, dates, titles, languages.

`site` has the types, one module per generator its rules, `detection` finds out which generator a
source's files are for, and `fields` has what the front matter of most generators has in common.
"""
