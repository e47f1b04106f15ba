"""Which addresses, branches and folders of git repositories are accepted. Pure.

Git can't take an accepted one for an option, a command to run, or a protocol other than https, ssh
and, if allowed, a repository of this machine: see git's list of protocols,
https://git-scm.com/docs/git#Documentation/git.txt-GITALLOWPROTOCOL, and its CVE-2017-1000117.
"""

import re
from urllib.parse import SplitResult, urlsplit

from bot.urls.safety import MAX_LENGTH

_HOST = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
# https://git-scm.com/docs/git-clone#_git_urls: git takes a colon before any slash for a host's.
_SCP_LIKE = re.compile(rf"(?:{_USER}@)?{_HOST}:[^-:].*")
_NETWORK_PLACE = re.compile(rf"(?:{_USER}@)?{_HOST}(?::[0-9]{{1,5}})?")
_REMOTE_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff]")
# https://git-scm.com/docs/git-check-ref-format
_BAD_IN_BRANCH = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[-./]|[./]$"
)
_LOCAL = "is a repository of this machine; write `allow_local: true` beside it to have it read"
_TAKEN = "is no address that is taken; write https://…, ssh://… or user@host:path"


def is_local(address: str) -> bool:
    """Whether an accepted address means a repository of this machine."""
    return address.startswith("file://") or (
        "://" not in address and _SCP_LIKE.fullmatch(address) is None
    )


def problem_with_repository(address: str, *, allow_local: bool) -> str | None:
    """Why an address is not accepted, in words that don't repeat it; None if it is."""
    if not address or len(address) > MAX_LENGTH or address.startswith("-"):
        return _TAKEN
    if _REMOTE_HELPER.match(address):
        return _TAKEN
    if "://" in address:
        problem = _problem_with_url(address)
    elif _SCP_LIKE.fullmatch(address):
        problem = None
    else:
        problem = _TAKEN if ":" in address else None
    if problem is None and not is_local(address):
        return "holds spaces or signs that can't be seen" if _UNPRINTABLE.search(address) else None
    if problem is None and not address.isprintable():
        return "holds signs that can't be seen"
    if problem is None and not allow_local:
        return _LOCAL
    return problem


def _problem_with_url(address: str) -> str | None:
    try:
        url = urlsplit(address)
    except ValueError:
        return _TAKEN
    place = url.netloc
    if url.scheme == "file":
        return None if not place and url.path.startswith("/") else _TAKEN
    if url.scheme not in {"https", "ssh"}:
        return f"{_TAKEN} (not {url.scheme}://)" if url.scheme in {"http", "git"} else _TAKEN
    if _holds_secret(url):
        return (
            "holds a name, password or token; take it out and put it into a variable that"
            " `token_variable` names (docs/sources.md)"
        )
    return None if _NETWORK_PLACE.fullmatch(place) else _TAKEN


def _holds_secret(url: SplitResult) -> bool:
    """Over https a name alone may be a token; over ssh it is just a name."""
    user, at, _ = url.netloc.rpartition("@")
    return bool((at if url.scheme == "https" else ":" in user) or url.query or url.fragment)


def problem_with_branch(branch: str) -> str | None:
    """Why the name of a branch is not accepted; None if it is."""
    if not branch or len(branch) > MAX_LENGTH or _BAD_IN_BRANCH.search(branch):
        return "is not the name of a branch"
    return None


def problem_with_path(path: str) -> str | None:
    """Why a folder within a repository is not accepted; None if it is ("": all of it)."""
    parts = path.rstrip("/").split("/")
    if path and (not path.isprintable() or {"", ".", ".."} & set(parts)):
        return "is not a folder within the repository; write it like site/_news"
    return None
