"""All kinds of invalid documents, in one folder with a valid one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ingest.folder.source import FolderSource
from bot.ingest.loader import load_source
from storage.models import LoadCounts, StoryQuery
from storage.protocols import Store
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock

# The files in these tests are older than this clock's time.
CLOCK = FakeClock(datetime.now(UTC) + timedelta(hours=1))

BOMB = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
BOMB += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]

REJECTED = {
    "nothing": b"",
    "no front matter": b"# A page\n",
    "missing everything": b"---\nlayout: post\n---\n",
    "alias bomb": make_markdown(*BOMB),
    "32,000 opening brackets": make_markdown(deep="[" * 32_000),
    "32,000 opening braces": make_markdown(deep="{" * 32_000),
    "32,000 nested brackets": make_markdown(deep="[" * 16_000 + "]" * 16_000),
    "32,000 dashes": make_markdown("deep:", "- " * 16_000),
    "10 MB plain scalar": make_markdown(title="x" * 10_000_000),
    "10 MB quoted scalar": make_markdown(title='"' + "x" * 10_000_000 + '"'),
    "10 MB block scalar": make_markdown("excerpt: |", *["  " + "x" * 98] * 100_000),
    "10 MB without an end": b"---\ntitle: " + b"x" * 10_000_000,
    "10 MB of line breaks": b"---\n" + b"\n" * 10_000_000 + b"---\n",
    "NUL": make_markdown(title="a\0b"),
    "NUL only": b"\0" * 5000,
    "UTF-16": make_markdown().decode().encode("utf-16"),
    "UTF-16 without a mark": make_markdown().decode().encode("utf-16-le"),
    "UTF-32": make_markdown().decode().encode("utf-32"),
    "Latin-1": make_markdown(title="Füße").decode().encode("latin-1"),
    "half a character": make_markdown(title="a").replace(b"title: a", b"title: \xf0\x9f\x98"),
    "surrogates as bytes": make_markdown(title="a").replace(b"title: a", b"title: \xed\xa0\x80"),
    "surrogates as escapes": make_markdown(title='"\\ud83d"'),
    "tabs": make_markdown("\tmore: text"),
    "title twice": make_markdown("title: again"),
    "no day": make_markdown(publishedDateTime="2020-02-30"),
    "no offset": make_markdown(publishedDateTime="2020-09-11T12:19:00+99:00"),
    "before time": make_markdown(publishedDateTime="0001-01-01T00:00:00+14:00"),
    "after time": make_markdown(publishedDateTime="9999-12-31T23:59:59-12:00"),
    "NaN": make_markdown(quality="NaN"),
    "huge integer": make_markdown(quality="9" * 60_000),
    "huge exponent": make_markdown(quality="1e999999999"),
    "flag as quality": make_markdown(quality="true"),
    "flag that says neither": make_markdown(published="perhaps"),
    "javascript": make_markdown(webUrl="'javascript:alert(1)'"),
    "data": make_markdown(webUrl="'data:text/html,<b>x</b>'"),
    "turned address": make_markdown(webUrl='"https://news.example/\\u202emoc.example"'),
    "300-character host": make_markdown(webUrl=f"https://{'a' * 296}.com/"),
    "YAML tag": make_markdown(title="!!python/object/apply:os.system [ls]"),
    "a list": b"---\n- title: x\n---\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100,
}
READ = {
    "BOM": b"\xef\xbb\xbf" + make_markdown(),
    "CR only": make_markdown().replace(b"\n", b"\r"),
    "CRLF": make_markdown().replace(b"\n", b"\r\n"),
    "dashes in the text": make_markdown("text: |", "  ---", "  more", title='"a --- b"'),
    "year 1": make_markdown(publishedDateTime="0001-01-01T00:00:00Z"),
    "year 9999": make_markdown(publishedDateTime="9999-12-31T23:59:59Z"),
    "odd offset": make_markdown(publishedDateTime="2020-09-11T12:19:00.123456+05:53"),
    "flag as text": make_markdown(published="'true'", title="true"),
    "turned title": make_markdown(title='"\\u202eabc\\u2066"'),
    "300 topics": make_markdown(topics=f"[{', '.join(f't{n}' for n in range(300))}]"),
    "60 related": make_markdown("related:", *["  - {title: a, webUrl: 'https://b.example/'}"] * 60),
    "text everywhere": make_markdown("related: x", "images: x", topics="x", provider="x", heat="x"),
    "a name within twice": make_markdown("provider:", "  name: a", "  name: b"),
    "merged fields": make_markdown("<<: {quality: 80}"),
    "tag of no matter": make_markdown("more: !!python/object/apply:os.system [ls]"),
    "a long body": make_markdown() + b"x" * 900_000,
}


def write(folder: Path, name: str, content: bytes) -> None:
    # Each has a different address, if it has one.
    address = name.replace(" ", "-").replace(",", "").encode()
    content = content.replace(b"news.example/story", b"news.example/" + address)
    (folder / f"{name}.md").write_bytes(content)


async def load(folder: Path, store: Store) -> LoadCounts:
    source = FolderSource(
        folder, name="n", unpublished="skip", include=("*",), exclude=(), clock=CLOCK
    )
    return await load_source(source, store, CLOCK)


async def test_each_bad_document_is_rejected_alone(folder: Path, store: Store) -> None:
    """Every rejection has a reason on one line, and the valid document is loaded."""
    for name, content in (REJECTED | READ).items():
        write(folder, name, content)
    assert await load(folder, store) == LoadCounts(new=len(READ), rejected=len(REJECTED))
    assert await store.count_stories() == len(READ)
    rejected = await store.rejected_documents()
    assert {each.key for each in rejected} == {f"{name}.md" for name in REJECTED}
    for each in rejected:
        assert len(str(each.rejection)) < 300
        assert str(each.rejection).isprintable()


@pytest.mark.parametrize("name", REJECTED)
async def test_a_bad_document_leaves_its_last_good_version(
    folder: Path, store: Store, name: str
) -> None:
    """Its story stays unchanged until the file can be read again."""
    write(folder, name, make_markdown(title="Good"))
    await load(folder, store)
    write(folder, name, REJECTED[name])
    assert await load(folder, store) == LoadCounts(rejected=1)
    [story] = (await store.find_stories(StoryQuery())).stories
    assert story.article.title == "Good"
    write(folder, name, make_markdown(title="Better"))
    assert await load(folder, store) == LoadCounts(changed=1)
    assert list(await store.rejected_documents()) == []
