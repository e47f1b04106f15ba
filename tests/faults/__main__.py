"""Break everything once, and write the tables of docs/troubleshooting.md."""

import asyncio
from pathlib import Path

from tests.faults.catalogue import FAULTS
from tests.faults.page import row, tables, with_tables
from tests.faults.place import observe

PAGE = Path(__file__).parents[2] / "docs/troubleshooting.md"


async def _rows() -> dict[str, list[str]]:
    return {
        group: [row(fault, await observe(fault)) for fault in faults]
        for group, faults in FAULTS.items()
    }


if __name__ == "__main__":
    text = tables(asyncio.run(_rows()))
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
