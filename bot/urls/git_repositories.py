"""Which addresses, branches and folders of git repositories are accepted. Pure.

Git can't mistake an accepted address for an option or a command, and it uses no protocol other than
https, ssh and, if allowed, a repository on this machine: see git's list of protocols,
https://git-scm.com/docs/git#Documentation/git.txt-GITALLOWPROTOCOL, and CVE-2017-1000117.
"""

import re
from urllib.parse import SplitResult, urlsplit

from bot.urls.hosts import NumericHostError, ascii_host
from bot.urls.safety import MAX_LENGTH, NUMERIC_HOST

_HOST = r"(?P<host>[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
# https://git-scm.com/docs/git-clone#_git_urls: a colon before the first slash ends the host.
_SCP_LIKE = re.compile(rf"(?:{_USER}@)?{_HOST}:(?P<path>[^-:].*)")
# A scheme with a missing slash is not a host.
_SCHEMES = frozenset({"http", "https", "ssh", "file", "ftp"})
_AUTHORITY = re.compile(rf"(?:{_USER}@)?{_HOST}(?::[0-9]{{1,5}})?")
_REMOTE_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
_SPACE_OR_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff]")
# https://git-scm.com/docs/git-check-ref-format
_INVALID_IN_BRANCH = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[-./]|[./]$"
)
_LOCAL_NOT_ALLOWED = (
    "is a repository on this machine; add `allow_local: true` to the source to allow it"
)
_CREDENTIALS = (
    "contains a user name, password or token; remove it, and set `token_variable` to the name of an"
    " environment variable that contains the token (storywire docs sources)"
)
_UNSUPPORTED = "is not a supported repository address; use https://…, ssh://… or user@host:path"


def is_local(address: str) -> bool:
    """Whether an accepted address is a repository on this machine."""
    return address.startswith("file://") or (
        "://" not in address and _SCP_LIKE.fullmatch(address) is None
    )


def problem_with_repository(address: str, *, allow_local: bool) -> str | None:
    """Return why an address is not accepted, without quoting it; None if it is."""
    if not address or len(address) > MAX_LENGTH or address.startswith("-"):
        return _UNSUPPORTED
    if _REMOTE_HELPER.match(address):
        return _UNSUPPORTED
    if "://" in address:
        problem = _problem_with_url(address)
    elif match := _SCP_LIKE.fullmatch(address):
        problem = _problem_with_scp_like(match)
    else:
        problem = _UNSUPPORTED if ":" in address else None
    if problem is None and not is_local(address):
        if _SPACE_OR_UNPRINTABLE.search(address):
            return "contains spaces or non-printable characters"
        return None
    if problem is None and not address.isprintable():
        return "contains non-printable characters"
    if problem is None and not allow_local:
        return _LOCAL_NOT_ALLOWED
    return problem


def _problem_with_url(address: str) -> str | None:
    try:
        url = urlsplit(address)
    except ValueError:
        return _UNSUPPORTED
    authority = url.netloc
    if url.scheme == "file":
        return None if not authority and url.path.startswith("/") else _UNSUPPORTED
    if url.scheme not in {"https", "ssh"}:
        return (
            f"{_UNSUPPORTED} (not {url.scheme}://)"
            if url.scheme in {"http", "git"}
            else _UNSUPPORTED
        )
    if _contains_secret(url):
        return _CREDENTIALS
    match = _AUTHORITY.fullmatch(authority)
    return _problem_with_host(match["host"]) if match else _UNSUPPORTED


def _problem_with_scp_like(match: re.Match[str]) -> str | None:
    # `user:password@host:path` has the form `host:path`.
    if "@" in match["path"].partition("/")[0]:
        return _CREDENTIALS
    return _UNSUPPORTED if match["host"] in _SCHEMES else _problem_with_host(match["host"])


def _problem_with_host(host: str) -> str | None:
    try:
        ascii_host(host)
    except NumericHostError:
        return NUMERIC_HOST
    except ValueError:
        return _UNSUPPORTED
    return None


def _contains_secret(url: SplitResult) -> bool:
    """Over https a user name alone may be a token; over ssh it is only a name."""
    user, at, _ = url.netloc.rpartition("@")
    return bool((at if url.scheme == "https" else ":" in user) or url.query or url.fragment)


def problem_with_branch(branch: str) -> str | None:
    """Return why the name of a branch is not accepted; None if it is."""
    if not branch or len(branch) > MAX_LENGTH or _INVALID_IN_BRANCH.search(branch):
        return "is not a valid branch name"
    return None


def problem_with_path(path: str) -> str | None:
    """Return why a folder in a repository is not accepted; None if it is ("" is the whole one)."""
    parts = path.rstrip("/").split("/")
    if path and (not path.isprintable() or {"", ".", ".."} & set(parts)):
        return "is not a folder in the repository; use a relative path like site/_news"
    return None
