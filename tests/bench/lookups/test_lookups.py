"""The parts of the measurement that compute; nothing here is timed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from storage.errors import NotFoundError
from storage.open import open_store
from tests.bench.lookups import lengths
from tests.bench.lookups.archive import SOURCES, WITHDRAWN, YEARS, Archive
from tests.bench.lookups.building import build
from tests.bench.lookups.commands import all_commands
from tests.bench.lookups.draws import Draws
from tests.bench.lookups.page_cache import cached_share, drop_page_cache
from tests.bench.lookups.questions import all_lookups
from tests.bench.lookups.report import Row, as_section, counts, with_section, without_section
from tests.bench.lookups.timing import Taken, Times
from tests.bench.lookups.words import Frequencies

END = datetime(2026, 11, 28, 12, tzinfo=UTC)
COUNT = 200


@pytest.fixture(scope="module")
def archive() -> Archive:
    return _archive()


@pytest.fixture
def draws(archive: Archive) -> Draws:
    return Draws.of(archive, "seed")


def _archive() -> Archive:
    return Archive.of(COUNT, END, size=0.01)


def test_an_article_depends_on_its_number_alone(archive: Archive) -> None:
    assert archive.article(5) == _archive().article(5)
    assert archive.article(5) != archive.article(6)


def test_articles_are_spread_over_three_years(archive: Archive) -> None:
    dates = [archive.article(number).published_at for number in range(COUNT)]
    assert END - YEARS - timedelta(weeks=1) < dates[0] < END - YEARS + timedelta(weeks=2)
    assert END - timedelta(weeks=2) < dates[-1] < END
    # Only those of the same hour are in no order.
    assert all(after - before > -timedelta(hours=1) for before, after in pairwise(dates))


def test_more_is_published_on_working_days(archive: Archive) -> None:
    days = Counter(archive.article(number).published_at.weekday() for number in range(COUNT))
    assert days[1] > days[6]


def test_sources_have_each_article_once_out_of_order(archive: Archive) -> None:
    keys = [[each.key for each in archive.documents(source)] for source in range(SOURCES)]
    every = [key for source in keys for key in source]
    assert sorted(every) == sorted(f"{number}.md" for number in range(COUNT))
    assert keys[0] != sorted(keys[0], key=lambda key: int(key.removesuffix(".md")))


def test_a_few_articles_are_withdrawn(archive: Archive) -> None:
    withdrawn = sum(archive.is_withdrawn(number) for number in range(10_000))
    assert withdrawn == pytest.approx(10_000 * WITHDRAWN, rel=0.2)


def test_the_second_word_is_half_as_frequent(draws: Draws) -> None:
    ranks = Frequencies.of([str(rank) for rank in range(1, 100)])
    drawn = Counter(ranks.draw(draws.chance, 20_000))
    assert drawn["1"] / drawn["2"] == pytest.approx(2, rel=0.1)
    assert drawn["1"] / drawn["10"] == pytest.approx(10, rel=0.2)


def test_lengths_have_the_quantiles(draws: Draws) -> None:
    drawn = sorted(lengths.draw(draws.chance, lengths.EXCERPT) for _ in range(5000))
    assert lengths.EXCERPT[0] <= drawn[0]
    assert drawn[-1] <= lengths.EXCERPT[-1]
    assert drawn[2500] == pytest.approx(lengths.EXCERPT[5], rel=0.05)


def test_a_misspelled_word_is_no_word(draws: Draws) -> None:
    assert all(draws.misspelled_word() not in draws.archive.words.ranks for _ in range(50))


def test_another_question_is_drawn_for_each_sample(archive: Archive) -> None:
    for lookup in all_lookups(END):
        drawn = [
            [lookup.draw(each)[0] for _ in range(20)]
            for each in (Draws.of(archive, "seed"), Draws.of(archive, "seed"))
        ]
        assert drawn[0] == drawn[1]
        assert len(set(drawn[0])) > 1 or "nothing" in lookup.name or "top, " in lookup.name


def test_every_command_has_options_that_discord_accepts(draws: Draws) -> None:
    for draw in all_commands().values():
        command = draw(draws)
        assert str(command).startswith("/news ")
        assert all(len(str(value)) <= 100 for value in command.options.values())


async def test_a_built_database_answers_every_lookup(
    archive: Archive, draws: Draws, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    built = await build(path, archive)
    assert built.withdrawn == sum(map(archive.is_withdrawn, range(COUNT)))
    async with open_store(path) as store:
        assert await store.count_stories() == COUNT - built.withdrawn
        for lookup in all_lookups(END):
            _, ask = lookup.draw(draws)
            try:
                await ask(store)
            except NotFoundError:
                assert "story" in lookup.name or "topic" in lookup.name


def test_the_goal_is_for_the_share() -> None:
    times = Times("a", goal=0.020, share=0.9)
    for number in range(10):
        times.add(Taken(1.0 if number == 3 else 0.010, str(number)))
    assert times.met
    assert times.longest.question == "3"
    assert times.seconds(0.5) == 0.010


def test_an_unanswered_question_misses_the_goal() -> None:
    times = Times("a", goal=0.020)
    times.add(Taken(0.001, ""), failed=True)
    assert not times.met


def test_the_section_replaces_an_earlier_one() -> None:
    first, second = (as_section([Row("a", value, "≤ 2", met=True)], 7) for value in ("1", "2"))
    report = with_section(with_section("# Benchmarks\n\nOthers.\n", first), second)
    assert report == f"# Benchmarks\n\nOthers.\n\n{second}"
    assert without_section(report)[1] == second
    assert "| a | 2 | ≤ 2 | met |" in second


def test_few_articles_or_samples_are_not_reported() -> None:
    assert counts(1_000_000, 200)
    assert not counts(999_999, 200)
    assert not counts(1_000_000, 199)


def test_the_cached_share_of_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100_000)
    drop_page_cache(path)
    assert 0 <= cached_share(path) <= 1
    path.read_bytes()
    assert cached_share(path) == 1
