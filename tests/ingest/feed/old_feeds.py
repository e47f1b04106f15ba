"""Feeds that an earlier version read twice, in ways that this version reads otherwise.

`old_feeds.sql` contains the rows of version 9's database after the readings `FIRST` and `SECOND`.
This module imports nothing of the program, so that the program of that version could import it.
"""

import json
from collections.abc import Callable, Mapping

# The second reading has one more entry than the first, the third (after the upgrade) the same
# entries as the second, and the fourth another one.
FIRST, SECOND, SAME, NEW = range(1, 5)
TITLES = ("Bridge opens", "Bakery wins", "Mill burns", "Ferry returns")
DATES = (
    "Wed, 18 Nov 2026 10:00:00 GMT",
    "Thu, 19 Nov 2026 10:00:00 GMT",
    "Sat, 21 Nov 2026 09:00:00 GMT",
    "Mon, 23 Nov 2026 12:30:00 GMT",
)


def entries_of(reading: int) -> list[int]:
    """The numbers (from 1) of the entries in a reading, the newest first."""
    return list(range({FIRST: 2, SECOND: 3, SAME: 3, NEW: 4}[reading], 0, -1))


def _rss(name: str, reading: int, entry: Callable[[int], Mapping[str, str]]) -> bytes:
    """An RSS feed; `entry` returns the elements of an entry that differ from the usual ones."""
    items = []
    for number in entries_of(reading):
        fields = {
            "title": f"{name}: {TITLES[number - 1]}",
            "link": f"https://{name}.example/{number}",
            "guid": f"{name}-{number}",
            "pubDate": DATES[number - 1],
            "": "",
            **entry(number),
        }
        more = fields.pop("")
        elements = (f"<{key}>{value}</{key}>" for key, value in fields.items() if value)
        items.append(f"<item>{''.join(elements)}{more}</item>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>{name}</title><link>https://{name}.example/</link>{''.join(items)}"
        "</channel></rss>"
    ).encode()


def _json(name: str, reading: int) -> bytes:
    items = [
        {
            "id": number,
            "url": f"https://{name}.example/notes#{number}",
            "title": f"{name}: {TITLES[number - 1]}",
            "content_text": "The same text.",
        }
        for number in entries_of(reading)
    ]
    return json.dumps({"title": name, "items": items}).encode()


def _episode(name: str, number: int) -> str:
    return f'<enclosure url="https://{name}.example/{number}.mp3" type="audio/mpeg" length="1"/>'


FEEDS: Mapping[str, Callable[[int], bytes]] = {
    "shared-id": lambda reading: _rss("shared-id", reading, lambda _: {"guid": "feed"}),
    "shared-page": lambda reading: _rss(
        "shared-page", reading, lambda _: {"link": "https://shared-page.example/releases"}
    ),
    "front-page": lambda reading: _rss(
        "front-page",
        reading,
        lambda number: {
            "link": "https://front-page.example/",
            "guid": f"https://front-page.example/#{number}",
        },
    ),
    "same-in-all": lambda reading: _rss(
        "same-in-all",
        reading,
        lambda _: {
            "link": "https://same-in-all.example/log",
            "guid": "https://same-in-all.example/log",
        },
    ),
    "fragments": lambda reading: _rss(
        "fragments",
        reading,
        lambda number: {"link": f"https://fragments.example/notes#n{number}", "guid": ""},
    ),
    "changing-ids": lambda reading: _rss(
        "changing-ids", reading, lambda number: {"guid": f"{reading}-{number}"}
    ),
    "changing-ids-and-links": lambda reading: _rss(
        "changing-ids-and-links",
        reading,
        lambda number: {
            "guid": f"{reading}-{number}",
            "link": f"https://changing-ids-and-links.example/read/{reading}{number}?oc=5",
        },
    ),
    "undated": lambda reading: _rss("undated", reading, lambda _: {"pubDate": ""}),
    "undated-changing-ids": lambda reading: _rss(
        "undated-changing-ids",
        reading,
        lambda number: {"guid": f"{reading}-{number}", "pubDate": ""},
    ),
    "undated-shared-page": lambda reading: _rss(
        "undated-shared-page",
        reading,
        lambda number: {
            "link": "https://undated-shared-page.example/",
            "guid": f"update-{number}",
            "pubDate": "",
        },
    ),
    "undated-fragments": lambda reading: _json("undated-fragments", reading),
    "wrong-dates": lambda reading: _rss(
        "wrong-dates",
        reading,
        lambda number: {
            "pubDate": ("Mon, 01 Jan 0001 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT")[
                number % 2
            ]
        },
    ),
    "relative-links": lambda reading: _rss(
        "relative-links", reading, lambda number: {"link": f"/2026/{number}", "guid": ""}
    ),
    "links-with-spaces": lambda reading: _rss(
        "links-with-spaces",
        reading,
        lambda number: {"link": f"//links-with-spaces.example/a page/{number}"},
    ),
    "pictures-only": lambda reading: _rss(
        "pictures-only",
        reading,
        lambda number: {
            "title": "",
            "": f'<media:content url="https://pictures-only.example/{number}.png" medium="image"/>',
        },
    ),
    "escaped-titles": lambda reading: _rss(
        "escaped-titles",
        reading,
        lambda number: {"title": f"escaped-titles: R&amp;amp;D&lt;br&gt;{TITLES[number - 1]}"},
    ),
    "session-ids": lambda reading: _rss(
        "session-ids",
        reading,
        lambda number: {
            "link": f"https://session-ids.example/{number};jsessionid={reading}F{reading}E09",
            "guid": "",
        },
    ),
    "episodes": lambda reading: _rss(
        "episodes",
        reading,
        lambda number: {"link": "https://episodes.example/", "": _episode("episodes", number)},
    ),
}
