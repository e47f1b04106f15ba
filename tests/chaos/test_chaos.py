"""A short chaos test; `make chaos` takes minutes and includes failures with a slow recovery."""

from tests.chaos.run import ChaosOptions, run_chaos_test


async def test_every_story_is_posted_once_despite_failures() -> None:
    """Nothing is lost, repeated, outdated, sent to a paused channel, or refused for its pace."""
    report = await run_chaos_test(ChaosOptions(seconds=6, seed=1, channels=20, slow_recovery=False))
    assert report.ok, str(report)
    assert report.tally.messages > 0
