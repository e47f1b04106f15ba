"""Hides secrets in texts and addresses. Pure.

Secrets come into settings where they don't belong, and into addresses of private feeds where they
do. `redact` is applied to whatever is printed, logged, or stored about a source.
"""

import re

MAX_REDACTED_LENGTH = 200
HIDDEN = "…"

# Forms of tokens that say what they are, by their documentation.
_TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    # Discord: https://docs.discord.com/developers/reference#authentication; an id in base64, a
    # time, and a signature.
    r"(?:mfa\.[A-Za-z0-9_-]{20,}|[MNO][A-Za-z0-9_-]{17,30}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{25,110})"
    # The sandbox: `sandbox.`, an id, and random text.
    r"|sandbox\.[0-9]{15,20}\.[A-Za-z0-9_-]{20,}"
    # JSON Web Tokens: https://www.rfc-editor.org/rfc/rfc7519; they begin with `{"` in base64.
    r"|ey[A-Za-z0-9_-]{8,500}\.ey[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?"
    # https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
    r"|gh[a-z]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}"
    # https://docs.gitlab.com/security/tokens/#token-prefixes
    r"|gl[a-z]{2,8}-[A-Za-z0-9_.-]{16,}"
    # Slack, AWS, Google, npm, PyPI, Hugging Face, Docker, Bitbucket, Stripe and others.
    r"|xox[a-z]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])|AIza[A-Za-z0-9_-]{30,}"
    r"|(?:npm|pypi|hf|dckr_pat|dop_v1|ATBB|ATATT|[srp]k_(?:live|test)|sk|pat)[-_][A-Za-z0-9_=-]{20,}"
    r")(?![A-Za-z0-9])"
)
# The secret parts of addresses that post to channels and chats, and answer interactions.
_WEBHOOKS = re.compile(
    r"(/(?:webhooks|interactions)/[0-9]+/)[^\s/?#]+|(hooks\.slack\.com/[a-z]+/)[^\s?#]+|(/bot[0-9]+:)[A-Za-z0-9_-]{20,}"
)
# https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2
_HEADERS = re.compile(
    r"((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|bot|token|digest)\s+)?)[^\s\"']+"
    r"|(\b(?:basic|bearer|bot)\s{1,8})(?=\S*[A-Za-z])(?=\S*[0-9=])[A-Za-z0-9._~+/=-]{16,}",
    re.IGNORECASE,
)
# Parameters of addresses, also in their fragments: https://www.rfc-editor.org/rfc/rfc6750#section-2.3
_PARAMETERS = re.compile(
    r"([?&;#][^\s?&;#=]{0,60}(?:token|secret|passw|pwd|auth(?!or)|credential|signature|api[_.-]?key)[^\s?&;#=]{0,60}="
    r"|[?&;#](?:key|sig|hmac|jwt|pass|code|hash|session|sid)=)(?!…)[^\s&#'\"]+",
    re.IGNORECASE,
)
# Members of objects, in JSON and as Python shows them, such as `"token": "…"`.
_MEMBERS = re.compile(
    r"""(["'](?:[a-z]+[_-])?(?:token|secret|password|secured)["']\s*:\s*["'])(?!…)[^"']+""",
    re.IGNORECASE,
)
# Words with a user, and perhaps a password.
_WORD = re.compile(r"\S+")
_AUTHORITY = re.compile(r"[^/?#]*")
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::[0-9]{0,5})?[\"')\],;.]?")
_USER = re.compile(r"\A(?!git@)[^\s/@]*@")
# Like the name of a section.
_PLAIN_FRAGMENT = re.compile(r"[A-Za-z]?[a-z_-]{0,31}")
_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]+")
MIN_DIGITS = 2


