"""The commands of `storywire`, one module each."""

from importlib import import_module
from keyword import iskeyword

import click

from bot.cli.logs import print_warnings

COMMANDS = {
    "init": "Write storywire.yaml with all settings in comments, and check it.",
    "run": "Run the bot on Discord.",
    "sandbox": "Run the bot on a local stand-in for Discord; needs no account.",
    "load": "Read all sources now and report rejected documents.",
    "sources": "Show the state of the sources and their rejected documents.",
    "check": "Check settings, sources and database.",
    "posts": "List posts; show, retry, skip or resolve one.",
    "pause": "Post nothing until `storywire resume`, also while the bot runs.",
    "resume": "Post again what waits since `storywire pause`.",
    "backup": "Write a backup of the database, also while the bot runs.",
    "restore": "Put a backup in the place of the database.",
    "schema": "Print a JSON Schema of the settings, for editors.",
    "docs": "Show a page of the documentation, or list all pages.",
    "import": "Add feeds and subscriptions, or make a database of an archive.",
    "export": "Write the feeds for other programs, or the database as text.",
}


class _LazyGroup(click.Group):
    """Imports a command's module only when it is used: discord.py alone takes half a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"bot.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="storywire")
def main() -> None:
    """A self-hosted Discord news desk: posts your curated articles, each story once."""
    print_warnings()
