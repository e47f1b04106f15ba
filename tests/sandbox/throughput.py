"""Measures how many messages per second the sandbox handles: `python -m tests.sandbox.throughput`.

The client is another process with raw keep-alive connections, so that the sandbox is measured and
not a library. Rate limits and validation are off.
"""

import asyncio
import json
import sys
import time

from bot.sandbox import Sandbox, SandboxOptions

CONNECTIONS = 8
MESSAGES = 20_000


async def _client(host: str, port: int, request: bytes, count: int) -> None:
    """Send a request repeatedly over one connection, each after the previous response."""
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()


async def _flood(host: str, port: str, path: str, token: str) -> None:
    """Send all messages from the other process, and print the seconds that it took."""
    embed = {"title": "A story", "description": "What happened. " * 10, "url": "https://a.example"}
    body = json.dumps({"embeds": [embed], "nonce": None}).encode()
    request = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bot {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    started = time.perf_counter()
    share = MESSAGES // CONNECTIONS
    await asyncio.gather(*(_client(host, int(port), request, share) for _ in range(CONNECTIONS)))
    sys.stdout.write(f"{time.perf_counter() - started}\n")


async def measure() -> float:
    """Return the number of messages per second."""
    sandbox = Sandbox(SandboxOptions(rates=None))
    async with sandbox.serve():
        channel = sandbox.world.find_channel("news").id
        host, port = sandbox.url.removeprefix("http://").split(":")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.sandbox.throughput",
            host,
            port,
            f"/api/v10/channels/{channel}/messages",
            sandbox.token,
            stdout=asyncio.subprocess.PIPE,
        )
        seconds, _ = await process.communicate()
        return MESSAGES / float(seconds)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(_flood(*sys.argv[1:]))
    else:
        sys.stdout.write(f"sandbox: {asyncio.run(measure()):.0f} messages/s\n")