def redact(text: str) -> str:
    """Return a text without what certainly is a secret: tokens, passwords, headers, parameters.

    Everything else stays, such as the other parameters of an address.
    """
    text = _HEADERS.sub(lambda match: f"{match[1] or match[2]}{HIDDEN}", text)
    if "@" in text:
        text = _WORD.sub(lambda match: _without_users(match[0]), text)
    text = _WEBHOOKS.sub(lambda match: f"{match[1] or match[2] or match[3]}{HIDDEN}", text)
    text = _PARAMETERS.sub(rf"\1{HIDDEN}", text)
    text = _MEMBERS.sub(rf"\1{HIDDEN}", text)
    return _TOKENS.sub(HIDDEN, text)


def _without_users(word: str) -> str:
    """Return a word without users that are or have secrets."""
    if "@" not in word:
        return word
    scheme, *addresses = word.split("://")
    if not addresses:
        # The scheme is missing or misspelt: `user@host:path` is an address of git, though.
        before, _, host = word.rpartition("@")
        return f"{HIDDEN}@{host}" if ":" in before else word
    result = scheme
    for address in addresses:
        # Over http, a user alone may be a token.
        result += f"://{_without_user(address, is_web=result.endswith(('http', 'https')))}"
    return result


def _without_user(address: str, *, is_web: bool) -> str:
    """Return what follows `://` without its user, if that has a password or may be a token."""
    match = _AUTHORITY.match(address)
    authority = match[0] if match else ""
    user, at, _ = authority.rpartition("@")
    if at:
        return address[len(user) + 1 :] if is_web or ":" in user else address
    # A password with a slash in it looks like the port of the host `user`.
    is_clear = "@" not in address or _PORT.fullmatch(authority)
    return address if is_clear else address.rpartition("@")[2]


def contains_secret(text: str) -> bool:
    """Whether `redact` finds a secret."""
    return redact(text) != text


def contains_token(text: str) -> bool:
    """Whether a text contains a token of a known form."""
    return _TOKENS.search(text) is not None


def looks_random(text: str) -> bool:
    """Whether a whole text looks like a token of no known form: hexadecimal, base32 or base64.

    Words that are joined by hyphens and underscores don't, and neither do paths.
    """
    if _RANDOM.fullmatch(text) is None or ("/" in text and not {"+", "="} & set(text)):
        return False
    digits = sum(char.isdigit() for char in text)
    if _HEXADECIMAL.fullmatch(text):
        return 0 < digits < len(text)
    has_cases = text != text.lower() and text != text.upper()
    return digits >= MIN_DIGITS and (has_cases or _LETTERS_AND_DIGITS.fullmatch(text) is not None)


def redact_address(address: str) -> str:
    """Return an address without secrets, on one line, for messages and source names.

    Besides what `redact` removes, it has no query values, because feed addresses often contain
    tokens, and at most `MAX_REDACTED_LENGTH` characters. A source is named by it: the result for
    an address that is accepted must never change, except that it loses a secret.
    """
    printable = redact("".join(char if char.isprintable() else "_" for char in address))
    scheme, separator, rest = printable.partition("://")
    if not separator:
        return _shorten(_USER.sub(f"{HIDDEN}@", printable, count=1))
    rest, mark, fragment = rest.partition("#")
    target, question_mark, query = rest.partition("?")
    authority, slash, path = target.partition("/")
    redacted = f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
    if question_mark:
        parameters = (text.partition("=") for text in query.split("&"))
        # A parameter without a value may be a token.
        redacted += "?" + "&".join(
            f"{name}=…" if equals else HIDDEN for name, equals, _ in parameters
        )
    elif mark:
        redacted += mark + (fragment if is_plain_fragment(fragment) else HIDDEN)
    return _shorten(redacted)


def is_plain_fragment(fragment: str) -> bool:
    """Whether the part of an address after `#` is a word, and certainly no secret."""
    return _PLAIN_FRAGMENT.fullmatch(fragment) is not None


def without_query(address: str) -> str:
    """Return an address without its query and fragment, which may contain secrets."""
    return re.split(r"[?#]", address, maxsplit=1)[0]


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_REDACTED_LENGTH else f"{text[: MAX_REDACTED_LENGTH - 1]}…"
