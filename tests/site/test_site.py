"""The reference has everything that the code has, and the site requests nothing from elsewhere."""

from pathlib import Path

import click

from bot.cli import COMMANDS, main
from bot.config.schema import settings_schema
from bot.telemetry.metrics import Metrics
from tests.site.offline import external_requests
from tests.site.reference import commands_page, discord_page, metrics_page, settings_page
from tests.test_docs import documented_settings


def test_the_reference_has_every_setting() -> None:
    """Those of docs/settings.md, with their defaults and descriptions."""
    page = settings_page(settings_schema())
    keys = {key.removeprefix("sources[].") for key in documented_settings()}
    missing = {key for key in keys if f"| `{key}` |" not in page}
    # The provider of a source is a section of its own.
    assert missing == {"provider", "push.provider"}
    assert "| `provider.name` |" in page
    assert '| `announce.max_age` | `"7d"` | A story that is older than this is not' in page


def test_the_reference_has_every_metric() -> None:
    """Counters have the names under which they are scraped."""
    page = metrics_page(Metrics().registry)
    assert "| `storywire_posts_total` | counter |" in page
    assert "| `storywire_ready` | gauge | 1 if /readyz answers 200, else 0. |" in page


def test_the_reference_has_every_command() -> None:
    page = commands_page(main)
    assert all(f"\n## storywire {name}\n" in page for name in COMMANDS)
    assert "\n## storywire posts show\n" in page
    assert "| `--config FILE` |" in page


def test_commands_of_discord_are_listed_with_their_groups() -> None:
    topic = {"name": "topic", "description": "The topic", "type": 3, "required": True}
    group = {"name": "latest", "description": "The latest", "type": 1, "options": [topic]}
    choice = {"name": "order", "description": "a|b", "type": 3, "choices": [{"name": "best"}]}
    page = discord_page(
        [
            {"name": "news", "description": "News", "options": [group]},
            {"name": "about", "description": "About", "options": [choice]},
        ]
    )
    assert page.index("## /about") < page.index("## /news latest")
    assert "| `topic` (required) | text | The topic |" in page
    assert "| `order` | best | a\\|b |" in page
    assert "## /news\n" not in page


def test_the_usage_is_that_of_click() -> None:
    @click.group()
    def group() -> None:
        """Does things."""

    @group.command(hidden=True)
    def secret() -> None: ...

    page = commands_page(group)
    assert "storywire [OPTIONS] COMMAND [ARGS]..." in page
    assert "secret" not in page


def test_requests_of_a_page_are_found(tmp_path: Path) -> None:
    """A link is followed only when asked."""
    (tmp_path / "page.html").write_text(
        '<a href="https://a.example/"><script src="https://b.example/x.js"></script>'
        '<link rel="stylesheet" href="//c.example/x.css"><link rel="canonical" href="https://d.example/">'
        '<img src="x.png"><img src="data:image/svg+xml,http://www.w3.org/">',
        encoding="utf-8",
    )
    (tmp_path / "style.css").write_text(
        "a { background: url('https://e.example/x') } b { background: url(x.png) }",
        encoding="utf-8",
    )
    assert [address for _, address in external_requests(tmp_path)] == [
        "https://b.example/x.js",
        "//c.example/x.css",
        "https://e.example/x",
    ]
