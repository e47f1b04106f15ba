"""`storywire schema`: prints a JSON Schema of the settings, for editors."""

import json

import click

from bot.config.schema import settings_schema


@click.command()
def schema() -> None:
    """Print a JSON Schema of the settings, for editors."""
    click.echo(json.dumps(settings_schema(), indent=2, ensure_ascii=False))
