import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.ingest.folder.patterns import Patterns
from bot.ingest.folder.source import MAX_BYTES, UNTRUSTED, FolderSource
from bot.ingest.folder.walk import FoundFields, FoundFile, walk
from bot.ingest.source import ChangeSet
from storage.models import (
    NO_DOCUMENTS,
    Article,
    Document,
    Fingerprint,
    KnownDocuments,
    Rejection,
    UnpublishedDocument,
)
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock

# The files in these tests are older than this clock's time, unless a test says otherwise.
LATER = datetime.now(UTC) + timedelta(hours=1)


def source(folder: Path, now: datetime = LATER, **options: tuple[str, ...]) -> FolderSource:
    return FolderSource(
        folder,
        name="folder:news",
        unpublished="skip",
        include=options.get("include", ("*.md", "*.markdown")),
        exclude=options.get("exclude", ("README.md",)),
        clock=FakeClock(now),
    )


def write(folder: Path, key: str, content: bytes | None = None) -> Path:
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make_markdown() if content is None else content)
    return path


async def read(folder: Path, **options: tuple[str, ...]) -> dict[str, Document]:
    change_set = await source(folder, LATER, **options).read(NO_DOCUMENTS, None)
    return {document.key: document for document in change_set.documents}


async def look_again(folder: Path, known: Mapping[str, Document]) -> ChangeSet:
    return await source(folder).read(KnownDocuments(fingerprints(known)), None)


def fingerprints(known: Mapping[str, Document]) -> dict[str, Fingerprint]:
    return {key: document.fingerprint for key, document in known.items()}


def reason(document: Document) -> str:
    assert isinstance(document.reading, Rejection)
    return document.reading.reason


async def test_all_documents_in_all_folders_are_read(folder: Path) -> None:
    """A key is the path within the folder."""
    write(folder, "one.md")
    write(folder, "2020/09/two.markdown", make_markdown(published="false"))
    write(folder, "2020/three.md", b"nothing")
    readings = {key: type(document.reading) for key, document in (await read(folder)).items()}
    assert readings == {
        "one.md": Article,
        "2020/09/two.markdown": UnpublishedDocument,
        "2020/three.md": Rejection,
    }


async def test_only_documents_are_read(folder: Path) -> None:
    """Hidden files and temporary files of editors are ignored."""
    for key in (
        *("README.md", "readme.md", "notes.txt", ".hidden.md", ".git/x.md", ".#lock.md", "#a.md#"),
        *("a.md~", ".a.md.swp", "a.md.tmp", "a.md.part", "deep/.trash/x.md", "deep/Readme.MD"),
    ):
        write(folder, key)
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    assert await read(folder) == {}
    assert [*await read(folder, include=("*",), exclude=())] == [
        "README.md",
        "deep/Readme.MD",
        "notes.txt",
        "readme.md",
    ]


async def test_patterns_match_names_or_paths(folder: Path) -> None:
    """A pattern with a slash matches the path, and an excluded folder is not entered."""
    for key in ("a.md", "news/b.md", "news/old/c.md", "drafts/d.md", "NEWS.MD"):
        write(folder, key)
    assert [*await read(folder, include=("news/*.md",))] == ["news/b.md", "news/old/c.md"]
    assert [*await read(folder, exclude=("drafts", "news/old"))] == ["NEWS.MD", "a.md", "news/b.md"]
    assert [*await read(folder, exclude=("/drafts/*", "b.md", "[!a].*", "N*"))] == ["a.md"]


@pytest.mark.parametrize(
    "pattern",
    [
        *("drafts", "drafts/", "**/drafts", "**/drafts/", "**/drafts/**", "**/drafts/*"),
        *("*/drafts/*", "**/**/drafts/", "DRAFTS/", "**/drafts/**/*.md"),
    ],
)
async def test_drafts_can_be_excluded_as_in_gitignore(folder: Path, pattern: str) -> None:
    """All spellings of a pattern for a folder anywhere exclude it: drafts must not leak."""
    for key in (
        "a.md",
        "drafts/b.md",
        "drafts/deep/c.md",
        "deep/er/drafts/d.md",
        "drafts-not/e.md",
    ):
        write(folder, key)
    assert [*await read(folder, exclude=(pattern,))] == ["a.md", "drafts-not/e.md"]


