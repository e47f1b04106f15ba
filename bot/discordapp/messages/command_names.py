"""Names of commands within texts.

Discord shows `</news topics:ID>` as a mention that opens the command
(https://docs.discord.com/developers/reference#message-formatting). The ids come from Discord, so
texts contain marked names, and `command_mentions` replaces them where answers are sent.
"""

import re
from collections.abc import Callable

# Characters that `markdown` removes from all texts from outside, so nobody else can write a mark.
_START, _END = "\ufff9", "\ufffb"
_MARKED = re.compile(f"{_START}/([^{_END}]*){_END}")


def command(name: str) -> str:
    """The marked name of a command, such as `news topics`; as long as it is between back-ticks."""
    return f"{_START}/{name}{_END}"


def replace_commands(text: str, replacement: Callable[[str], str]) -> str:
    """`text` with `replacement(name)` in place of each marked name, and without other marks."""
    written = _MARKED.sub(lambda match: replacement(match[1]), text)
    return written.replace(_START, "").replace(_END, "")


def quoted_command(name: str) -> str:
    """A command without a mention, for texts with markdown."""
    return f"`/{name}`"


def plain_command(name: str) -> str:
    """A command without a mention, for texts without markdown."""
    return f"/{name}"
