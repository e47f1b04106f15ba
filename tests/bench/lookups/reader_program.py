"""`python reader_program.py ARTICLES QUERIES`: lemon24/reader's own search, timed.

It runs in an environment of its own, which has `reader` and nothing of this project. ARTICLES is a
file with a line of JSON for each entry; QUERIES has a list of texts. Prints JSON.

https://reader.readthedocs.io/en/latest/guide.html#full-text-search
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

FEED, FOUND = "https://reader.example/feed", 5


def main(articles: str, queries: str) -> None:
    """Add the entries, update the search, and run the queries."""
    reader_module: Any = import_module("reader")
    database = Path(articles).with_name("reader.db")
    began = time.perf_counter()
    reader = reader_module.make_reader(str(database))
    reader.add_feed(FEED, allow_invalid_url=True)
    with Path(articles).open(encoding="utf-8") as lines:
        for line in lines:
            reader.add_entry({"feed_url": FEED, **json.loads(line)})
    added = time.perf_counter()
    reader.enable_search()
    reader.update_search()
    indexed = time.perf_counter()
    seconds, found = [], []
    for text in json.loads(Path(queries).read_text(encoding="utf-8")):
        started = time.perf_counter()
        try:
            found.append(len(list(reader.search_entries(text, limit=FOUND))))
        except reader_module.InvalidSearchQueryError:
            found.append(-1)
        seconds.append(time.perf_counter() - started)
    result = {
        "version": reader_module.__version__,
        "adding_seconds": added - began,
        "indexing_seconds": indexed - added,
        "bytes": sum(each.stat().st_size for each in database.parent.glob("reader.db*")),
        "seconds": seconds,
        "found": found,
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
