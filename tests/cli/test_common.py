"""What all commands share: ending with a status."""

import asyncio
import logging
import os
import signal

import pytest

from bot.cli.common import run_to_end
from storage.open import UPGRADE_LOGGER


def test_ctrl_c_after_an_error_in_a_task_group_ends_with_130(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`asyncio.run` raises CancelledError then, and not KeyboardInterrupt."""

    async def fail() -> None:
        raise ValueError

    async def work() -> None:
        with pytest.raises(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(10)

    with pytest.raises(SystemExit) as ended:
        run_to_end(work, "interrupted")
    assert ended.value.code == 130
    assert capsys.readouterr().err == "storywire: interrupted\n"


@pytest.mark.parametrize("configured", [False, True])
def test_each_command_shows_the_progress_of_upgrades(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, configured: bool
) -> None:
    """Once, whether or not the command logs other things."""
    if configured:
        caplog.set_level("INFO")

    async def work() -> None:
        logging.getLogger(UPGRADE_LOGGER).info("upgrading a.db: %s", "45 of 100")

    run_to_end(work)
    run_to_end(work)
    line = "storywire: upgrading a.db: 45 of 100\n"
    assert capsys.readouterr().err == ("" if configured else 2 * line)
    assert caplog.messages == 2 * ["upgrading a.db: 45 of 100"]
