"""`storywire pause` and `resume`."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from storage.open import open_store
from tests.cli.support import settings


async def create_database() -> None:
    """Create the database of the settings."""
    async with open_store(Path("var/storywire.db")):
        pass


def test_posting_is_paused_until_it_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` says so meanwhile."""
    monkeypatch.chdir(tmp_path)
    Path("storywire.yaml").write_text(settings(["."]), encoding="utf-8")

    def storywire(command: str) -> str:
        return CliRunner().invoke(main, [command]).output

    assert "does not exist yet" in storywire("pause")
    asyncio.run(create_database())
    assert storywire("resume") == "posting is not paused\n"
    assert storywire("pause") == "posting is paused; stories wait until `storywire resume`\n"
    assert storywire("pause").startswith("posting is already paused, since ")
    assert "posting: paused since " in storywire("check")
    assert storywire("resume").startswith("posting goes on; it was paused since ")
    assert "paused" not in storywire("check")
