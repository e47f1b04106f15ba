"""Entries of feeds and articles of APIs: which of them are known, changed, or archive. Pure.

A feed lists its newest entries, and none of what it says about them can be relied on: ids repeat or
change at every reading, several entries share a page, and dates are missing.
"""
