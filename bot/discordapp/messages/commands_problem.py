"""Why Discord has not registered the bot's commands, for admins and operators."""

from bot.discordapp.commands_problem import CommandsProblem, Obstacle
from bot.discordapp.markdown import relative_time

_OBSTACLES = {
    Obstacle.REJECTED: "Discord rejected them",
    Obstacle.DAILY_LIMIT: "Discord's limit of new commands per day is used up",
    Obstacle.RATE_LIMITED: "rate limited by Discord",
    Obstacle.REFUSED: "Discord denied access",
    Obstacle.SERVER_ERROR: "Discord had a server error",
    Obstacle.UNREACHABLE: "can't connect to Discord",
    Obstacle.UNCONFIRMED: "Discord's answer doesn't contain them",
}


def describe_obstacle(problem: CommandsProblem) -> str:
    """Why the commands are not registered, as plain text: a phrase that follows a colon."""
    detail = f" ({problem.detail})" if problem.detail else ""
    return _OBSTACLES[problem.obstacle] + detail


def describe_for_operator(problem: CommandsProblem) -> str:
    """The result of `storywire check` about the commands, as plain text."""
    return (
        f"not registered with Discord since {problem.since:%b %d %H:%M} UTC:"
        f" {describe_obstacle(problem)}; posting goes on and earlier commands keep working; the bot"
        f" tries again at {problem.retry_at:%b %d %H:%M} UTC"
    )


def describe_for_admins(problem: CommandsProblem) -> str:
    """A part of `/subscriptions status`, with markdown."""
    return (
        f"⚠ Discord hasn't accepted my current commands ({_OBSTACLES[problem.obstacle]}). Stories"
        " are posted as usual; new or changed commands may be missing. I'll try again"
        f" {relative_time(problem.retry_at)}."
    )
