"""`storywire sandbox`: the same bot on a local Discord with a web page; needs no account."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import click

from bot.app import Progress, run_bot, stop_on_signals
from bot.cli.running import config_option, run_to_end, set_up_logging, settings_or_fail
from bot.clock import Clock, SystemClock
from bot.config import DiscordSettings, FolderSettings, Settings
from bot.errors import SandboxError
from bot.samples.dropping import StoryDropper
from bot.sandbox import PageAction, Sandbox, SandboxOptions

SEEDS = Path(__file__).parents[2] / "seeds"


@click.command()
@config_option
@click.option(
    "--port", default=8765, show_default=True, help="The page's port; 0 takes a free one."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/sandbox"),
    show_default=True,
    help="The folder that keeps the sandbox's Discord, the bot's database and dropped stories.",
)
def sandbox(config: Path | None, port: int, data: Path) -> None:
    """Run the bot on a built-in stand-in for Discord and print its page's address."""
    settings = _sandboxed(settings_or_fail(config), data)
    set_up_logging()
    run_to_end(lambda: _run(settings, data, port, SystemClock()))


async def _run(settings: Settings, data: Path, port: int, clock: Clock) -> None:
    dropper = StoryDropper(data / "drop", clock.now)
    stop, progress = asyncio.Event(), Progress()
    options = SandboxOptions(
        state=data / "discord",
        actions=(
            PageAction(
                name="drop",
                label="Drop a story",
                description="Put a new sample article into a folder that the bot reads",
                run=dropper.drop,
            ),
        ),
    )
    local_discord = Sandbox(options)
    with stop_on_signals(stop):
        try:
            async with local_discord.serve(port=port):
                discord = DiscordSettings(api_url=local_discord.api_url)
                bound = settings.model_copy(update={"discord": discord})
                async with asyncio.TaskGroup() as group:
                    ready = group.create_task(_tell_when_ready(progress, local_discord.url))
                    await run_bot(bound, local_discord.token, clock, stop, progress)
                    ready.cancel()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise SandboxError(
                f"port {port} is in use; choose another one: storywire sandbox --port {port + 1}"
                f" (or make run ARGS='--port {port + 1}')"
            ) from error


async def _tell_when_ready(progress: Progress, url: str) -> None:
    await progress.loaded.wait()
    await progress.connected.wait()
    click.echo(f"The bot is ready, open {url} (Ctrl+C stops it)")


def _sandboxed(settings: Settings, data: Path) -> Settings:
    """The settings with everything that matters kept apart from a real bot's."""
    drop = data / "drop"
    drop.mkdir(parents=True, exist_ok=True)
    sources = settings.sources or (FolderSettings(folder=SEEDS, unpublished="announce"),)
    return settings.model_copy(
        update={
            "database": data / "storywire.db",
            "sources": (*sources, FolderSettings(folder=drop, unpublished="announce")),
        }
    )
