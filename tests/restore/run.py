"""Back up a bot's database while it works, kill it later, restore the backup, and count messages.

The sandbox ignores nonces, so that only what the channels show says what was announced.
"""

import asyncio
import multiprocessing
import random
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.sandbox import Sandbox, SandboxOptions
from storage.open import back_up_store, restore_store
from tests.crash.bot_process import BotRun, run_bot_process
from tests.crash.run import wait_for_exit
from tests.support.headlines import headline
from tests.support.subscribed_channels import SubscribedChannels, Tally

MAX_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """The size of a test: stories before the backup, after it, and while the bot is stopped."""

    channels: int
    before: int
    after: int
    meanwhile: int
    seed: int


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """The result; `announced` are the messages between the backup and the kill."""

    tally: Tally
    announced: int

    def __str__(self) -> str:
        tally = self.tally
        return (
            f"{self.announced} messages between backup and kill, {tally.messages} in the end:"
            f" {tally.lost} lost, {tally.repeated} repeated, {tally.outdated} outdated"
        )


async def run_restore_test(options: RestoreOptions) -> RestoreReport:
    """Run the test. Raises TimeoutError if a bot does not finish its work."""
    sandbox = Sandbox(SandboxOptions(rates=None, nonce_window=timedelta()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        channels = SubscribedChannels(sandbox, folder, Path(name) / "storywire.db")
        async with sandbox.serve():
            await channels.create(options.channels)
            return await _RestoreTest(options, channels).run()


@dataclass
class _RestoreTest:
    options: RestoreOptions
    channels: SubscribedChannels
    processes: list[BaseProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.options.seed)  # noqa: S311 - a repeatable run
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.crash.bot_process"])

    async def run(self) -> RestoreReport:
        options, channels = self.options, self.channels
        backup = channels.database.with_name("backup.db")
        try:
            self._add_stories(options.before)
            self._start()
            # The backup is made while the bot posts, so that it contains posts in every state.
            wanted = options.channels * options.before
            await self._count(wanted // 2)
            await back_up_store(channels.database, backup, channels.sandbox.clock())
            counted = channels.count_messages()
            self._add_stories(options.after)
            wanted += options.channels * options.after
            await self._count(wanted - options.channels)
            self._kill()
            announced = channels.count_messages() - counted
            await restore_store(channels.database, backup, channels.sandbox.clock())
            self._add_stories(options.meanwhile)
            self._start()
            async with asyncio.timeout(MAX_SECONDS):
                while not await channels.is_finished():
                    if await wait_for_exit(self.processes[-1], 0.2):
                        raise RuntimeError("the bot ended before its work was done")
        finally:
            self._kill()
        return RestoreReport(channels.tally(), announced)

    def _add_stories(self, count: int) -> None:
        for _ in range(count):
            name = f"story{len(self.channels.titles)}"
            self.channels.write_story(name, headline(self._random))

    def _start(self) -> None:
        channels, sandbox = self.channels, self.channels.sandbox
        run = BotRun(
            channels.folder, channels.database, sandbox.api_url, sandbox.token, timedelta()
        )
        self.processes.append(self._context.Process(target=run_bot_process, args=(run,)))
        self.processes[-1].start()

    def _kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.join()

    async def _count(self, messages: int) -> None:
        """Wait until the channels contain so many messages."""
        channels = self.channels
        await channels.sandbox.wait_until(
            lambda: channels.count_messages() >= messages, MAX_SECONDS
        )
