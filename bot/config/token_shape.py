"""What is clearly not a bot's token, so that a slip is found without asking Discord. Pure.

Discord doesn't document the shape of tokens, so whatever might be one is accepted.
"""

import re

_FROM_PORTAL = "copy the token from the page Bot of the application in Discord's developer portal"
_PROBLEMS = (
    (r"[^\n\r]*[\n\r].*", "contains more than one line; it must contain the token alone"),
    (r"(?i:bot|bearer)\s.*", "begins with a word before the token; leave it out"),
    (r"[\"'`].*|.*[\"'`]", "is in quotation marks; leave them out"),
    (r".*\s.*", "contains white space, which no token does"),
    (r".*[^!-~].*", f"contains characters that no token has; {_FROM_PORTAL}"),
    # Other values on the pages of an application; none of them contains a dot, as tokens do.
    (r"[0-9]{15,20}", f"is the id of an application or user, not a token; {_FROM_PORTAL}"),
    (r"[0-9a-f]{64}", f"is the public key of an application, not a token; {_FROM_PORTAL}"),
    (
        r"[A-Za-z0-9_-]{32}",
        f"looks like the client secret of an application, not a token; {_FROM_PORTAL}",
    ),
)


def token_problem(token: str) -> str | None:
    """Why this is not a bot's token, as the end of a sentence without the token; else None."""
    return next(
        (problem for shape, problem in _PROBLEMS if re.fullmatch(shape, token, re.DOTALL)), None
    )
