import pytest

from bot.ingest.folder.missing_files import MAX_MISSING_SECONDS, QUIET_SECONDS, MissingFiles
from tests.support.clock import FakeClock


@pytest.fixture
def missing(clock: FakeClock) -> MissingFiles:
    return MissingFiles(clock)


async def test_a_file_is_given_up_when_it_stays_away(
    missing: MissingFiles, clock: FakeClock
) -> None:
    """Once: the next look knows it no more."""
    assert missing.update(("a",)) == ()
    await clock.advance(QUIET_SECONDS - 1)
    assert not missing.are_due()
    assert missing.update(("a",)) == ()
    await clock.advance(1)
    assert missing.are_due()
    assert missing.update(("a",)) == ("a",)
    assert not missing.are_due()


async def test_files_that_go_and_come_back_put_it_off_for_all(
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


async def test_a_file_that_came_back_and_goes_again_is_waited_for_anew(
    missing: MissingFiles, clock: FakeClock
) -> None:
    """What was is forgotten."""
    missing.update(("a",))
    await clock.advance(QUIET_SECONDS - 1)
    assert missing.update(()) == ()
    assert not missing.are_due()
    await clock.advance(QUIET_SECONDS)
    assert not missing.are_due()
    assert missing.update(("a",)) == ()


async def test_a_folder_that_never_rests_does_not_keep_a_file_for_ever(
    missing: MissingFiles, clock: FakeClock
) -> None:
    """Each has its longest time."""
    step = QUIET_SECONDS / 2
    missing.update(("a",))
    for number in range(int(MAX_MISSING_SECONDS / step) - 1):
        await clock.advance(step)
        assert missing.update(("a", f"{number}")) == ()
    await clock.advance(step)
    assert missing.are_due()
    assert missing.update(("a", "z")) == ("a",)
    assert not missing.are_due()