@pytest.mark.parametrize("pattern", ["/drafts", "/drafts/", "./drafts/", "./drafts/*", "drafts/**"])
async def test_one_folder_can_be_excluded_as_in_gitignore(folder: Path, pattern: str) -> None:
    """A slash before the end of a pattern anchors it at the top."""
    for key in ("a.md", "drafts/b.md", "drafts/deep/c.md", "deep/drafts/d.md"):
        write(folder, key)
    assert [*await read(folder, exclude=(pattern,))] == ["a.md", "deep/drafts/d.md"]


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("**/*.md", ["a.md", "b.md", "deep/a.md", "deep/er/a.md"]),
        ("./a.md", ["a.md"]),
        ("**/a.md", ["a.md", "deep/a.md", "deep/er/a.md"]),
        ("deep/**", ["deep/a.md", "deep/er/a.md"]),
        ("deep/**/a.md", ["deep/a.md", "deep/er/a.md"]),
        ("*/a.md", ["deep/a.md", "deep/er/a.md"]),
        ("./", []),
    ],
)
async def test_documents_can_be_included_as_in_gitignore(
    folder: Path, pattern: str, taken: list[str]
) -> None:
    """Two stars also match no folder at all."""
    for key in ("a.md", "b.md", "deep/a.md", "deep/er/a.md"):
        write(folder, key)
    assert [*await read(folder, include=(pattern,))] == taken


async def test_documents_are_read_one_by_one(folder: Path) -> None:
    """Memory use does not depend on their number."""
    for number in range(3):
        write(folder, f"{number:04}.md")
    change_set = await source(folder).read(NO_DOCUMENTS, None)
    assert (change_set.changed, change_set.unchanged, change_set.gone) == (3, 0, ())
    next(change_set.documents)
    write(folder, "0001.md", make_markdown(title="Written after the first was read"))
    [second, _] = change_set.documents
    assert isinstance(second.reading, Article)
    assert second.reading.title == "Written after the first was read"


async def test_unchanged_files_are_not_read_again(folder: Path) -> None:
    """A file with the same size and time is unchanged."""
    write(folder, "a.md")
    write(folder, "b.md")
    known = await read(folder)
    write(folder, "b.md", make_markdown(title="Other"))
    (folder / "a.md").rename(folder / "c.md")
    change_set = await look_again(folder, known)
    assert (change_set.changed, change_set.unchanged, change_set.gone) == (2, 0, ("a.md",))
    assert await look_again(folder, await read(folder)) != change_set
    again = await look_again(folder, await read(folder))
    assert (again.changed, again.unchanged, again.gone) == (0, 2, ())
    assert list(again.documents) == []


async def test_a_touched_file_has_the_same_digest(folder: Path) -> None:
    """The store can see that only the time has changed."""
    path = write(folder, "a.md")
    before = (await read(folder))["a.md"].fingerprint
    os.utime(path, ns=(0, 0))
    after = (await read(folder))["a.md"].fingerprint
    assert after == Fingerprint(before.size, 0, before.digest)


async def test_a_file_written_just_now_is_not_trusted(folder: Path) -> None:
    """It may be written again within the resolution of the file system's timestamps."""
    written = datetime.fromtimestamp(write(folder, "a.md").stat().st_mtime, UTC)
    # The clock of a file server may be ahead.
    for seconds, trusted in ((1, False), (3, True), (-3600, False)):
        now = written + timedelta(seconds=seconds)
        [found] = (await source(folder, now).read(NO_DOCUMENTS, None)).documents
        assert (found.fingerprint.modified_ns != UNTRUSTED) == trusted
        again = await source(folder, now).read(KnownDocuments({found.key: found.fingerprint}), None)
        assert again.changed == (not trusted)


async def test_a_time_in_the_future_is_trusted(folder: Path) -> None:
    """A later write would change it."""
    path = write(folder, "a.md")
    for ahead in (timedelta(days=400), timedelta(days=400_000)):
        at = (LATER + ahead).timestamp()
        os.utime(path, (at, at))
        storable = path.stat().st_mtime_ns < 2**63
        assert (await look_again(folder, await read(folder))).changed == (not storable)


