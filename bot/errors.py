"""The bot's branches of the error tree (the root and storage's branch are in `storage.errors`).

    StorywireError
    ├── StorageError …           see storage.errors
    ├── SettingsError            the settings file or the environment
    ├── SourceError              a source can't be read; its last state stays
    ├── DiscordError             Discord can't be used
    │   └── TokenError           no token, or one that Discord refuses
    └── SandboxError             the sandbox can't start

Only what the reader of the message can mend is wrapped; everything else is a bug and keeps its
traceback.
"""

from __future__ import annotations

from storage.errors import StorywireError


class SettingsError(StorywireError):
    """A setting is missing, unknown or wrong; the message names the key and the place."""


class SourceError(StorywireError):
    """A source can't be read."""


class DiscordError(StorywireError):
    """Discord, or the server that stands for it, can't be used."""


class TokenError(DiscordError):
    """There is no token, or Discord refuses it."""


class SandboxError(StorywireError):
    """The sandbox can't start."""
