"""Some seconds in which much goes wrong; `make chaos` takes minutes, and harder troubles."""

from tests.chaos.run import ChaosOptions, chaos


async def test_a_discord_that_fails_all_the_time_is_told_everything_once() -> None:
    """Nothing lost, repeated, outdated, sent to a paused channel, or refused for its pace."""
    report = await chaos(ChaosOptions(seconds=6, seed=1, channels=20, hard=False))
    assert report.fine, str(report)
    assert report.tally.messages > 0
