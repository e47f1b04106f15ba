"""docs/troubleshooting.md says what the bot says when something is broken."""

import asyncio
from itertools import chain

import pytest

from tests.faults.__main__ import PAGE
from tests.faults.catalogue import FAULTS
from tests.faults.page import row, tables, with_tables
from tests.faults.place import Fault, observe

ALL = list(chain.from_iterable(FAULTS.values()))


@pytest.mark.parametrize("fault", ALL, ids=[fault.name for fault in ALL])
def test_a_row_is_what_is_observed(fault: Fault) -> None:
    """`make faults` writes the rows again."""
    assert row(fault, asyncio.run(observe(fault))) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_page_has_only_these_rows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    starts = tuple(f"| {fault.name} |" for fault in ALL)
    rows = [line for line in page.splitlines() if line.startswith(starts)]
    assert len(rows) == len(ALL)
    left = iter(rows)
    groups = {group: [next(left) for _ in faults] for group, faults in FAULTS.items()}
    assert with_tables(page, tables(groups)) == page
