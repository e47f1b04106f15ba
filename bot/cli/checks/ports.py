"""Whether the bot can listen where the settings say."""

from bot.cli.checks.results import CheckResult, Code, Level
from bot.config.settings import Settings
from bot.errors import WebServerError
from bot.web_server import serve
from storage.errors import StorywireError
from storage.open import inspect_store


async def check_ports(settings: Settings) -> list[CheckResult]:
    """Listen for a moment; if a bot uses the database, at other ports, as it has these."""
    results: list[CheckResult] = []
    push, telemetry = settings.push, settings.telemetry
    listening = (
        ("push", push.host, push.port),
        ("telemetry", telemetry.host, telemetry.port),
    )
    is_used = await _is_used(settings)
    for name, host, port in listening:
        if port is None:
            continue
        try:
            async with serve((), host, 0 if is_used else port, section=name):
                pass
        except WebServerError as error:
            results.append(CheckResult(Level.PROBLEM, Code.PORT, name, str(error)))
    return results


async def _is_used(settings: Settings) -> bool:
    try:
        file = await inspect_store(settings.database).inspect_file()
    except StorywireError:
        return False
    return file is not None and bool(file.in_use)
