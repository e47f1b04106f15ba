"""What `storywire check --online` says about Discord."""

from collections.abc import Iterator
from datetime import timedelta

from bot.announce.delivery import CLOCK_MARGIN
from bot.cli.checks.results import CheckResult, Code, Level
from bot.clock import Clock
from bot.config.settings import Settings, discord_api_url, discord_token
from bot.discordapp.inspection import Application, inspect_discord
from bot.errors import TokenError
from bot.ingest.text import pluralize

# Times in messages, and those of digests, are off by as much.
CLOCK_TOLERANCE = timedelta(seconds=30)


async def check_discord(settings: Settings, clock: Clock) -> list[CheckResult]:
    """Ask Discord about the token and the application; nothing if there is no token."""
    try:
        token = discord_token(settings).get_secret_value()
    except TokenError:
        return []  # the check of the token reports it
    found = await inspect_discord(token, discord_api_url(settings), clock)
    results: list[CheckResult] = []
    match found.application:
        case Application() as application:
            results += judge_application(application)
        case TokenError() as error:
            results.append(CheckResult(Level.PROBLEM, Code.TOKEN_REJECTED, "token", str(error)))
        case error:
            results.append(CheckResult(Level.PROBLEM, Code.DISCORD, "Discord", str(error)))
    if found.ahead is not None:
        results.append(judge_clock(found.ahead))
    return results


def judge_application(application: Application) -> Iterator[CheckResult]:
    """Yield what is to be said about the application. Pure."""
    servers = application.servers
    joined = "" if servers is None else f", in {pluralize(servers, 'server')}"
    yield CheckResult(
        Level.OK,
        Code.DISCORD,
        "Discord",
        f"accepts the token, of {application.name}{joined}",
        facts={"application_id": str(application.id), "servers": servers},
    )
    on = ", ".join(application.privileged)
    unneeded = f"; {on} can be turned off on the page Bot" if on else ""
    yield CheckResult(
        Level.OK,
        Code.INTENTS,
        "intents",
        f"Guilds, which every bot has; no privileged one is needed{unneeded}",
        facts={"privileged": list(application.privileged)},
    )
    yield _judge_invite(application)
    if application.has_endpoint:
        yield CheckResult(
            Level.PROBLEM,
            Code.INTERACTIONS_ENDPOINT,
            "commands",
            "Discord sends them to the Interactions Endpoint URL of the application instead of the"
            " bot; remove it on the page General Information",
        )
    if application.logins_left == 0:
        hours = application.logins_reset / timedelta(hours=1)
        yield CheckResult(
            Level.PROBLEM,
            Code.LOGINS,
            "logins",
            f"the bot has used up its logins for {hours:.1f} more hours; find out why it restarts"
            " so often",
        )


def _judge_invite(application: Application) -> CheckResult:
    facts = {"link": application.invite_link}
    if application.needs_code:
        text = (
            "the link does not work while Requires OAuth2 Code Grant is on; turn it off on the page"
            " Bot"
        )
        return CheckResult(Level.WARNING, Code.INVITE, "invite", text, facts=facts)
    owner = "" if application.is_public else " (only for the owner, as Public Bot is off)"
    text = f"{application.invite_link}{owner}"
    return CheckResult(Level.OK, Code.INVITE, "invite", text, facts=facts)


def judge_clock(ahead: timedelta) -> CheckResult:
    """Whether our clock, which is that much ahead of Discord's, is right. Pure."""
    seconds = round(ahead.total_seconds())
    facts = {"seconds_ahead": seconds}
    if abs(ahead) <= CLOCK_TOLERANCE:
        text = "as that of Discord, within 30 seconds"
        return CheckResult(Level.OK, Code.CLOCK, "clock", text, facts=facts)
    shown = f"{abs(seconds)} s" if abs(seconds) < 600 else f"{abs(seconds) // 60:,} min"  # noqa: PLR2004
    direction = "ahead of" if seconds > 0 else "behind"
    text = f"{shown} {direction} that of Discord; set it, and keep it right with NTP"
    if abs(ahead) < CLOCK_MARGIN:
        return CheckResult(Level.WARNING, Code.CLOCK, "clock", text, facts=facts)
    why = f"{text}: the bot may not find its messages after a lost response"
    return CheckResult(Level.PROBLEM, Code.CLOCK, "clock", why, facts=facts)
