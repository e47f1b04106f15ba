"""The token that senders of articles need."""

import re
from pathlib import Path

from bot.errors import SettingsError

MIN_LENGTH = 16
_TOKEN = re.compile(rf"[!-~]{{{MIN_LENGTH},1000}}")


def read_token(file: Path) -> bytes:
    """Return the token in a file. Raises `SettingsError`, which contains nothing of the file."""
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        # Somebody may have written the token itself into the settings.
        problem = getattr(error, "strerror", None) or "it is not text"
        raise SettingsError(
            f"push.token_file: the file can't be read: {problem} (storywire docs push)"
        ) from None
    if not _TOKEN.fullmatch(token):
        raise SettingsError(
            f"push.token_file: the file must contain one line of {MIN_LENGTH} to 1,000 letters,"
            " digits and signs, without spaces: openssl rand -hex 32"
        )
    return token.encode()
