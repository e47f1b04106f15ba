import pytest

from storage.protocols import Store
from tests.announce.newsroom import Newsroom
from tests.support.clock import ManualClock


@pytest.fixture
def newsroom(store: Store, clock: ManualClock) -> Newsroom:
    """A newsroom without subscriptions."""
    return Newsroom(store, clock)
