"""What of a site's files its configuration can read, from a folder and from a commit."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.ingest.folder import site_files as folder_files
from bot.ingest.git.site_files import Commit, site_candidates
from bot.ingest.sites.detection import Candidate

FILES = {
    "_config.yml": b"a",
    "blog/_config.yml": b"b",
    "blog/_posts/2026-11-18-a.md": b"c",
    "blog/_posts/deep/posts.json": b"d",
    "blog/posts.json": b"e",
    "blogs/posts.json": b"f",
    "large.json": b" " * (1024 * 1024 + 1),
}
Opener = Callable[[Mapping[str, bytes], str], list[Candidate]]


@pytest.fixture(params=["folder", "git"])
def candidates(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    def open_folder(files: Mapping[str, bytes], folder: str) -> list[Candidate]:
        (tmp_path / "site/.git").mkdir(parents=True)
        for name, content in files.items():
            (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "site" / name).write_bytes(content)
        return list(folder_files.site_candidates(tmp_path / "site" / folder))

    def open_commit(files: Mapping[str, bytes], folder: str) -> list[Candidate]:
        blobs = {path: (path, len(content)) for path, content in files.items()}
        commit = Commit(blobs, lambda names: [files[name] for name in names])
        return list(site_candidates(commit, folder))

    return open_folder if request.param == "folder" else open_commit


def test_the_folder_and_its_parents_may_be_the_root(candidates: Opener) -> None:
    """The nearest comes first, and the root of the repository last."""
    found = candidates(FILES, "blog/_posts")
    assert [each.folder for each in found] == ["", "_posts", "blog/_posts"]
    assert [each.files.read("_config.yml") for each in found] == [None, b"b", b"a"]


def test_root_is_sought_in_the_whole_repository(tmp_path: Path) -> None:
    """Outside a repository, it is at most five levels above the source's folder."""
    folder = tmp_path / "1/2/3/4/5/6/7/8"
    folder.mkdir(parents=True)
    assert folder_files.site_candidates(folder)[-1].folder == "4/5/6/7/8"
    (tmp_path / "1/.git").mkdir()
    assert folder_files.site_candidates(folder)[-1].folder == "2/3/4/5/6/7/8"


def test_files_and_folders_exist(candidates: Opener) -> None:
    blog = candidates(FILES, "blog")[0].files
    there = ["_posts", "_posts/deep", "posts.json", "_posts/deep/posts.json"]
    missing = ["posts", "deep", "_config.yaml", "blog", "../blogs", "../_config.yml", "/", "a\0b"]
    assert all(blog.exists(path) for path in there)
    assert not any(blog.exists(path) for path in missing)


def test_files_are_found_by_name(candidates: Opener) -> None:
    """Below one folder, or everywhere."""
    root = candidates(FILES, "")[0].files
    assert root.find({"posts.json"}) == [
        "blog/_posts/deep/posts.json",
        "blog/posts.json",
        "blogs/posts.json",
    ]
    assert root.find({"posts.json", "_config.yml"}, "blog") == [
        "blog/_config.yml",
        "blog/_posts/deep/posts.json",
        "blog/posts.json",
    ]
    assert root.find({"posts.json"}, "nowhere") == []


def test_folders_and_large_files_are_not_read(candidates: Opener) -> None:
    root = candidates(FILES, "")[0].files
    unreadable = ("blog", "large.json", "missing", "blog/../../x")
    assert [root.read(path) for path in unreadable] == [None] * 4


def test_links_out_of_the_site_are_ignored(tmp_path: Path) -> None:
    """A hostile site can't show what other files of the machine contain."""
    (tmp_path / "secret.yml").write_text("secret")
    site = tmp_path / "site"
    site.mkdir()
    (site / "_config.yml").symlink_to(tmp_path / "secret.yml")
    (site / "again").symlink_to(site)
    files = folder_files.site_candidates(site)[0].files
    assert files.read("_config.yml") is None
    assert not files.exists("_config.yml")
    assert files.find({"x"}) == []
