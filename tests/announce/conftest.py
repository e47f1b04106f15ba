import pytest

from storage.protocols import Store
from tests.announce.newsroom import Newsroom
from tests.support.clock import FakeClock


@pytest.fixture
async def newsroom(store: Store, clock: FakeClock) -> Newsroom:
    """A newsroom without subscriptions."""
    return Newsroom(store, clock)
