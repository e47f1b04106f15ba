"""Finds what no line of the log may contain, in everything that a test logs.

Secrets are looked for in what the program would write. A secret is what `secrets.token_urlsafe`
made, as the sandbox makes the tokens of bots and interactions, the secured texts of the sample
articles, and whatever contains `c4nary`. Names of exceptions belong into tracebacks; the bot's own
lines say what has happened.
"""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.cli.logs import JsonFormatter, TextFormatter

# As with `--log-level debug`.
LEVELS = {"": logging.INFO} | dict.fromkeys(("bot", "storage", "discord"), logging.DEBUG)
CANARY = "c4nary"
OURS = ("bot.", "storage.")
SEEDS = Path(__file__).parents[2] / "seeds"

_SECURED = re.compile(r'^secured: "([^"\n]{20})', re.MULTILINE)
_CLASS = re.compile(r"\b[A-Z]\w+(?:Error|Exception|Warning)\b")
# Long messages are shortened, so the beginning of a token counts.
_LENGTH = 16
_WORD = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH},}}")


class LogCheck(logging.Handler):
    """Collects the lines that contain one in `faults`."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.faults: list[str] = []
        self._beginnings: set[str] = set()
        self._texts = (CANARY, *secured_texts())
        self._formatters = (TextFormatter(), JsonFormatter())

    def install(self) -> None:
        """Listen to all loggers, and learn each token that is made from now on."""
        for name, level in LEVELS.items():
            logging.getLogger(name).setLevel(level)
        logging.getLogger().addHandler(self)
        make = secrets.token_urlsafe

        def make_and_learn(nbytes: int | None = None) -> str:
            token = make(nbytes)
            self._beginnings.add(token[:_LENGTH])
            return token

        secrets.token_urlsafe = make_and_learn

    def emit(self, record: logging.LogRecord) -> None:
        """Check a record. Redacting takes long, so only one that has a secret is formatted."""
        message = record.getMessage()
        if record.name.startswith(OURS) and _CLASS.search(message):
            self.faults.append(message)
        if record.exc_info or self._has_secret(message):
            lines = [each.format(record) for each in self._formatters]
            self.faults += filter(self._has_secret, lines)

    def _has_secret(self, text: str) -> bool:
        return any(each in text for each in self._texts) or any(
            word[:_LENGTH] in self._beginnings for word in _WORD.findall(text)
        )


@contextmanager
def loggers_kept() -> Iterator[None]:
    """Restore handlers and levels at the end: each command of the program sets up its own."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {name: logging.getLogger(name).level for name in LEVELS}
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def secured_texts() -> list[str]:
    """The beginnings of the encrypted texts in the sample articles."""
    return [
        match
        for file in sorted(SEEDS.glob("*.md"))
        for match in _SECURED.findall(file.read_text(encoding="utf-8"))
    ]
