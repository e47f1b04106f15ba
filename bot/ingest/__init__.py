"""Brings the articles of all sources into the store.

`document` and what it uses are pure: bytes become an article, an unpublished document or a
rejection. A `Source` finds documents and notices changes; `loader` stores what has changed, `watch`
does so whenever a source changes, and `supervisor` watches all of them.
"""
