"""What a process that runs the bot sets for the whole interpreter."""

import subprocess
import sys

PROGRAM = """
import gc, sys
from bot.cli.common import keep_pauses_short
keep_pauses_short()
print(gc.get_freeze_count() > 10_000, sys.getswitchinterval() < 0.002)
"""


def test_the_interpreter_interrupts_the_bot_for_milliseconds() -> None:
    """Modules are left out of garbage collections, and threads hand over soon."""
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["True", "True"]
