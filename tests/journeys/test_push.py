"""The whole way of a pushed article: request, database, outbox, channel."""

import asyncio
import json
import re
import shutil
import socket
from pathlib import Path

import aiohttp
import pytest

from bot.app import Reloading
from bot.clock import SystemClock
from bot.config.settings import Settings
from bot.config.sources import PushSettings, TopicRuleSettings, TopicsSettings
from bot.errors import WebServerError
from tests.journeys.test_reloading import SettingsFile, logged
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


async def _push(name: str, address: str) -> None:
    """Push an article of this moment, without topics."""
    now = SystemClock().now().isoformat(timespec="seconds")
    article = make_pushed(name, publishedDateTime=now, topics=[])
    authorization = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession(headers=authorization) as http,
        http.post(address, json=article) as response,
    ):
        assert response.status == 200


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
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
    desk: Desk, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Its stories are not withdrawn as those of a removed source, and not posted again."""
    caplog.set_level("INFO")
    async with desk.bot(settings):
        await desk.subscribe()
        await _push("one", _address(caplog))
        await desk.wait_for_stories(1)
    async with desk.bot(settings):
        await _push("two", _address(caplog))
        assert await desk.wait_for_stories(2) == ["Story one", "Story two"]
    assert "~~" not in str(desk.posts()[0].embeds)


async def test_new_rules_give_topics_to_pushed_articles(
    desk: Desk, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Rules are read again without a restart."""
    caplog.set_level("INFO")
    file = SettingsFile(settings)
    reloading = Reloading(file.read)
    async with desk.bot(settings, reloading=reloading):
        await desk.subscribe()
        rules = (TopicRuleSettings(name="Boats", keywords=("one",)),)
        file.content = settings.model_copy(update={"topics": TopicsSettings(rules=rules)})
        reloading.wanted.set()
        await logged(caplog, "read the settings again")
        await _push("one", _address(caplog))
        await desk.wait_for_stories(1)
    assert "Boats" in str(desk.posts()[0].embeds)


async def test_a_used_port_ends_the_start(desk: Desk, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        push = settings.push.model_copy(update={"port": other.getsockname()[1]})
        with pytest.raises(ExceptionGroup) as refused:
            async with desk.bot(settings.model_copy(update={"push": push})):
                pass
    assert refused.group_contains(WebServerError, match=r"push\.port: port \d+ of .* is in use")