async def test_a_large_file_is_rejected(folder: Path) -> None:
    """It is neither read completely nor read again."""
    write(folder, "large.md", make_markdown() + b"x" * MAX_BYTES)
    with (folder / "huge.md").open("wb") as file:
        file.truncate(1 << 40)
    known = await read(folder)
    assert {reason(document) for document in known.values()} == {"is larger than 1024 KB"}
    assert (await look_again(folder, known)).changed == 0


async def test_links_to_places_outside_are_rejected(folder: Path, tmp_path: Path) -> None:
    """A link must not publish files from elsewhere."""
    write(folder, "a.md")
    write(tmp_path, "secret/passwords.md")
    write(tmp_path, "news-private/b.md")
    (folder / "inside.md").symlink_to("a.md")
    (folder / "outside.md").symlink_to(tmp_path / "secret/passwords.md")
    (folder / "beside.md").symlink_to("../news-private/b.md")
    (folder / "secret").symlink_to(tmp_path / "secret")
    (folder / "circle").symlink_to(".")
    (folder / "loop").symlink_to("loop")
    (folder / ".hidden").symlink_to(tmp_path / "secret")
    (folder / "elsewhere.txt").symlink_to(tmp_path / "secret/passwords.md")
    (folder / "dangling.md").symlink_to("nowhere.md")
    (folder / "looped.md").symlink_to("looped.md")
    known = await read(folder)
    assert isinstance(known.pop("a.md").reading, Article)
    assert isinstance(known.pop("inside.md").reading, Article)
    assert "can't be read" in reason(known.pop("looped.md"))
    assert "is a broken link" in reason(known.pop("dangling.md"))
    assert sorted(known) == ["beside.md", "outside.md", "secret"]
    assert all("outside" in reason(refused) for refused in known.values())


async def test_a_link_that_replaces_a_file_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """It may appear between finding and reading the file."""
    path = write(folder, "a.md")
    change_set = await source(folder).read(NO_DOCUMENTS, None)
    path.unlink()
    path.symlink_to(write(tmp_path, "secret.md"))
    [refused] = change_set.documents
    assert "can't be read" in reason(refused)


async def test_a_pipe_that_replaces_a_file_is_not_awaited(folder: Path) -> None:
    path = write(folder, "a.md")
    change_set = await source(folder).read(NO_DOCUMENTS, None)
    path.unlink()
    os.mkfifo(path)
    assert list(change_set.documents) == []


async def test_the_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    write(folder, "a.md")
    (tmp_path / "link").symlink_to(folder)
    assert [*await read(tmp_path / "link")] == ["a.md"]


async def test_a_file_that_vanishes_before_reading_is_gone(folder: Path) -> None:
    write(folder, "a.md")
    path = write(folder, "b.md")
    change_set = await source(folder).read(NO_DOCUMENTS, None)
    path.unlink()
    assert [document.key for document in change_set.documents] == ["a.md"]
    assert change_set.state_token() is None  # the next read has to find that it is gone


