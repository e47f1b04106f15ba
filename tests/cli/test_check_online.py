"""`storywire check --online`: what it says about Discord, the clock, and sources in the network."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cli.checks.discord import judge_application, judge_clock
from bot.cli.checks.results import Level
from bot.clock import SystemClock
from bot.discordapp.inspection import Application, inspect_discord
from bot.errors import DiscordError
from bot.sandbox import Sandbox
from tests.cli.support import Terminal, settings
from tests.support.articles import make_news_markdown
from tests.support.clock import OffsetClock
from tests.support.web import serve_web

APPLICATION = Application(
    id=1196184075342483046,
    name="Storywire",
    servers=3,
    privileged=(),
    is_public=True,
    needs_code=False,
    has_endpoint=False,
    logins_left=1000,
    logins_reset=timedelta(hours=24),
)


@pytest.fixture
def desk(terminal: Terminal) -> Terminal:
    """A terminal with an article in a folder."""
    terminal.write("storywire.yaml", settings(["articles"]))
    terminal.write("articles/one.md", make_news_markdown("one"))
    return terminal


async def test_discord_accepts_the_token(desk: Terminal, sandbox: Sandbox) -> None:
    """The name and servers of the application are shown, and the link that adds it to a server."""
    variables = {"DISCORD_TOKEN": sandbox.token, "DISCORD_API_URL": sandbox.api_url}
    result = await asyncio.to_thread(lambda: desk.run("check", "--online", **variables))
    assert (0, "") == (result.status, result.err)
    lines = [line for line in result.out.splitlines() if not line.startswith(" ")]
    assert lines[1:6] == [
        "ok      token: set",
        "ok      Discord: accepts the token, of Storywire, in 1 server",
        "ok      intents: Guilds, which every bot has; no privileged one is needed",
        f"ok      invite: https://discord.com/oauth2/authorize?client_id={sandbox.world.bot.id}"
        "&scope=bot+applications.commands&permissions=309237730304",
        "ok      clock: as that of Discord, within 30 seconds",
    ]
    assert sandbox.token not in result.out


async def test_discord_rejects_the_token(desk: Terminal, sandbox: Sandbox) -> None:
    variables = {"DISCORD_TOKEN": "made-up", "DISCORD_API_URL": sandbox.api_url}
    result = await asyncio.to_thread(lambda: desk.run("check", "--online", "--json", **variables))
    assert result.complaint == "1 problem to fix before `storywire run`"
    found = {each["code"]: each for each in json.loads(result.out)["results"]}
    assert found["token_rejected"]["text"].startswith("Discord rejected the token; copy a new one")
    assert found["clock"]["level"] == "ok"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9/api/v10", "Discord can't be reached (Cannot connect"),
        ("http://discord.example/api", "would send the token unencrypted"),
    ],
)
async def test_discord_can_not_be_reached(address: str, words: str) -> None:
    found = await inspect_discord("made-up", address, SystemClock())
    assert isinstance(found.application, DiscordError)
    assert words in str(found.application)
    assert found.ahead is None


async def test_an_outage_of_discord_is_reported(sandbox: Sandbox) -> None:
    async with sandbox.faults.outage():
        found = await inspect_discord(sandbox.token, sandbox.api_url, SystemClock())
    assert str(found.application).startswith("Discord gave no usable answer (503")


async def test_a_wrong_clock_is_noticed(sandbox: Sandbox) -> None:
    """By the time in Discord's answer."""
    clock = OffsetClock(timedelta(minutes=-20))
    found = await inspect_discord(sandbox.token, sandbox.api_url, clock)
    assert found.ahead is not None
    result = judge_clock(found.ahead)
    assert result.level is Level.PROBLEM
    assert result.text.startswith("20 min behind that of Discord; set it, and keep it right")


@pytest.mark.parametrize(
    ("seconds", "level"), [(-29, Level.OK), (40, Level.WARNING), (-700, Level.PROBLEM)]
)
def test_clocks_may_differ_a_little(seconds: int, level: Level) -> None:
    assert judge_clock(timedelta(seconds=seconds)).level is level


@pytest.mark.parametrize(
    ("application", "level", "words"),
    [
        (replace(APPLICATION, needs_code=True), Level.WARNING, "OAuth2 Code Grant"),
        (replace(APPLICATION, has_endpoint=True), Level.PROBLEM, "Interactions Endpoint URL"),
        (replace(APPLICATION, logins_left=0), Level.PROBLEM, "logins for 24.0 more hours"),
        (replace(APPLICATION, is_public=False), Level.OK, "only for the owner"),
        (replace(APPLICATION, privileged=("Presence",)), Level.OK, "Presence can be turned off"),
    ],
)
def test_mistakes_in_the_portal_are_found(
    application: Application, level: Level, words: str
) -> None:
    """The developer portal allows what keeps a bot from working."""
    (result,) = [each for each in judge_application(application) if words in each.text]
    assert result.level is level


async def test_sources_are_requested_only_when_asked(terminal: Terminal) -> None:
    async with serve_web() as server:
        server.at("/feed", status=404)
        source = f"{{feed: '{server.url('/feed')}', allow_private: true}}"
        terminal.write("storywire.yaml", f"sources:\n  - {source}\n")
        variables = {"DISCORD_TOKEN": "made-up", "DISCORD_API_URL": "http://127.0.0.1:9/api"}
        offline = await asyncio.to_thread(lambda: terminal.run("check", **variables))
        requested = list(server.requests)
        online = await asyncio.to_thread(lambda: terminal.run("check", "--online", **variables))
    assert requested == []
    assert "not requested; `storywire check --online` does that; not read yet" in offline.out
    assert online.complaint == "2 problems to fix before `storywire run`"
    assert f"PROBLEM feed:{server.url('/feed')}: " in online.out
