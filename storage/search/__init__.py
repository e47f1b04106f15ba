"""Full text search, apart from the index itself. Pure.

The modules decide which words a text has (`terms`), what a person looks for (`query`), where a text
matches (`matching`), which story comes first (`ranking`) and what a mistyped word may have meant
(`suggestions`). An adapter stores the words and finds them again. docs/search.md
"""
