"""What the sandbox itself takes, so that no other figure measures it."""

from collections.abc import Sequence

from tests.bench.figures import Figure
from tests.sandbox.throughput import measure


async def measure_sandbox() -> Sequence[Figure]:
    """Messages from a raw keep-alive client in another process."""
    return [
        Figure(
            "messages that the sandbox accepts from a raw HTTP client",
            f"{await measure():,.0f}/s",
            "≥ 5,000/s",
        )
    ]
