"""`python -m tests.compare_sites`: compare what is read with what the real generators build.

A generator whose program can't be installed here is skipped and reported. The exit status is 1 if
fewer pages are equal than a generator's goal.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.compare_sites import astro, docusaurus, eleventy, hexo, hugo, jekyll, mkdocs, pelican
from tests.compare_sites.comparison import Program, UnavailableError, compare

PROGRAMS: tuple[Program, ...] = (
    *astro.PROGRAMS,
    *docusaurus.PROGRAMS,
    *eleventy.PROGRAMS,
    *hexo.PROGRAMS,
    *hugo.PROGRAMS,
    *jekyll.PROGRAMS,
    *mkdocs.PROGRAMS,
    *pelican.PROGRAMS,
)
DIFFERENCES_SHOWN = 20


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.compare_sites", description=__doc__)
    parser.add_argument("generators", nargs="*", help="only these: hugo, jekyll, …")
    parser.add_argument("--posts", type=int, default=200, help="posts per site, at least")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other sites")
    return parser.parse_args()


async def _run(given: argparse.Namespace, console: Console) -> bool:
    ok = True
    for program in PROGRAMS:
        names = {program.name, program.name.partition("-")[0]}
        if given.generators and names.isdisjoint(given.generators):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = await compare(program, Path(folder), given.seed, given.posts)
            except UnavailableError as error:
                console.print(f"{program.name}: skipped: {error}", highlight=False, soft_wrap=True)
                continue
        console.print(
            f"{program.name}: {result.pages} pages, {result.published} published,"
            f" {result.equal:.2%} equal (goal {program.goal:.0%})",
            highlight=False,
        )
        for difference in result.differences[:DIFFERENCES_SHOWN]:
            console.print(f"  {difference}", highlight=False, soft_wrap=True, markup=False)
        if len(result.differences) > DIFFERENCES_SHOWN:
            console.print(f"  and {len(result.differences) - DIFFERENCES_SHOWN} more")
        ok = ok and result.equal >= program.goal
    return ok


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(_run(_arguments(), Console())) else 1)
