"""A small test; `make restore` runs a larger one."""

from tests.restore.run import RestoreOptions, run_restore_test


async def test_a_restored_backup_repeats_and_loses_nothing() -> None:
    """The backup is made while the bot posts; the bot is killed after it has posted more."""
    report = await run_restore_test(
        RestoreOptions(channels=6, before=3, after=4, meanwhile=2, seed=5)
    )
    assert report.announced > 0
    tally = report.tally
    assert (tally.messages, tally.lost, tally.repeated, tally.outdated) == (54, 0, 0, 0)
