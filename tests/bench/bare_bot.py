"""`python -m tests.bench.bare_bot API_URL TOKEN`: a discord.py bot that does nothing.

Its client has the options of Storywire's, so that the gateway sends both the same. When it is ready
it writes the number of its servers.
"""

import asyncio
import sys

import discord

from bot.discordapp.endpoint import discord_endpoint, use_announced_gateway


async def _run(api_url: str, token: str) -> None:
    client = discord.Client(
        intents=discord.Intents(guilds=True),
        allowed_mentions=discord.AllowedMentions.none(),
        max_messages=None,
    )

    @client.event
    async def on_ready() -> None:
        sys.stdout.write(f"{len(client.guilds)}\n")
        sys.stdout.flush()

    with discord_endpoint(api_url):
        async with client:
            await client.login(token)
            await use_announced_gateway(client)
            await client.connect()


if __name__ == "__main__":
    asyncio.run(_run(*sys.argv[1:]))
