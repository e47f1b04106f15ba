import pytest

from bot.ingest.folder.missing_files import MAX_MISSING_SECONDS, QUIET_SECONDS, MissingFiles
from tests.support.clock import FakeClock


@pytest.fixture
def missing(clock: FakeClock) -> MissingFiles:
    return MissingFiles(clock)


async def test_a_file_is_gone_when_it_stays_missing(
    missing: MissingFiles, clock: FakeClock
) -> None:
    """It is returned only once."""
    assert missing.update(("a",)) == ()
    await clock.advance(QUIET_SECONDS - 1)
    assert not missing.are_due()
    assert missing.update(("a",)) == ()
    await clock.advance(1)
    assert missing.are_due()
    assert missing.update(("a",)) == ("a",)
    assert not missing.are_due()


async def test_changes_restart_the_wait_for_all_files(
    missing: MissingFiles, clock: FakeClock
) -> None:
    """The folder is still being written."""
    missing.update(("a", "b"))
    await clock.advance(QUIET_SECONDS - 1)
    assert missing.update(("a", "b", "c")) == ()
    await clock.advance(QUIET_SECONDS - 1)
    assert missing.update(("a", "c")) == ()
    await clock.advance(QUIET_SECONDS)
    assert missing.update(("a", "c")) == ("a", "c")


async def test_a_file_that_vanishes_again_is_awaited_again(
    missing: MissingFiles, clock: FakeClock
) -> None:
    missing.update(("a",))
    await clock.advance(QUIET_SECONDS - 1)
    assert missing.update(()) == ()
    assert not missing.are_due()
    await clock.advance(QUIET_SECONDS)
    assert not missing.are_due()
    assert missing.update(("a",)) == ()


async def test_the_wait_for_a_file_is_limited(missing: MissingFiles, clock: FakeClock) -> None:
    """A folder that keeps changing does not extend it."""
    step = QUIET_SECONDS / 2
    missing.update(("a",))
    for number in range(int(MAX_MISSING_SECONDS / step) - 1):
        await clock.advance(step)
        assert missing.update(("a", f"{number}")) == ()
    await clock.advance(step)
    assert missing.are_due()
    assert missing.update(("a", "z")) == ("a",)
    assert not missing.are_due()
