"""Repository addresses that git could misread are rejected."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.urls.git_repositories import (
    is_local,
    problem_with_branch,
    problem_with_path,
    problem_with_repository,
)

REMOTE = [
    "https://example.org/site.git",
    "https://example.org:8443/a/b/",
    "https://[2001:db8::1]/site",
    "ssh://git@example.org/site.git",
    "ssh://example.org:2222/~ada/site",
    "git@example.org:ada/site.git",
    "example.org:site",
    "my_host:~/site",
]
LOCAL = ["/srv/site.git", "../site", "site", "./a b", "file:///srv/site.git", "~/site"]
REFUSED = [
    "",
    "-u",
    "--upload-pack=touch x",
    "-oProxyCommand=x:y",
    "ext::sh -c id",
    "fd::3",
    "transport::https://example.org/",
    "::x",
    "http://example.org/site.git",
    "git://example.org/site.git",
    "ftp://example.org/site.git",
    "javascript://x",
    "https://",
    "https:///etc",
    "https://-x/y",
    "https://exa mple.org/",
    "https://example.org/a b",
    "https://example.org/a\nb",
    "https://example.org:port/",
    "https://example.org\\@evil.example/",
    "https://[::1/x",
    "ssh://-oProxyCommand=id/x",
    "ssh://-u@example.org/x",
    "ssh://git@-x/x",
    "-x@example.org:y",
    "git@-x:y",
    "git@example.org:-u",
    "git@example.org::x",
    "git@example.org:a\x1b[0m",
    "a b:c",
    "file://host/x",
    "/srv/\x00",
    "x" * 3000,
]
SECRET = [
    "https://ada:s3cret@example.org/site.git",
    "https://s3cret@example.org/site.git",
    "https://example.org/site.git?access_token=s3cret",
    "https://example.org/site.git#s3cret",
    "ssh://ada:s3cret@example.org/site.git",
]


@pytest.mark.parametrize("address", REMOTE)
def test_https_and_ssh_addresses_are_accepted(address: str) -> None:
    assert problem_with_repository(address, allow_local=False) is None
    assert not is_local(address)


@pytest.mark.parametrize("address", LOCAL)
def test_local_repository_needs_allow_local(address: str) -> None:
    """Without `allow_local` the problem names that setting."""
    assert problem_with_repository(address, allow_local=True) is None
    assert "allow_local: true" in (problem_with_repository(address, allow_local=False) or "")
    assert is_local(address)


@pytest.mark.parametrize("address", REFUSED)
def test_other_addresses_are_rejected(address: str) -> None:
    """Options, commands, other protocols and invalid hosts are rejected without quoting them."""
    for allow_local in (False, True):
        problem = problem_with_repository(address, allow_local=allow_local)
        assert problem is not None
        assert len(address) < 10 or address not in problem


@pytest.mark.parametrize("address", SECRET)
def test_address_with_a_secret_is_rejected(address: str) -> None:
    """The problem names `token_variable` and does not contain the secret."""
    problem = problem_with_repository(address, allow_local=True)
    assert problem is not None
    assert "`token_variable`" in problem
    assert "s3cret" not in problem


@given(st.text(max_size=60) | st.text("-:/@.ahtpsxfile~[]", max_size=30))
@example("ext::sh")
def test_git_can_not_misread_an_accepted_address(address: str) -> None:
    """It never begins like an option or a remote helper, and has one of the two forms."""
    if problem_with_repository(address, allow_local=False) is None:
        assert re.match(r"(https|ssh)://[^-]|[A-Za-z0-9_\[][^/]*:[^-:]", address)
        assert re.match(r"[^/\[:]*::", address) is None
        assert address.isprintable()
        assert " " not in address


@pytest.mark.parametrize("branch", ["main", "feature/x", "v1.2", "ä", "a-b_c", "release@2"])
def test_branch_names_are_accepted(branch: str) -> None:
    assert problem_with_branch(branch) is None


@pytest.mark.parametrize(
    "branch",
    [
        *("", "-x", "--upload-pack=x", "a:b", "a..b", "a b", "a*", "a?", "a[", "a\\b", "a^", "a~1"),
        *("a@{1}", "/a", "a/", "a//b", "a/.b", ".a", "a.", "a.lock", "a.lock/b", "a\n", "a\x7f"),
        "x" * 3000,
    ],
)
def test_invalid_branch_names_are_rejected(branch: str) -> None:
    """So is anything that git would not take for a plain name."""
    assert problem_with_branch(branch) is not None


@pytest.mark.parametrize("path", ["", "_news", "a/b c/", "-x", "ä", "a:b", "[x]*", ".hidden"])
def test_folder_in_the_repository_is_accepted(path: str) -> None:
    assert problem_with_path(path) is None


@pytest.mark.parametrize("path", ["/etc", "..", "a/../b", "./a", "a//b", "/", "a\nb", "a\0b"])
def test_folder_outside_the_repository_is_rejected(path: str) -> None:
    """So is a path that is not normalised."""
    assert problem_with_path(path) is not None