@pytest.mark.parametrize("name", ["b.md", "deep/er/b.md", "schön 漢\n\\n.md"])
async def test_a_file_that_a_walk_misses_is_not_gone(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems leave out a file that is renamed while its folder is listed."""
    write(folder, "a.md")
    missed = write(folder, name)
    known = await read(folder)
    monkeypatch.setattr(
        "bot.ingest.folder.source.walk",
        lambda *about: (found for found in walk(*about) if found[0] != name),
    )
    change_set = await look_again(folder, known)
    assert (change_set.changed, change_set.unchanged, change_set.gone) == (0, 2, ())
    assert change_set.state_token() is None  # it has not found everything
    missed.unlink()
    assert len((await look_again(folder, known)).gone) == 1


async def test_a_file_that_is_listed_twice_is_read_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems list a renamed file under both names."""
    write(folder, "a.md")
    monkeypatch.setattr(
        "bot.ingest.folder.source.walk", lambda *about: [*walk(*about), *walk(*about)]
    )
    change_set = await source(folder).read(NO_DOCUMENTS, None)
    assert change_set.changed == 1
    assert len(list(change_set.documents)) == 1


async def test_a_file_that_is_no_longer_a_document_is_gone(folder: Path, tmp_path: Path) -> None:
    """The settings may have changed, or something else has replaced it."""
    names = ("excluded.md", "drafts/a.md", "pipe.md", "folder.md", "linked/a.md", "stays.md")
    for name in names:
        write(folder, name)
    known = await read(folder)
    (folder / "pipe.md").unlink()
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").unlink()
    (folder / "folder.md").mkdir()
    (folder / "linked").rename(tmp_path / "linked")
    (folder / "linked").symlink_to(tmp_path / "linked")
    change_set = await source(folder, exclude=("excluded.md", "drafts")).read(
        KnownDocuments(fingerprints(known)), None
    )
    assert set(change_set.gone) == set(names) - {"stays.md"}


@pytest.fixture
def lock() -> Iterator[Callable[[Path], None]]:
    """Takes every permission off a path until the test ends; skips where root reads everything."""
    paths: list[Path] = []
    if os.geteuid() == 0:
        pytest.skip("root may read everything")

    def lock(path: Path) -> None:
        path.chmod(0)
        paths.append(path)

    yield lock
    for path in paths:
        path.chmod(0o700)


def move_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def unlock(path: Path) -> None:
    path.chmod(0o600)


async def test_an_unreadable_file_is_rejected_until_readable(
    folder: Path, lock: Callable[[Path], None]
) -> None:
    """A change of permissions changes neither size nor time of the file."""
    path = write(folder, "a.md")
    lock(path)
    known = await read(folder)
    assert reason(known["a.md"]) == "can't be read: Permission denied; check its permissions"
    unlock(path)
    assert (await look_again(folder, known)).changed == 1


async def test_documents_in_an_unreadable_folder_are_not_gone(
    folder: Path, lock: Callable[[Path], None]
) -> None:
    """The other documents are read, and the folder is rejected."""
    write(folder, "deep/a.md")
    write(folder, "b.md")
    known = await read(folder)
    lock(folder / "deep")
    change_set = await look_again(folder, known)
    assert (change_set.changed, change_set.unchanged, change_set.gone) == (1, 2, ())
    [refused] = change_set.documents
    assert refused.key == "deep/"
    assert "can't be read" in reason(refused)


async def test_an_unreadable_source_folder_is_an_error(
    folder: Path, lock: Callable[[Path], None]
) -> None:
    """It must not look like an empty folder."""
    lock(folder)
    with pytest.raises(SourceError, match="check the path and its permissions"):
        await source(folder).read(NO_DOCUMENTS, None)


async def test_a_missing_folder_is_an_error(folder: Path) -> None:
    """It must not look like an empty folder."""
    with pytest.raises(SourceError, match="nowhere does not exist; create it"):
        await source(folder / "nowhere").read(NO_DOCUMENTS, None)
    with pytest.raises(SourceError, match="Not a directory"):
        await source(write(folder, "a.md")).read(NO_DOCUMENTS, None)


async def test_a_folder_that_vanishes_during_reading_is_an_error(folder: Path) -> None:
    """Its documents are not gone."""
    write(folder, "a.md").unlink()
    write(folder, "b.md")
    change_set = await source(folder).read(NO_DOCUMENTS, None)
    move_away(folder)
    with pytest.raises(SourceError, match="does not exist"):
        list(change_set.documents)


async def test_a_half_written_file_is_read_again(folder: Path) -> None:
    """It is rejected until it is complete."""
    write(folder, "a.md", make_markdown()[:60])
    known = await read(folder)
    assert "not closed" in reason(known["a.md"])
    write(folder, "a.md")
    [complete] = (await look_again(folder, known)).documents
    assert isinstance(complete.reading, Article)


async def test_names_of_any_bytes_have_a_printable_key(folder: Path) -> None:
    for name in (b"\xff.md", b"a\nb.md", b"\x1b[31m.md", "schön 漢.md".encode()):
        write(folder, os.fsdecode(name))
    known = await read(folder)
    assert sorted(known) == [
        "\\udcff.md",
        "\\x1b[31m.md",
        "a\\nb.md",
        "schön 漢.md",
    ]
    assert all(isinstance(document.reading, Article) for document in known.values())
    assert (await look_again(folder, known)).unchanged == 4


async def test_different_names_have_different_keys(folder: Path) -> None:
    """Names may contain the escape sequences that are used in keys."""
    for name in ("a\nb.md", "a\\nb.md"):
        write(folder, name)
    known = await read(folder)
    assert sorted(known) == ["a\\\\nb.md", "a\\nb.md"]
    (folder / "a\nb.md").unlink()
    change_set = await look_again(folder, known)
    assert (change_set.changed, change_set.unchanged, change_set.gone) == (0, 1, ("a\\nb.md",))


def test_the_settings_digest_covers_reading(folder: Path) -> None:
    """It does not cover the patterns, which are applied at every reading."""
    announcing = FolderSource(
        folder, name="n", unpublished="announce", include=(), exclude=(), clock=FakeClock()
    )
    assert announcing.name == "n"
    assert announcing.settings_digest != source(folder).settings_digest
    assert source(folder).settings_digest == source(folder, include=("*",)).settings_digest


async def test_an_empty_mount_point_withdraws_nothing(tmp_path: Path) -> None:
    """A disk that is not mounted leaves an empty folder."""
    folder = tmp_path / "news"
    folder.mkdir()
    known = {"one.md": Fingerprint(1, 1, "x")}
    with pytest.raises(SourceError, match="is its disk mounted"):
        await source(folder).read(KnownDocuments(known), None)
    (folder / ".gitkeep").touch()
    assert (await source(folder).read(KnownDocuments(known), None)).gone == ("one.md",)


async def test_a_folder_without_files_withdraws_nothing(tmp_path: Path) -> None:
    """A site generator deletes and rewrites its files; it may leave folders."""
    folder = tmp_path / "news"
    file = write(folder, "deep/one.md")
    watched = source(folder)
    known = {doc.key: doc.fingerprint for doc in (await watched.read(NO_DOCUMENTS, None)).documents}
    file.unlink()
    with pytest.raises(SourceError, match="is empty but contained 1 document;"):
        await watched.read(KnownDocuments(known), None)
    write(folder, "deep/two.md")
    assert (await watched.read(KnownDocuments(known), None)).gone == ("deep/one.md",)


async def test_the_last_document_of_a_folder_may_be_deleted(folder: Path) -> None:
    """Another file shows that the disk is mounted."""
    file = write(folder, "one.md")
    write(folder, "deep/notes.txt")
    watched = source(folder)
    known = {doc.key: doc.fingerprint for doc in (await watched.read(NO_DOCUMENTS, None)).documents}
    file.unlink()
    assert (await watched.read(KnownDocuments(known), None)).gone == ("one.md",)


async def test_a_folder_that_vanishes_at_any_moment_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last state stays."""
    write(folder, "a.md")
    known = await read(folder)

    def empty(*_: object) -> Iterator[FoundFile]:
        move_away(folder)
        return iter(())

    monkeypatch.setattr("bot.ingest.folder.source.walk", empty)
    with pytest.raises(SourceError, match="does not exist"):
        await look_again(folder, known)


async def test_an_impossible_folder_name_is_an_error(folder: Path) -> None:
    for name in ("a\0b", "a" * 300):
        with pytest.raises(SourceError, match=r"can't be read: .*; check the path"):
            await source(folder / name).read(NO_DOCUMENTS, None)


async def test_new_names_are_read_before_known_names(folder: Path) -> None:
    """So a renamed story is stored under its new name before the old name shows another."""
    write(folder, "1.md")
    known = await read(folder)
    (folder / "1.md").rename(folder / "2.md")
    write(folder, "1.md", make_markdown(title="Another story"))
    change_set = await look_again(folder, known)
    assert [document.key for document in change_set.documents] == ["2.md", "1.md"]


@pytest.mark.parametrize("same", [True, False])
async def test_a_file_renamed_only_in_case_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, same: bool
) -> None:
    """The case-insensitive disks of macOS and Windows still find the old name (simulated here)."""
    write(folder, "deep/Story.md")
    known = await read(folder)
    (folder / "deep/Story.md").rename(folder / "deep/story.md")
    if same:
        monkeypatch.setattr("bot.ingest.folder.source.document_exists", lambda *_: True)
    else:
        write(folder, "deep/Story.md")

    def as_listed(
        path: Path, patterns: Patterns, passed_over: Counter[str]
    ) -> Iterator[FoundFields]:
        found = walk(path, patterns, passed_over)
        return (each for each in found if each[0] == "deep/story.md")

    monkeypatch.setattr("bot.ingest.folder.source.walk", as_listed)
    change_set = await look_again(folder, known)
    assert change_set.gone == (("deep/Story.md",) if same else ())
