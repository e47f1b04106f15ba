"""The order of stories that match."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.search.ranking import Candidate, Field, freshness, quality_factor, rank, rarity, score

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
STORY = Candidate(1, 50, NOW, (Field.TITLE,))
FIELDS = st.integers(0, sum(Field))
CANDIDATES = st.builds(
    Candidate,
    story_id=st.integers(1, 10**9),
    quality=st.integers(-(10**6), 10**9),
    dated_at=st.datetimes(timezones=st.just(UTC)),
    fields=st.tuples(FIELDS, FIELDS),
    phrase_in_title=st.booleans(),
    complete=st.booleans(),
    as_written=st.booleans(),
)


def in_order(*candidates: Candidate, rarities: tuple[float, ...] = (1.0,)) -> list[int]:
    """The ids of candidates as they are ranked."""
    return [each.story_id for each in rank(candidates, rarities, NOW)]


def test_a_typical_story_of_today_has_a_score_of_one() -> None:
    assert score(STORY, (1.0,), NOW) == 1.0
    assert score(STORY, (0.0,), NOW) == 0.0


def test_titles_count_most_then_names_texts_and_coverage() -> None:
    assert in_order(
        *(
            replace(STORY, story_id=number, fields=(field,))
            for number, field in enumerate((Field.RELATED, Field.BODY, Field.NAMES, Field.TITLE))
        )
    ) == [3, 2, 1, 0]


def test_further_places_confirm_the_first() -> None:
    """They never count as much as a better place."""
    assert in_order(
        replace(STORY, story_id=1, fields=(Field.BODY,)),
        replace(STORY, story_id=2, fields=(Field.BODY | Field.RELATED,)),
        replace(STORY, story_id=3, fields=(Field.NAMES,)),
        replace(STORY, story_id=4, fields=(Field.NAMES | Field.BODY | Field.RELATED,)),
        replace(STORY, story_id=5, fields=(Field.TITLE,)),
    ) == [5, 4, 3, 2, 1]


def test_rare_words_count_more() -> None:
    common, rare = rarity(9_000, 10_000), rarity(3, 10_000)
    assert rare > common > 0
    assert in_order(
        replace(STORY, story_id=1, fields=(Field.TITLE, Field.BODY)),
        replace(STORY, story_id=2, fields=(Field.BODY, Field.TITLE)),
        rarities=(common, rare),
    ) == [2, 1]


def test_an_old_title_comes_before_the_text_of_today() -> None:
    """Even if the story of today is much better; a phrase makes it certain."""
    old = replace(STORY, story_id=1, quality=20, dated_at=NOW - 3000 * DAY)
    today = replace(STORY, story_id=2, quality=189, fields=(Field.BODY | Field.RELATED,))
    assert in_order(today, old) == [1, 2]


def test_of_equal_matches_the_newer_comes_first() -> None:
    """Quality decides between stories of the same time."""
    assert in_order(STORY, replace(STORY, story_id=2, dated_at=NOW - 60 * DAY)) == [1, 2]
    assert in_order(STORY, replace(STORY, story_id=2, quality=120)) == [2, 1]


def test_phrases_and_words_as_typed_come_first() -> None:
    assert in_order(
        replace(STORY, story_id=3, complete=False),
        STORY,
        replace(STORY, story_id=2, phrase_in_title=True, dated_at=NOW - DAY),
        replace(STORY, story_id=4, as_written=True, dated_at=NOW - DAY),
    ) == [2, 4, 1, 3]


def test_ties_are_ordered_by_date_and_id() -> None:
    """A date in the future counts as now."""
    assert in_order(
        STORY,
        replace(STORY, story_id=2),
        replace(STORY, story_id=3, dated_at=NOW + 2 * DAY),
        replace(STORY, story_id=4, dated_at=NOW + DAY),
    ) == [3, 4, 2, 1]


def test_quality_and_freshness_have_bounds() -> None:
    assert quality_factor(0) == quality_factor(-5) < quality_factor(50) == 1.0
    assert quality_factor(50) < quality_factor(189) < quality_factor(10**9) <= 1.25
    assert freshness(timedelta(0)) == freshness(-DAY) == 1.0
    assert freshness(30 * DAY) == 0.8
    assert 0.6 <= freshness(100_000 * DAY) < freshness(90 * DAY) < freshness(7 * DAY)


def test_rarity_has_bounds() -> None:
    """Numbers that are not up to date do no harm."""
    assert rarity(5, 0) == rarity(10, 10 - 1) == 0.0
    assert rarity(0, 10**6) > rarity(1, 10**6) > rarity(10**6, 10**6) > 0


@given(st.lists(CANDIDATES, max_size=20), st.tuples(st.floats(0, 20), st.floats(0, 20)))
def test_any_candidates_can_be_ranked(
    candidates: list[Candidate], rarities: tuple[float, float]
) -> None:
    """None is lost, and their order says nothing."""
    ranked = rank(candidates, rarities, NOW)
    assert sorted(map(repr, ranked)) == sorted(map(repr, candidates))
    keys = [(score(each, rarities, NOW), each.dated_at, each.story_id) for each in ranked]
    assert keys == sorted(keys, reverse=True)
