"""`storywire sandbox`: runs the bot on a local Discord with a web page; needs no account."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import click

from bot.app import Progress, Reloading, reload_on_hangup, run_bot, stop_on_signals
from bot.cli.common import (
    check_folders,
    config_option,
    fail,
    keep_pauses_short,
    log_start,
    require_folders,
    run_to_end,
    settings_or_fail,
    shipped_folder,
)
from bot.cli.logs import logging_options, set_up_logging
from bot.clock import Clock, SystemClock
from bot.config.settings import DiscordSettings, Settings, load_settings
from bot.config.sources import FolderSettings
from bot.errors import SandboxError
from bot.sandbox import PageAction, Sandbox, SandboxOptions
from bot.sandbox import SandboxError as LocalDiscordError
from bot.sandbox.samples.story_dropper import StoryDropper
from storage.private_files import create_folder


@click.command()
@config_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port of the page; 0 picks a free one.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/sandbox"),
    show_default=True,
    help="Folder for the local Discord's state, the bot's database and dropped stories.",
)
@logging_options
def sandbox(config: Path | None, port: int, data: Path, log_format: str, log_level: str) -> None:
    """Run the bot on a local stand-in for Discord, and print the address of its page."""
    settings = settings_or_fail(config)
    try:
        settings = sandbox_settings(settings, data)
    except SandboxError as error:
        fail(error)
    require_folders(settings.sources)
    set_up_logging(log_format, log_level)
    log_start(settings, config)
    keep_pauses_short()

    async def work() -> None:
        stop, reloading = asyncio.Event(), Reloading(read_again)
        with stop_on_signals(stop), reload_on_hangup(reloading.wanted, stop):
            clock = SystemClock()
            local_discord = make_sandbox(data, clock)
            await run_sandbox(local_discord, settings, port, clock, stop, _print_address, reloading)

    def read_again(current: Settings) -> Settings:
        new = sandbox_settings(load_settings(config), data)
        check_folders(each for each in new.sources if each not in current.sources)
        return new.model_copy(update={"discord": current.discord})

    run_to_end(work)


def _print_address(url: str) -> None:
    click.echo(f"The bot is ready, open {url} (Ctrl+C stops it)")


def make_sandbox(data: Path, clock: Clock, openapi: Path | None = None) -> Sandbox:
    """Make a local Discord that stores its state in `data`; for `openapi` see `SandboxOptions`."""
    drop = PageAction(
        name="drop",
        label="Drop a story",
        description="Put a new sample article into a folder that the bot reads",
        run=StoryDropper(data / "drop", clock.now).drop,
    )
    options = SandboxOptions(
        state=data / "discord", actions=(drop,), openapi=openapi, has_samples=True
    )
    return Sandbox(options)


async def run_sandbox(
    local_discord: Sandbox,
    settings: Settings,
    port: int,
    clock: Clock,
    stop: asyncio.Event,
    on_ready: Callable[[str], None],
    reloading: Reloading | None = None,
) -> None:
    """Run a local Discord and the bot on it until `stop` is set.

    `on_ready` is called with the page's address. Raises `SandboxError` if the port or the folder
    can't be used, and what `run_bot` raises.
    """
    progress = Progress()

    async def announce_ready() -> None:
        await progress.loaded.wait()
        await progress.connected.wait()
        on_ready(local_discord.url)

    async with _serving(local_discord, port):
        discord = DiscordSettings(api_url=local_discord.api_url)
        bound = settings.model_copy(update={"discord": discord})
        async with asyncio.TaskGroup() as group:
            announcing = group.create_task(announce_ready())
            await run_bot(bound, local_discord.token, clock, stop, progress, reloading)
            announcing.cancel()


@asynccontextmanager
async def _serving(local_discord: Sandbox, port: int) -> AsyncIterator[None]:
    """Serve the page. Raises `SandboxError` if the port or the state can't be used."""
    try:
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(local_discord.serve(port=port))
            except OSError as error:
                if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                    raise
                problem = (
                    "is in use" if error.errno == errno.EADDRINUSE else "needs more privileges"
                )
                raise SandboxError(
                    f"port {port} {problem}; use a free one: storywire sandbox --port 0"
                    " (or make run ARGS='--port 0')"
                ) from error
            yield
    except LocalDiscordError as error:
        # Also raised at the end, when the state could not be written.
        raise SandboxError(f"{error}; choose another --data") from error


def sandbox_settings(settings: Settings, data: Path) -> Settings:
    """The settings with the database in `data`, so that no data of a real bot is touched.

    Raises `SandboxError` if the folder can't be used.
    """
    drop = data / "drop"
    try:
        create_folder(drop)
    except OSError as error:
        raise SandboxError(
            f"folder {drop} can't be created: {error.strerror}; choose another --data"
        ) from error
    sources = settings.sources or (_sample_articles(),)
    return settings.model_copy(
        update={
            "database": data / "storywire.db",
            "sources": (*sources, FolderSettings(folder=drop, unpublished="announce")),
        }
    )


def _sample_articles() -> FolderSettings:
    """The sample articles, by their relative path if possible, so that a checkout can be moved."""
    folder = shipped_folder("seeds")
    with suppress(ValueError):
        folder = folder.relative_to(Path.cwd())
    return FolderSettings(folder=folder, unpublished="announce")
