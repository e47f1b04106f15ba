"""`storywire load`: the counts and the rejections that it prints."""

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.support import Terminal, settings
from tests.support.articles import make_news_markdown

REAL = Path(__file__).parents[3] / "shared/articles"


def test_load_counts_changes_that_readers_see(terminal: Terminal) -> None:
    """A touched file is unchanged; a new title is a change."""
    terminal.write("storywire.yaml", settings(["articles"]))
    one = terminal.write("articles/one.md", make_news_markdown("one"))
    terminal.write("articles/deep/two.md", make_news_markdown("two"))
    assert terminal.run("load").out == counts(new=2)
    assert terminal.run("load").out == counts(unchanged=2)
    touch(one)
    assert terminal.run("load").out == counts(unchanged=2)
    one.write_text(
        make_news_markdown("one").replace("Story one", "A better title"), encoding="utf-8"
    )
    result = terminal.run("load")
    assert (0, counts(changed=1, unchanged=1), "") == (result.status, result.out, result.err)


def test_a_rejection_names_file_line_and_reason(terminal: Terminal) -> None:
    """The rest is loaded. With `--strict` the status is 1, also while the document is unchanged."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/good.md", make_news_markdown("good"))
    terminal.write("articles/bad.md", "---\ntitle: [a\nquality: 3\n---\n")
    first, strict = terminal.run("load"), terminal.run("load", "--strict")
    assert (0, counts(new=1, rejected=1)) == (first.status, first.out)
    assert first.err.startswith("rejected folder:articles/bad.md: line ")
    assert len(first.err.splitlines()) == 1
    assert (1, counts(unchanged=1, rejected=1)) == (strict.status, strict.out)
    assert strict.err == first.err


def test_no_file_can_control_the_terminal(terminal: Terminal) -> None:
    """A rejection quotes the author's text without control characters."""
    terminal.write("storywire.yaml", settings(["articles"]))
    hostile = "/\\e]0;pwned\\a\\e[2J:nope/"
    page = f'---\ntitle: x\ndate: 2026-11-23\npermalink: "{hostile}"\n---\n'
    terminal.write("articles/a.md", page)
    result = terminal.run("load")
    assert "pwned" in result.err
    assert result.err.rstrip("\n").isprintable()


def test_a_missing_folder_does_not_stop_the_others(terminal: Terminal) -> None:
    """It is reported on one line with status 1; the others are read, and drafts are counted."""
    terminal.write("storywire.yaml", settings(["nowhere", "articles"]))
    terminal.write("articles/good.md", make_news_markdown("good"))
    terminal.write(
        "articles/draft.md",
        make_news_markdown("draft").replace("published: true", "published: false"),
    )
    result = terminal.run("load")
    missing, drafts = result.err.splitlines()
    assert result.status == 1
    assert result.out.startswith("1 new, 0 changed,")
    assert missing.startswith("storywire: folder nowhere does not exist; ")
    assert drafts.startswith("1 draft or undated page skipped; set `unpublished: announce` for")


def test_a_progress_bar_appears_while_a_source_is_fetched(terminal: Terminal) -> None:
    """The number of documents is unknown then. Ctrl+C says what is kept."""
    terminal.write(
        "storywire.yaml", "sources:\n  - git: ssh://news.example/x\n  - folder: articles\n"
    )
    terminal.write("articles/one.md", make_news_markdown("one"))
    script = terminal.write("ssh.sh", "#!/bin/sh\nexec sleep 50\n")
    script.chmod(0o755)
    ssh = {"GIT_SSH_COMMAND": str(script), "GIT_SSH_VARIANT": "ssh"}
    result = terminal.interrupt("load", when="git:ssh://news.example/x", **ssh)
    assert (130, "") == (result.status, result.out), result.err
    words = (
        "interrupted; what is stored is kept, and the next `storywire load` continues from there"
    )
    assert result.err.rstrip().endswith(f"storywire: {words}")
    assert "Traceback" not in result.err


def test_load_without_sources_says_how_to_add_one(terminal: Terminal) -> None:
    assert "sources:" in terminal.run("load").complaint


@pytest.mark.skipif(
    not REAL.is_dir(), reason="the portal's real articles are not beside this checkout"
)
def test_the_real_articles_load_without_a_rejection(terminal: Terminal) -> None:
    """Loading them again or after `touch` changes nothing; a new title changes one."""
    shutil.copytree(REAL, terminal.folder / "articles")
    files = sorted((terminal.folder / "articles").rglob("*.md"))
    articles = [file for file in files if file.name != "README.md"]
    for file in (terminal.folder / "articles").rglob("*"):
        file.chmod(0o700)
    terminal.write("storywire.yaml", settings(["articles"], unpublished="announce"))
    first = terminal.run("load", "--strict")
    assert (0, counts(new=len(articles)), "") == (first.status, first.out, first.err)
    assert terminal.run("load").out == counts(unchanged=len(articles))
    for file in articles:
        touch(file)
    assert terminal.run("load").out == counts(unchanged=len(articles))
    text = articles[0].read_text(encoding="utf-8")
    articles[0].write_text(text.replace('title: "', 'title: "Again: ', 1), encoding="utf-8")
    edited = terminal.run("load")
    assert edited.out == counts(changed=1, unchanged=len(articles) - 1)


