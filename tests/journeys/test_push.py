"""The whole way of a pushed article: request, database, outbox, channel."""

import asyncio
import json
import re
import socket
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.config.sources import PushSettings
from bot.errors import WebServerError
from tests.push.support import make_pushed
from tests.support.desk import Desk

TOKEN = "c4nary-of-a-journey"
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def settings(desk: Desk, tmp_path: Path) -> Settings:
    """The settings of a bot that takes articles on a free port, and reads no other source."""
    file = tmp_path / "push-token"
    file.write_text(TOKEN, encoding="utf-8")
    push = PushSettings(port=0, token_file=file)
    return desk.settings().model_copy(update={"push": push, "sources": ()})


def _address(caplog: pytest.LogCaptureFixture) -> str:
    """Where the bot says that articles are sent to."""
    found = re.findall(r"Source push: articles can be sent to (\S+)", caplog.text)
    return str(found[-1])


async def _curl(example: str, address: str, folder: Path) -> dict[str, object]:
    """Run an example of the documentation against the bot."""
    command = example.replace("http://127.0.0.1:8787/articles", address)
    process = await asyncio.create_subprocess_shell(
        command, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    answer: dict[str, object] = json.loads(out)
    return answer


async def test_a_pushed_article_is_posted_edited_and_withdrawn(
    desk: Desk, settings: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The examples of docs/push.md are those that a program would run."""
    page = (DOCS / "push.md").read_text(encoding="utf-8")
    post, withdraw = re.findall(r"^```sh\n(curl .*?)^```$", page, re.MULTILINE | re.DOTALL)
    caplog.set_level("INFO")
    now = SystemClock().now().isoformat(timespec="seconds")
    post = re.sub(r'("publishedDateTime": )"[^"]+"', rf'\1"{now}"', post)
    async with desk.bot(settings):
        await desk.subscribe()
        answers = [await _curl(post, _address(caplog), tmp_path) for _ in range(2)]
        assert await desk.wait_for_stories(1) == ["Student satellite unfolds its sail"]
        await _curl(post.replace("unfolds its", "has a"), _address(caplog), tmp_path)
        await desk.sandbox.wait_until(lambda: desk.titles() == ["Student satellite has a sail"])
        answers.append(await _curl(withdraw, _address(caplog), tmp_path))
        await desk.sandbox.wait_until(lambda: "~~" in str(desk.posts()[0].embeds))
    shown = re.findall(r"^```json\n(\{.*\})$", page, re.MULTILINE)
    results = [answer["articles"][0]["result"] for answer in answers]  # type: ignore[index]  # JSON
    assert results == ["new", "unchanged", "withdrawn"]
    assert answers[0] == json.loads(shown[0])


async def test_a_restarted_bot_keeps_what_was_pushed(
    desk: Desk, settings: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Its stories are not withdrawn as those of a removed source, and not posted again."""
    caplog.set_level("INFO")
    now = SystemClock().now().isoformat(timespec="seconds")
    (tmp_path / "one").write_text(json.dumps(make_pushed("one", publishedDateTime=now)))
    (tmp_path / "two").write_text(json.dumps(make_pushed("two", publishedDateTime=now)))
    curl = f"curl -s -H 'Authorization: Bearer {TOKEN}' --json @"
    url = "http://127.0.0.1:8787/articles"
    async with desk.bot(settings):
        await desk.subscribe()
        await _curl(f"{curl}one {url}", _address(caplog), tmp_path)
        await desk.wait_for_stories(1)
    async with desk.bot(settings):
        await _curl(f"{curl}two {url}", _address(caplog), tmp_path)
        assert await desk.wait_for_stories(2) == ["Story one", "Story two"]
    assert "~~" not in str(desk.posts()[0].embeds)


async def test_a_used_port_ends_the_start(desk: Desk, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        push = settings.push.model_copy(update={"port": other.getsockname()[1]})
        with pytest.raises(ExceptionGroup) as refused:
            async with desk.bot(settings.model_copy(update={"push": push})):
                pass
    assert refused.group_contains(WebServerError, match=r"push\.port: port \d+ of .* is in use")
