"""`sandbox` and `run` as processes: ready, left alone, stopped, started again."""

import asyncio
from typing import Any, TypeAlias

import aiohttp

from bot.sandbox import Sandbox, SandboxOptions
from tests.cli.support import Running, Terminal, port_of, settings
from tests.cli.test_load import counts
from tests.support.articles import make_news_markdown
from tests.support.sandbox import complaints, discord_openapi

Json: TypeAlias = Any
DATABASE = "var/sandbox/storywire.db"


async def test_the_sandbox_keeps_its_state_over_a_restart(terminal: Terminal) -> None:
    """SIGTERM ends it with status 0."""
    async with terminal.start("sandbox", "--port", "0") as program:
        page = Page(await program.ready())
        await page.subscribe()
        before = await page.messages(at_least=3)
        await page.drop_story()
        before = await page.messages(at_least=len(before) + 1)
        ended = await program.terminate()
    assert (0, "") == (ended.status, ended.out), ended.err
    assert [] == [line for line in ended.err.splitlines() if " INFO " not in line]
    async with terminal.start("sandbox", "--port", "0") as program:
        page = Page(await program.ready())
        assert before == await page.messages(at_least=len(before))
        await page.drop_story()
        assert before == (await page.messages(at_least=len(before) + 1))[: len(before)]


async def test_other_commands_do_not_disturb_a_running_bot(terminal: Terminal) -> None:
    """Its port and its outbox are taken; `load` and `check` work while it runs."""
    terminal.write("storywire.yaml", settings(["articles"], f"database: {DATABASE}"))
    terminal.write("articles/one.md", make_news_markdown("one"))
    async with terminal.start("sandbox", "--port", "0") as program:
        port = str(port_of(await program.ready()))
        busy, second, load, check = await asyncio.gather(
            asyncio.to_thread(terminal.run, "sandbox", "--port", port, "--data", "other"),
            asyncio.to_thread(
                terminal.run, "run", DISCORD_TOKEN="made-up", DISCORD_API_URL="http://127.0.0.1:9"
            ),
            asyncio.to_thread(terminal.run, "load"),
            asyncio.to_thread(terminal.run, "check", DISCORD_TOKEN="made-up"),
        )
    assert f"port {port} is in use" in busy.complaint
    assert (
        f"another Storywire is using this database ({DATABASE}.lock is locked)" in second.complaint
    )
    assert (0, counts(unchanged=1)) == (load.status, load.out)
    assert (0, "") == (check.status, check.err)
    assert f"ok      database: {DATABASE} contains 1 story" in check.out
    assert "; a bot is using it" in check.out


async def test_run_waits_for_discord(terminal: Terminal) -> None:
    """It logs the error, tries again, and connects when Discord is back."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    discord = Sandbox(SandboxOptions(rates=None, openapi=discord_openapi()))
    async with discord.serve():
        port, token = port_of(discord.url), discord.token
    api = f"http://127.0.0.1:{port}/api/v10"
    async with terminal.start("run", DISCORD_TOKEN=token, DISCORD_API_URL=api) as program:
        await said(program, "retrying, first in 1 s")
        async with discord.serve(port=port):
            await said(program, "connected as")
            ended = await program.terminate()
    assert ended.status == 0
    assert "Traceback" not in ended.err
    assert token not in ended.err
    assert complaints(discord) == []


async def said(program: Running, words: str) -> None:
    """Wait until a process has printed something; fails if it ends."""
    async with asyncio.timeout(60):
        while words not in program.err:
            assert program.process.returncode is None, program.err
            await asyncio.sleep(0.05)


# As the page sends an option: https://docs.discord.com/developers/interactions/receiving-and-responding
CATCH_UP = {"name": "catch_up", "type": 4, "value": 3}


class Page:
    """The sandbox's page as Ada uses it, in #news."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def subscribe(self) -> None:
        """Run `/subscriptions add` with an option, so that it is saved at once."""
        state = await self._get("/sandbox/state", {})
        command = next(each for each in state["commands"] if each["name"] == "subscriptions")
        await self._post(
            "/sandbox/interactions",
            {
                "kind": "command",
                "channel_id": self._channel(state),
                "command": command["id"],
                "options": [{"name": "add", "type": 1, "options": [CATCH_UP]}],
            },
        )

    async def drop_story(self) -> None:
        """Press "drop a story"."""
        await self._post("/sandbox/actions/drop", {})

    async def messages(self, *, at_least: int) -> list[tuple[str, str]]:
        """Wait for that many stories, and return their ids and titles, oldest first."""
        channel = self._channel(await self._get("/sandbox/state", {}))
        async with asyncio.timeout(60):
            while True:
                found = await self._get(f"/sandbox/channels/{channel}/messages", {"limit": "100"})
                stories = [
                    (each["id"], each["embeds"][0]["title"]) for each in found if each["embeds"]
                ]
                if len(stories) >= at_least:
                    return sorted(stories, key=lambda story: int(story[0]))
                await asyncio.sleep(0.05)

    def _channel(self, state: Json) -> str:
        guild, *_ = state["guilds"]
        return next(str(each["id"]) for each in guild["channels"] if each["name"] == "news")

    async def _ada(self) -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._url}/sandbox/state") as answer,
        ):
            people = (await answer.json())["people"]
        return next(str(each["id"]) for each in people if each["global_name"] == "Ada")

    async def _get(self, path: str, query: dict[str, str]) -> Json:
        who = {"as": await self._ada()}
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.get(self._url + path, params=query | who) as answer,
        ):
            return await answer.json()

    async def _post(self, path: str, body: dict[str, Json]) -> None:
        who = {"as": await self._ada()}
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.post(self._url + path, json=body | who),
        ):
            pass
