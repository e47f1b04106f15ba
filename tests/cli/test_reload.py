"""SIGHUP: settings are read again while the bot runs."""

import asyncio
import os
import pty
import signal
import subprocess
import sys

from tests.cli.support import Terminal, settings
from tests.cli.test_running import said

NOBODY = "http://127.0.0.1:9"


async def test_sighup_reads_the_settings_again(terminal: Terminal) -> None:
    """Also before the bot has reached Discord. A mistake in the file is logged in one line."""
    for folder in ("one", "two"):
        terminal.write(f"{folder}/README.md", "")
    terminal.write("storywire.yaml", settings(["one"]))
    token = "made-up"
    async with terminal.start("run", DISCORD_TOKEN=token, DISCORD_API_URL=NOBODY) as program:
        await said(program, "can't log in to Discord")

        async def reload(text: str, message: str) -> None:
            terminal.write("storywire.yaml", text)
            program.process.send_signal(signal.SIGHUP)
            await said(program, message)

        await reload(settings(["one", "two"]), "read the settings again: New sources: folder:two.")
        await reload("announce: {pace: fast}", "the settings stay as they were: announce.pace in ")
        await reload(settings(["missing"]), "the settings stay as they were: folder missing ")
        await reload("", "the settings stay as they were: no source configured; ")
        ended = await program.terminate()
    assert ended.status == 0
    assert "Traceback" not in ended.err


async def test_the_bot_stops_when_its_terminal_is_closed(terminal: Terminal) -> None:
    """Then SIGHUP does not mean that the settings have changed."""
    terminal.write("one/README.md", "")
    terminal.write("storywire.yaml", settings(["one"]))
    screen, keyboard = pty.openpty()
    log = terminal.write("err.txt", "")
    with log.open("w") as err:
        process = subprocess.Popen(  # noqa: ASYNC220 - our own program
            [sys.executable, "-m", "bot", "run"],
            cwd=terminal.folder,
            env={**os.environ, "DISCORD_TOKEN": "made-up", "DISCORD_API_URL": NOBODY},
            stdin=keyboard,
            stderr=err,
        )
    os.close(keyboard)
    async with asyncio.timeout(60):
        while "can't log in" not in log.read_text(encoding="utf-8"):  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.05)
    os.close(screen)
    process.send_signal(signal.SIGHUP)
    assert await asyncio.to_thread(process.wait, 60) == 0
