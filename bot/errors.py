"""The bot's branches of the error tree (the root and storage's branch are in `storage.errors`).

    StorywireError
    ├── StorageError …           see storage.errors
    ├── SettingsError            the settings file or the environment
    ├── SourceError              a source can't be read; its stories are kept
    │   ├── FolderMissingError   the folder does not exist
    │   └── FetchError           a web server can't be reached, or refuses
    ├── DiscordError             Discord can't be used
    │   └── TokenError           no token, or one that Discord rejects
    ├── ChartError               a chart can't be drawn
    ├── ImportFileError          a file to be imported can't be read
    ├── WebServerError           the bot's web server can't listen
    └── SandboxError             the sandbox can't start

Only errors that the reader of the message can fix are converted to these; everything else is a bug
and keeps its traceback.
"""

from datetime import timedelta
from pathlib import Path

from storage.errors import StorywireError

_LENGTH = 300


class SettingsError(StorywireError):
    """A setting is missing, unknown or invalid; the message names the key and its position."""


class SourceError(StorywireError):
    """A source can't be read."""


class FolderMissingError(SourceError):
    """A folder of articles does not exist."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"folder {folder} does not exist; create it, or change sources in the settings"
        )


class FetchError(SourceError):
    """A web server gave no usable answer; `retry_after` is the wait that it asked for."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DiscordError(StorywireError):
    """Discord, or the server configured in its place, can't be used."""


class TokenError(DiscordError):
    """There is no token, or Discord rejects it."""


class ChartError(StorywireError):
    """A chart can't be drawn."""


class ImportFileError(StorywireError):
    """A file to be imported is not what it should be."""


class WebServerError(StorywireError):
    """The bot can't listen on the host and port of its web server."""


class SandboxError(StorywireError):
    """The sandbox can't start."""


def one_line(error: BaseException) -> str:
    """What an exception says, on one line of limited length; the name of its class says little."""
    match error:
        case KeyError():
            text = f"{error} is missing" if error.args else "a key is missing"
        case RecursionError():
            text = "it is nested too deeply"
        case TimeoutError():
            text = str(error) or "it took too long"
        case _:
            text = str(error) or "no reason is given"
    line = " ".join(text.split())
    return line if len(line) <= _LENGTH else line[: _LENGTH - 1] + "…"
