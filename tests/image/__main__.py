"""`python -m tests.image`: build the image, and run the bot in it against the sandbox.

Prints "built" and what was seen, or "skipped" and why. The exit status is 1 if something is not as
docs/running-with-docker.md says.
"""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bot.clock import SystemClock
from bot.sandbox import Sandbox
from tests.image.build import Builder, BuildError, missing_requirement
from tests.image.container import Container, ContainerProcess
from tests.support.articles import make_news_markdown
from tests.support.desk import button_id
from tests.support.sandbox import checked_sandbox

_UID = 10001
_SECONDS = 60


class UnexpectedError(Exception):
    """Something that the image must do did not happen."""


def main() -> int:
    """Build and run; returns the exit status."""
    if why := missing_requirement():
        _print(f"skipped: {why}")
        return 0
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        folder = Path(name)
        builder = Builder(folder)
        try:
            builder.make_base_image()
            builder.build()
            sizes = ", ".join(f"{size / 1e6:.1f}" for size in builder.layer_sizes())
            _print(f"built; our layers in MB, uncompressed: {sizes}")
            folder.chmod(0o755)
            with builder.mounted() as root:
                (root / "articles").mkdir()
                asyncio.run(_exercise(builder, root, folder))
        except (BuildError, UnexpectedError, TimeoutError) as error:
            _print(f"failed: {_text(error)}")
            return 1
        finally:
            builder.remove()
    return 0


async def _exercise(builder: Builder, root: Path, folder: Path) -> None:
    """Load, check and run in the image; a story arrives, and SIGTERM ends the bot."""
    configuration = builder.configuration()
    _expect("unprivileged user", configuration.user, f"{_UID}:{_UID}")
    articles, var = folder / "articles", folder / "var"
    articles.mkdir()
    var.mkdir()
    os.chown(var, _UID, _UID)
    _write_article(articles, "one")
    async with checked_sandbox() as sandbox:
        container = Container(
            root,
            configuration,
            var,
            articles,
            {
                "DISCORD_TOKEN": sandbox.token,
                "DISCORD_API_URL": sandbox.api_url,
                "STORYWIRE_SOURCES": '[{"folder": "/articles"}]',
            },
        )
        status, output = await container.run("sh", "-c", "id -u; touch /app/file")
        _expect("user and root file system", (status, output.split("\n")[0]), (1, str(_UID)))
        status, output = await container.run(*configuration.entrypoint, "load")
        _expect(f"load: {output}", status, 0)
        process = await container.start(*configuration.command)
        try:
            await _post_a_story(sandbox, articles)
            status, output = await container.run(*configuration.health_check)
            _expect(f"health check: {output}", status, 0)
            _expect("user of the bot", process.user_id(), _UID)
            await _drain(process, signal.Signals[configuration.stop_signal])
        except (UnexpectedError, TimeoutError) as error:
            raise UnexpectedError(f"{_text(error)}; the bot printed:\n{process.output}") from error
        finally:
            if process.is_running:
                process.signal(signal.SIGKILL)
        status, _ = await container.run(*configuration.health_check)
        _expect("health check of a stopped bot", status, 1)
        status, output = await container.run(*configuration.entrypoint, "check")
        _expect(f"check: {output}", status, 0)
    _print(
        "load, run, the health check, check and SIGTERM work as user 10001 with a read-only root"
    )


async def _post_a_story(sandbox: Sandbox, articles: Path) -> None:
    """Subscribe #news, add an article, and wait until it is posted."""
    async with asyncio.timeout(_SECONDS):
        await sandbox.bot_ready()
        await sandbox.wait_until(lambda: sandbox.world.commands)
        channel = sandbox.world.find_channel("news")
        person = sandbox.person("Ada")
        editor = await (await person.command(channel.id, "subscriptions add", {})).answered()
        if editor is None:
            raise UnexpectedError("/subscriptions add has no answer")
        await (await person.press(editor.id, button_id(editor, "Save"))).settled()
        _write_article(articles, "two")

        def titles() -> set[str]:
            messages = sandbox.world.log(channel.id).all()
            return {embed["title"] for message in messages for embed in message.embeds}

        await sandbox.wait_until(lambda: {"Story one", "Story two"} <= titles())


async def _drain(process: ContainerProcess, stop_signal: signal.Signals) -> None:
    """The bot ends with status 0 on the signal with which an engine stops it."""
    process.signal(stop_signal)
    _expect("exit status after the stop signal", await process.wait(20), 0)


def _write_article(folder: Path, name: str) -> None:
    published = SystemClock().now().isoformat(timespec="seconds")
    text = make_news_markdown(name, quality=90, topic="AI", published=published)
    (folder / f"{name}.md").write_text(text, encoding="utf-8")


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise UnexpectedError(f"{what}: {found!r} instead of {wanted!r}")


def _text(error: Exception) -> str:
    return "a time-out" if isinstance(error, TimeoutError) else str(error)


def _print(line: str) -> None:
    Console().print(f"image: {line}", highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
