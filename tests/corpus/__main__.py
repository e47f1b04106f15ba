"""`python -m tests.corpus [--require-download]`: read the feeds with which feedparser tests itself.

They are in its source distribution, which is downloaded into a temporary folder. No feed may raise
an exception other than `SourceError`. In 99 % of the well-formed feeds, all titles, links and dates
must agree with what the feed's comment expects, and with what feedparser reads. All differences are
listed.
"""

import argparse
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import feedparser  # type: ignore[import-untyped]
from rich.console import Console

from bot.errors import SourceError
from bot.ingest.feed.entry import Feed
from bot.ingest.feed.parser import parse_feed
from tests.corpus.expectations import (
    Expectation,
    actual,
    agrees,
    readings,
    served_with,
    stated_expectations,
)

LOCK = Path(__file__).parents[2] / "requirements.lock"
REQUIRED = 0.99
# Files in which ours is right for our readers, with the reason.
BY_DESIGN = {
    "wellformed/cdf/channel_title.xml": "a channel of this old format without entries is refused",
    "wellformed/sanitize/entry_title_crazy.xml": "ours has no remains of comments and scripts",
    "wellformed/sanitize/xml_malicious_comment.xml": "ours is what a browser shows",
}
_PINNED = re.compile(r"^feedparser==\S+ \\\n(?: +--hash=\S+(?: \\)?\n)+", re.MULTILINE)
# The address of the server of feedparser's own tests, which the expectations contain.
_SERVER = "http://127.0.0.1:8097/"


@dataclass(slots=True)
class Result:
    """What became of the files."""

    files: int = 0
    # Files that are no feeds, most of them on purpose.
    refused: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    # Well-formed feeds with values to compare; those that differ in any; all values.
    well_formed: int = 0
    different: int = 0
    by_design: int = 0
    values: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of the well-formed feeds in which everything agrees that should."""
        feeds = self.well_formed - self.by_design
        return 1 - self.different / feeds if feeds else 0.0


class DownloadError(Exception):
    """The source distribution can't be downloaded."""


def download(folder: Path) -> Path:
    """Download and unpack the version in the lock; return its folder. Raises `DownloadError`.

    pip checks the hash. It also gets what building the package needs, to learn its metadata.
    """
    pinned = _PINNED.search(LOCK.read_text(encoding="utf-8"))
    assert pinned is not None, f"{LOCK} does not pin feedparser"
    requirements = folder / "requirements.txt"
    requirements.write_text(pinned[0], encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
    options = ["--no-deps", "--no-binary", "feedparser", "--require-hashes"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, *options, "--dest", str(folder), "--requirement", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    archives = list(folder.glob("feedparser-*.tar.gz"))
    if done.returncode or not archives:
        lines = done.stderr.strip().splitlines()
        raise DownloadError(lines[-1] if lines else f"pip ended with status {done.returncode}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    return archives[0].with_name(archives[0].name.removesuffix(".tar.gz"))


def read_corpus(folder: Path) -> Result:
    """Read every file of feedparser's tests."""
    result = Result()
    for path in sorted(each for each in folder.rglob("*") if each.suffix != ".py"):
        if path.is_file():
            _read(path, path.relative_to(folder).as_posix(), result)
    return result


def _read(path: Path, name: str, result: Result) -> None:
    body = path.read_bytes()
    text = body.decode("utf-8", "replace")
    headers = served_with(text)
    content_type = headers.get("content-type", "application/xml")
    base = urljoin(f"{_SERVER}tests/{name}", headers.get("content-location", ""))
    result.files += 1
    expected: set[Expectation] = set()
    if name.startswith("wellformed/"):
        response_headers = {"content-location": base, "content-type": content_type}
        parsed = feedparser.parse(io.BytesIO(body), response_headers=response_headers)
        expected = {*stated_expectations(text), *readings(parsed)}
    try:
        feed = parse_feed(body, base, content_type)
    except SourceError as error:
        result.refused.append(f"{name}: {error}")
        differences = [f"{each.field}: expected {each.value}" for each in expected]
    except Exception as error:  # noqa: BLE001 - it is what is counted
        result.exceptions.append(f"{name}: {type(error).__name__}: {error}")
        return
    else:
        differences = [line for each in expected if (line := _difference(feed, each, base))]
    result.well_formed += bool(expected)
    result.values += len(expected)
    if differences and name in BY_DESIGN:
        result.by_design += 1
        differences = [f"{line} (by design: {BY_DESIGN[name]})" for line in differences]
    elif differences:
        result.different += 1
    result.differences += [f"{name}: {line}" for line in sorted(differences)]


def _difference(feed: Feed, expected: Expectation, base: str) -> str:
    """Describe how our value differs; return an empty string if it does not."""
    ours = actual(feed, expected)
    if agrees(expected, ours, base):
        return ""
    where = "the feed" if expected.entry is None else f"entry {expected.entry}"
    return (
        f"{expected.field} of {where}: expected {str(expected.value)[:200]!r},"
        f" ours {str(ours)[:200]!r}"
    )


def report(result: Result, console: Console) -> None:
    """Print the counts and every difference."""
    for heading, lines in (
        ("exceptions", result.exceptions),
        ("refused as no feeds", result.refused),
        ("differences", result.differences),
    ):
        console.rule(f"{len(lines)} {heading}")
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.rule("summary")
    console.print(
        f"{result.files} files, {len(result.exceptions)} exceptions, {len(result.refused)} refused;"
        f" {result.values} titles, links and dates of {result.well_formed} well-formed feeds:"
        f" {result.by_design} feeds differ by design, {result.different} otherwise;"
        f" {result.share:.2%} of those that should agree do",
        highlight=False,
        soft_wrap=True,
    )


def main(arguments: Sequence[str]) -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus")
    parser.add_argument(
        "--require-download", action="store_true", help="fail if the download is impossible"
    )
    options = parser.parse_args(arguments)
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        try:
            folder = download(Path(name))
        except DownloadError as error:
            console.print(
                f"NOT CHECKED: feedparser's test feeds can't be downloaded: {error}",
                markup=False,
                soft_wrap=True,
            )
            return 1 if options.require_download else 0
        result = read_corpus(folder / "tests")
    report(result, console)
    return 1 if result.exceptions or result.share < REQUIRED else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
