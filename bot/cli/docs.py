"""`storywire docs`: shows the documentation of this version, without a checkout or a network."""

from collections.abc import Mapping
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from bot.cli.common import shipped_folder


def _complete(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    return [CompletionItem(page) for page in _pages() if page.startswith(start)]


@click.command()
@click.argument("page", required=False, shell_complete=_complete)
def docs(page: str | None) -> None:
    """Show a page of the documentation, or list all pages."""
    pages = _pages()
    if page is None:
        width = max(map(len, pages))
        for name, file in pages.items():
            title = file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
            click.echo(f"{name:{width}}  {title}")
    elif page in pages:
        click.echo_via_pager(pages[page].read_text(encoding="utf-8"))
    else:
        raise click.BadParameter(f"there is no page {page}; `storywire docs` lists all pages")


def _pages() -> Mapping[str, Path]:
    """The pages by name."""
    folder = shipped_folder("docs")
    files = sorted(folder.rglob("*.md"), key=lambda file: (len(file.parts), file))
    return {file.relative_to(folder).with_suffix("").as_posix(): file for file in files}
