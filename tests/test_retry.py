"""Waits between attempts."""

from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from bot.retry import Backoff

SECOND = timedelta(seconds=1)

firsts = st.timedeltas(timedelta(microseconds=1), timedelta(weeks=52))
longests = st.timedeltas(timedelta(microseconds=1), timedelta(days=100_000))
fractions = st.floats(0, 1)


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(SECOND, 5 * SECOND)
    assert [backoff.next_wait() for _ in range(5)] == [SECOND * n for n in (1, 2, 4, 5, 5)]


@given(firsts, longests, st.integers(1, 10**6))
@example(timedelta(weeks=52), timedelta.max, 10**6)
def test_waits_never_shrink_and_never_exceed_the_longest(
    first: timedelta, longest: timedelta, failures: int
) -> None:
    """However many failures there were, nothing overflows; a `longest` below `first` wins."""
    backoff = Backoff(first, longest)
    assert backoff.wait_after(1) == min(first, longest)
    wait, longer = backoff.wait_after(failures), backoff.wait_after(failures + 1)
    assert wait <= longer <= longest
    assert longer == longest or longer == 2 * wait


@given(firsts, longests, st.integers(1, 200), fractions, fractions)
def test_jitter_shortens_a_wait_by_at_most_the_spread(
    first: timedelta, longest: timedelta, failures: int, spread: float, random: float
) -> None:
    whole = Backoff(first, longest).wait_after(failures)
    spreading = Backoff(first, longest, spread=spread, random=lambda: random)
    wait = spreading.wait_after(failures)
    assert timedelta() <= wait <= whole
    # A microsecond is what rounding may take.
    assert wait >= whole * (1 - spread) - timedelta(microseconds=1)


@given(st.lists(st.booleans()))
def test_a_success_makes_the_next_failure_the_first(outcomes: list[bool]) -> None:
    """`next_wait` and `wait_after` with the number of failures give the same waits."""
    backoff, failures = Backoff(SECOND, timedelta(minutes=5)), 0
    for succeeded in outcomes:
        if succeeded:
            backoff.reset()
            failures = 0
        else:
            failures += 1
            assert backoff.next_wait() == backoff.wait_after(failures)
