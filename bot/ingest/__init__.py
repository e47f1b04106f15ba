"""From a source's documents to articles in the store.

`document` and what it uses are pure: bytes become an article, a draft or a rejection. A `Source`
finds documents and notices changes; `loader` and `watch` bring them into the store.
"""
