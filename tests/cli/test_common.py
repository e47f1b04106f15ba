"""What all commands share: ending with a status."""

import asyncio
import os
import signal

import pytest

from bot.cli.common import run_to_end


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
