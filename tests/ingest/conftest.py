"""What every test of reading needs."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to be read."""
    folder = tmp_path / "news"
    folder.mkdir()
    return folder
