"""What is known of a source beside its documents. Frozen values without any I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as it was last read.

    `documents` counts what it holds, with the `rejected` ones. A source with an `error` can't be
    read at the moment; what it told before stays.
    """

    name: str
    documents: int
    rejected: int
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    error: str | None = None
