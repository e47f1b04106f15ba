from pathlib import Path

import pytest

from storage.errors import StoreUnusableError
from storage.open import inspect_store, open_store


@pytest.mark.parametrize("form", ["{path}", "sqlite:///{path}", "sqlite:///a%20b.db", "a b.db"])
async def test_a_path_and_a_url_open_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """An absolute path gives a URL with four slashes; a relative one counts from here."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a b.db"
    async with open_store(path) as store:
        await store.set_value("name", "value")
    url = form.format(path=path)
    assert await inspect_store(url).exists()
    async with open_store(url) as store:
        assert await store.get_value("name") == "value"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/storywire.db",
        "sqlite:///storywire.db?mode=ro",
        "postgresql://storywire:secret@host/storywire",
        "https://news.example/storywire.db",
    ],
)
async def test_any_other_address_is_refused(url: str) -> None:
    """The error names the supported addresses, on one line and without a password."""
    with pytest.raises(StoreUnusableError, match=r"sqlite:///var/storywire\.db") as opening:
        async with open_store(url):
            pass
    with pytest.raises(StoreUnusableError):
        inspect_store(url)
    assert "secret" not in str(opening.value)
    assert "\n" not in str(opening.value)
