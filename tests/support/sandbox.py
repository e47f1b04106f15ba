"""A sandbox for tests, which must have nothing to complain about in the end."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.sandbox import Sandbox, SandboxOptions


def discord_openapi() -> Path | None:
    """Discord's API description, if the environment names it; see docs/sandbox.md."""
    path = os.environ.get("STORYWIRE_DISCORD_OPENAPI")
    return Path(path) if path else None


def complaints(sandbox: Sandbox) -> list[str]:
    """What was asked or answered that must not be: unknown routes, mistakes, violations."""
    return [
        *(f"unknown: {route}" for route in sandbox.unknown_routes),
        *(f"failed: {failure}" for failure in sandbox.failures),
        *(f"violation: {each.where}: {each.what}" for each in sandbox.violations),
    ]


@asynccontextmanager
async def checked_sandbox(options: SandboxOptions | None = None) -> AsyncIterator[Sandbox]:
    """Serve a sandbox, without rate limits unless the options say so, and check it at the end.

    The bot may take a minute for a response, as the machine may be busy with other tests.
    """
    chosen = options or SandboxOptions(rates=None)
    sandbox = Sandbox(
        replace(chosen, openapi=discord_openapi(), response_time=timedelta(minutes=1))
    )
    async with sandbox.serve():
        yield sandbox
    if found := complaints(sandbox):
        raise AssertionError("\n".join(found))
