"""`make docs`: build the documentation as a site that needs no network."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.cli import main
from bot.config.schema import settings_schema
from bot.sandbox import Sandbox, SandboxOptions
from bot.telemetry.metrics import Metrics
from tests.site.offline import external_requests
from tests.site.reference import commands_page, discord_page, metrics_page, settings_page
from tests.support.desk import Desk

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "site" / "reference"
SITE = ROOT / "build" / "site"


async def registered_commands() -> Sequence[dict[str, Any]]:
    """The commands that a bot registers, as Discord has them."""
    sandbox = Sandbox(SandboxOptions())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        async with sandbox.serve(), Desk(sandbox, folder, Path(name) / "storywire.db").bot():
            return list(sandbox.world.commands)


def build() -> bool:
    """Write the reference and build the site; return whether it is complete, and alone."""
    console = Console()
    REFERENCE.mkdir(exist_ok=True)
    pages = {
        "settings": settings_page(settings_schema()),
        "metrics": metrics_page(Metrics().registry),
        "commands": commands_page(main),
        "discord-commands": discord_page(asyncio.run(registered_commands())),
    }
    for name, text in pages.items():
        (REFERENCE / f"{name}.md").write_text(text, encoding="utf-8")
    options = ["--fail-on-warning", "--keep-going", "--quiet", "--fresh-env"]
    built = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "sphinx", *options, "-c", "site", ".", str(SITE)],
        cwd=ROOT,
        check=False,
    )
    elsewhere = list(external_requests(SITE)) if built.returncode == 0 else []
    for page, address in elsewhere:
        console.print(f"{page} requests {address}")
    if built.returncode or elsewhere:
        return False
    console.print(f"the documentation is at {SITE.relative_to(ROOT)}/index.html")
    return True


if __name__ == "__main__":
    sys.exit(0 if build() else 1)