@pytest.mark.parametrize(
    ("names", "include", "note"),
    [
        (
            ["a.mdx", "deep/b.mdx"],
            'include: ["*.md"]',
            '2 files ending in .mdx passed over; to read them, set `include: ["*.md", "*.mdx"]`',
        ),
        (
            ["_posts/2026-03-02-a.html"],
            'include: ["*.md"]',
            '1 file ending in .html passed over; to read them, set `include: ["*.md", "*.html"]`',
        ),
        (["a.MKD"], 'include: ["*.md"]', "1 file ending in .mkd passed over; to read them, set"),
        (["a.rst"], "quality: 75", "1 file ending in .rst passed over; this format can't be read"),
        (["a.adoc"], "quality: 75", "1 file ending in .adoc passed over; this format can't be"),
        (["a.html", "style.css", "a.png", "Makefile", ".hidden.mdx"], "quality: 75", None),
        (["drafts/a.rst", "a.rst"], 'exclude: ["drafts/", "a.*"]', None),
    ],
)
def test_pages_with_other_endings_are_counted(
    terminal: Terminal, names: list[str], include: str, note: str | None
) -> None:
    """`load`, `check` and `sources` count pages that are passed over, and name the setting.

    Templates, other files, hidden and excluded ones are no such pages.
    """
    terminal.write("storywire.yaml", f"sources:\n  - folder: pages\n    {include}\n")
    terminal.write("pages/one.md", make_news_markdown("one"))
    for name in names:
        terminal.write(f"pages/{name}", "---\ntitle: A\n---\n")
    first, again = terminal.run("load"), terminal.run("load")
    others = terminal.run("check").out, terminal.run("sources").out
    if note is None:
        assert first.err == ""
        assert not any("passed over" in out for out in others)
    else:
        assert first.err.startswith(f"folder:pages: {note}")
        assert again.err == first.err
        assert all(note in out for out in others)


@pytest.mark.parametrize("folder", ["site/_posts", "site/content/news", "blog"])
def test_html_pages_of_a_folder_of_posts_are_counted(terminal: Terminal, folder: str) -> None:
    """The folder of the source may itself be the one with the posts."""
    terminal.write("storywire.yaml", settings([folder]))
    terminal.write(f"{folder}/one.md", make_news_markdown("one"))
    terminal.write(f"{folder}/two.html", "---\ntitle: A\n---\n")
    assert "1 file ending in .html" in terminal.run("load").err


def test_a_page_that_appears_later_is_counted(terminal: Terminal) -> None:
    """It is counted although no document has changed."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    assert terminal.run("load").err == ""
    terminal.write("articles/two.rst", "Two")
    assert "1 file ending in .rst" in terminal.run("load").err


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("config.toml", 'base_url = "https://site.example"\n', "Zola"),
        ("conf.py", "NAVIGATION_LINKS = {}\n", "Nikola"),
        ("gatsby-config.js", "module.exports = {}\n", "Gatsby"),
        (".vitepress/config.mts", "export default {}\n", "VitePress"),
    ],
)
def test_a_generator_that_is_not_supported_is_named(
    terminal: Terminal, file: str, text: str, name: str
) -> None:
    """`check` says so, unless the source says what addresses its pages have."""
    terminal.write("storywire.yaml", "sources:\n  - folder: site/content\n")
    terminal.write("site/content/one.md", make_news_markdown("one"))
    terminal.write(f"site/{file}", text)
    note = f"looks like a site of {name}, which is not supported: set `permalink`"
    assert note in terminal.run("check").out
    pattern = "    base_url: https://site.example/\n    permalink: /:slug/\n"
    terminal.write("storywire.yaml", f"sources:\n  - folder: site/content\n{pattern}")
    assert note not in terminal.run("check").out


def counts(
    *, new: int = 0, changed: int = 0, unchanged: int = 0, withdrawn: int = 0, rejected: int = 0
) -> str:
    """The line that `load` ends with."""
    return (
        f"{new} new, {changed} changed, {unchanged} unchanged, {withdrawn} withdrawn,"
        f" {rejected} rejected\n"
    )


def touch(file: Path) -> None:
    """Give a file another time and the same content."""
    os.utime(file, (1_700_000_000, 1_700_000_000))
