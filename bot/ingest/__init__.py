"""Brings the articles of all sources into the store.

`document` and the modules it uses are pure: they turn bytes into an article, an unpublished
document or a rejection. A `Source` finds documents and notices changes; `loader` stores the changed
documents, `watch` does so whenever a source changes, and `supervisor` watches all sources.
"""
