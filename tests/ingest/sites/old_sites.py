"""Sites that an earlier version read with addresses that their generators do not make.

`old_sites.sql` contains the rows of version 10's database after that: the stories, a subscription,
and the posts that were sent for them. This module imports nothing of the program, so that the
program of that version could import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class OldSite:
    """The files of a source, its settings as the documentation recommended them, and the generator.

    `addresses` are those that the generator makes, by the name of the file. Other files were not
    read then, or rejected. `configuration` is what the repository contains above the source.
    """

    generator: str
    permalink: str
    files: Mapping[str, str]
    addresses: Mapping[str, str]
    configuration: Mapping[str, str] = field(default_factory=dict)


def _page(title: str, *lines: str) -> str:
    return "\n".join(("---", f"title: {title}", *lines, "---", "", "Some text.", ""))


SITES = {
    "categories": OldSite(
        "jekyll",
        "/:categories/:year/:month/:day/:title/",
        {
            "_posts/2026-11-19-mill.md": _page("Mill burns", "category: Local News"),
            "_posts/2026-11-18-ferry.md": _page("Ferry returns", "categories: Sea_Side C++"),
            "_posts/2026-11-19-bridge.md": _page("Bridge opens", "date: 2026-11-19 00:30:00 +0700"),
            "_posts/2026-11-18-bakery.md": _page("Bakery wins", "version: 1", "version: 2"),
        },
        {
            "_posts/2026-11-19-mill.md": "/local%20news/2026/11/19/mill/",
            "_posts/2026-11-18-ferry.md": "/sea_side/c++/2026/11/18/ferry/",
            "_posts/2026-11-19-bridge.md": "/2026/11/18/bridge/",
        },
        {"_config.yml": "timezone: UTC\n"},
    ),
    "titles": OldSite(
        "hugo",
        "/:year/:month/:slug/",
        {
            "content/posts/2026-11-19_Mill/index.md": _page(
                '"Fire: five facts"', "date: 2026-11-19"
            ),
            "content/posts/Ferry.md": _page("Home again", "date: 2026-11-18", "slug: Back-HOME"),
            "content/posts/bridge.md": "---\nTitle: Tower opens\ndate: 2026-11-19\n---\n",
        },
        {
            "content/posts/2026-11-19_Mill/index.md": "/2026/11/fire-five-facts/",
            "content/posts/Ferry.md": "/2026/11/back-home/",
        },
        {"hugo.toml": 'baseURL = "https://site.example/"\n'},
    ),
    "components": OldSite(
        "astro",
        "/blog/:slug/",
        {
            "src/content/blog/tool-2.0.md": _page("Tool 2.0", "pubDate: 2026-11-19"),
            "src/content/blog/Second Tool.md": _page("Second tool", "pubDate: 2026-11-18"),
            "src/content/blog/third.mdx": _page("Third tool", "pubDate: 2026-11-18"),
        },
        {
            "src/content/blog/tool-2.0.md": "/blog/tool-20/",
            "src/content/blog/Second Tool.md": "/blog/second-tool/",
        },
        {"astro.config.mjs": "export default {};\n"},
    ),
}
