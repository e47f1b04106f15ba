"""The commands of `storywire`, a module each."""

from __future__ import annotations

import click

from bot.cli.check import check
from bot.cli.load import load
from bot.cli.run import run
from bot.cli.sandbox import sandbox


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="storywire")
def main() -> None:
    """A self-hosted Discord news desk: curated articles in, each story told once."""


for _command in (run, sandbox, load, check):
    main.add_command(_command)
