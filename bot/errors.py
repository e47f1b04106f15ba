"""The bot's branches of the error tree (the root and storage's branch are in `storage.errors`).

    StorywireError
    ├── StorageError …           see storage.errors
    ├── SettingsError            the settings file or the environment
    ├── SourceError              a source can't be read; its last state stays
    │   ├── FolderMissingError   there is no such folder
    │   └── FetchError           a web server can't be asked, or refuses
    ├── DiscordError             Discord can't be used
    │   └── TokenError           no token, or one that Discord refuses
    └── SandboxError             the sandbox can't start

Only what the reader of the message can mend is wrapped; everything else is a bug and keeps its
traceback.
"""

from datetime import timedelta
from pathlib import Path

from storage.errors import StorywireError


class SettingsError(StorywireError):
    """A setting is missing, unknown or wrong; the message names the key and the place."""


class SourceError(StorywireError):
    """A source can't be read."""


class FolderMissingError(SourceError):
    """A folder of articles is not there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"folder {folder} does not exist; make it, or change sources in the settings"
        )


class FetchError(SourceError):
    """A web server gave no answer that is of use; it may say when to ask again."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DiscordError(StorywireError):
    """Discord, or the server that stands for it, can't be used."""


class TokenError(DiscordError):
    """There is no token, or Discord refuses it."""


class SandboxError(StorywireError):
    """The sandbox can't start."""
