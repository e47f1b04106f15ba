"""Every example in docs/sources.md can be loaded as it is."""

import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.ingest.dates.reading import read_date
from tests.cli.support import Terminal
from tests.ingest.feed.support import item, rss
from tests.ingest.feed.test_reading import read_article
from tests.ingest.git_support import Repository
from tests.support.articles import make_markdown

PAGE = Path(__file__).parents[1] / "docs" / "sources.md"
SHOWN = re.findall(
    r"^\| `(<.+>)` \| (title|text|topic|provider) `(.*)` \|$",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE,
)
EXAMPLES = re.findall(r"^```yaml\n([^`]*)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
DATES = re.findall(
    r"^\| (`.+) \| (\d.+|undated) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
)
# Runs the command for the remote machine on this one.
SSH = '#!/bin/sh\nfor last; do :; done; exec sh -c "$last"\n'
HTTPS = "git: https://example.org/site.git"
ON_THE_WEB = re.compile(r"(feed|api): https?://[^/\n]+/(.*)\n")
API = {
    "value": [
        {
            "path": "a.md",
            "title": "a",
            "webUrl": "https://news.example/a",
            "publishedDateTime": "2026-11-23",
        }
    ]
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without logging requests."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden signature
        """Log nothing."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a web server with the feeds and the API of the examples."""
    folder = tmp_path / "web"
    (folder / "api/news").mkdir(parents=True)
    (folder / "api/news/index.json").write_text(json.dumps(API))
    for name in ("feed.xml", "changes.xml"):
        (folder / name).write_bytes(rss(item()))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal in a folder with the articles and repositories of the examples."""
    folder = tmp_path / "here"
    folder.mkdir()
    for repository in (Repository(tmp_path / "site"), Repository(folder / "site.git")):
        repository.write("_news/a.md", make_markdown(name="a"))
        repository.commit()
    made = Terminal(folder)
    for name in ("articles/a.md", "site/_news/a.md"):
        made.write(name, make_markdown(name="a").decode())
    made.write("blog/_posts/2026-11-23-a.md", "---\ntitle: a\n---\n")
    made.write("site/_data/topics/law.yaml", "name: Law\nkeywords: [court]\nhashtags:\n")
    return made


def test_page_has_examples() -> None:
    """The page has at least the number of examples that it had when this test was written."""
    assert len(EXAMPLES) >= 12


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_loads(terminal: Terminal, web: str, example: str) -> None:
    """Each example loads one article; hosts are replaced by local ones.

    Repositories over https have tests of their own.
    """
    terminal.write("storywire.yaml", example)
    checked = terminal.run("sources")
    assert (checked.status, checked.err) == (0, "")
    if HTTPS in example:
        example = example.replace(HTTPS, "git: site.git\n    allow_local: true")
        terminal.write(
            "storywire.yaml", re.sub(r"^ *token_variable:.*\n", "", example, flags=re.MULTILINE)
        )
    if found := ON_THE_WEB.search(example):
        example = example.replace("    allow_private: true\n", "")
        ours = f"{found[1]}: {web}/{found[2]}\n    allow_private: true\n"
        terminal.write("storywire.yaml", example.replace(found[0], ours))
    ssh = terminal.write("ssh.sh", SSH)
    ssh.chmod(0o755)
    result = terminal.run("load", GIT_SSH_COMMAND=str(ssh), GIT_SSH_VARIANT="ssh")
    assert (result.status, result.out[:6]) == (0, "1 new,"), result.err


@pytest.mark.parametrize(("texts", "expected"), DATES)
def test_example_date_is_read(texts: str, expected: str) -> None:
    """The table shows dates without a time of day as such."""
    for text in re.findall("`([^`]+)`", texts):
        found = read_date(text)
        if found is None:
            assert expected == "undated"
        else:
            assert f"{found.at:%Y-%m-%d %H:%M}" == f"{expected} 00:00"[:16]
            assert found.date_only == (len(expected) == 10)


def test_page_has_example_dates() -> None:
    assert len(DATES) >= 12


def test_page_says_what_text_is_shown() -> None:
    """The table has at least the number of rows that it had when this test was written."""
    assert len(SHOWN) >= 9


@pytest.mark.parametrize(("element", "part", "shown"), SHOWN)
def test_text_is_shown(element: str, part: str, shown: str) -> None:
    """Each row has an element of an entry, and what is shown of it."""
    fields: dict[str, str | None] = {
        name: None for name in ("title", "description") if f"<{name}>" in element
    }
    if part == "text":
        fields["title"] = "Ferry"
    article = read_article(rss(item(1, element, **fields)))
    found = {
        "title": article.title,
        "text": article.excerpt,
        "topic": ", ".join(article.topics),
        "provider": article.provider.name if article.provider else "",
    }
    assert found[part] == shown
