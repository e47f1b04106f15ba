"""The lookups that are measured: what each asks the store, as the commands of the bot do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from storage.models import Kind, Order, StoryQuery
from storage.protocols import StoryStore
from tests.bench.lookups.draws import Draws

LOOKUP_GOAL, TYPING_GOAL = 0.020, 0.005
# The chart of a topic's page.
WEEKS = timedelta(weeks=26)
PER_PAGE, CHOICES, TOPICS_PER_PAGE = 5, 25, 20

# What is asked, and how.
Question: TypeAlias = tuple[str, Callable[[StoryStore], Awaitable[object]]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A kind of lookup: draws questions. `goal` is the longest time of 99 of 100, in seconds."""

    name: str
    draw: Callable[[Draws], Question]
    goal: float = LOOKUP_GOAL


def all_lookups(now: datetime) -> Sequence[Lookup]:
    """Every lookup, with periods that end `now`."""
    return [*_lists(now), *_topic_pages(now), *_searches(now), *_stories(), *_typing()]


def _lists(now: datetime) -> Sequence[Lookup]:
    def latest(draws: Draws) -> StoryQuery:
        return StoryQuery(offset=PER_PAGE * draws.chance.randrange(3))

    def last_page(draws: Draws) -> StoryQuery:
        return StoryQuery(offset=1000 - PER_PAGE * draws.chance.randint(1, 20))

    def good(draws: Draws) -> StoryQuery:
        return StoryQuery(min_quality=draws.chance.randint(20, 160))

    def in_topic(draws: Draws) -> StoryQuery:
        return StoryQuery(topics=(draws.any_topic(),))

    def good_in_topic(draws: Draws) -> StoryQuery:
        return StoryQuery(topics=(draws.any_topic(),), min_quality=draws.chance.randint(20, 160))

    def top(days: int | None, *, topic: bool = False) -> Callable[[Draws], StoryQuery]:
        since = now - timedelta(days=days) if days else None

        def draw(draws: Draws) -> StoryQuery:
            topics = (draws.any_topic(),) if topic else ()
            offset = PER_PAGE * draws.chance.randrange(3)
            return StoryQuery(order=Order.BEST, since=since, topics=topics, offset=offset)

        return draw

    def trending(draws: Draws) -> StoryQuery:
        since = now - timedelta(days=draws.chance.choice((1, 3, 7)))
        return StoryQuery(order=Order.HOTTEST, since=since)

    def trending_topic(draws: Draws) -> StoryQuery:
        return replace(trending(draws), topics=(draws.any_topic(),))

    periods = {"day": 1, "week": 7, "month": 30, "year": 365, "ever": None}
    return [
        _found("latest", latest),
        _found("latest, the last pages", last_page),
        _found("latest, min_quality", good),
        _found("latest, a topic", in_topic),
        _found("latest, a topic and min_quality", good_in_topic),
        *(_found(f"top, {name}", top(days)) for name, days in periods.items()),
        *(_found(f"top, {name}, a topic", top(days, topic=True)) for name, days in periods.items()),
        _found("trending", trending),
        _found("trending, a topic", trending_topic),
    ]


def _topic_pages(now: datetime) -> Sequence[Lookup]:
    def page(name: str) -> Question:
        async def ask(store: StoryStore) -> object:
            topic = await store.get_topic(name)
            await store.find_stories(StoryQuery(topics=(topic.name,)))
            return await store.summarise_topic(topic.id)

        return name, ask

    def chart(name: str) -> Question:
        """What the chart below a topic's page shows, which is sent after the page."""

        async def ask(store: StoryStore) -> object:
            topic = await store.get_topic(name)
            return await store.count_by_week(topic.id, now - WEEKS, now)

        return name, ask

    def topics(draws: Draws, first: int, end: int) -> Question:
        offset = TOPICS_PER_PAGE * draws.chance.randrange(first, end)

        async def ask(store: StoryStore) -> object:
            await store.count_topics()
            return await store.list_topics(TOPICS_PER_PAGE, offset)

        return str(offset), ask

    return [
        Lookup("topic page, large topic", lambda draws: page(draws.large_topic()), TYPING_GOAL),
        Lookup("topic page, medium topic", lambda draws: page(draws.medium_topic()), TYPING_GOAL),
        Lookup("topic page, small topic", lambda draws: page(draws.small_topic()), TYPING_GOAL),
        Lookup("topic page, its chart", lambda draws: chart(draws.any_topic())),
        Lookup("topics, the first pages", lambda draws: topics(draws, 0, 3)),
        Lookup("topics, deep pages", lambda draws: topics(draws, 100, 240)),
    ]


def search_texts() -> dict[str, Callable[[Draws], str]]:
    """The kinds of texts that are searched for."""
    return {
        "a common word": Draws.common_word,
        "two common words": lambda draws: f"{draws.common_word()} {draws.common_word()}",
        "a known word": Draws.known_word,
        "a rare word": Draws.rare_word,
        "two letters": Draws.two_letters,
        "a phrase": lambda draws: f'"{draws.phrase()}"',
        "-not": lambda draws: f"{draws.known_word()} -{draws.common_word()}",
        "other scripts": Draws.script_text,
        "a typo": Draws.misspelled_word,
    }


def _searches(now: datetime) -> Sequence[Lookup]:
    def search(text: Callable[[Draws], str]) -> Callable[[Draws], StoryQuery]:
        return lambda draws: StoryQuery(text(draws), order=Order.RELEVANT, now=now)

    def filtered(
        change: Callable[[StoryQuery, Draws], StoryQuery],
    ) -> Callable[[Draws], StoryQuery]:
        return lambda draws: change(search(Draws.common_word)(draws), draws)

    def suggestions(draws: Draws) -> Question:
        text = draws.misspelled_word()
        return text, lambda store: store.suggest_words(text)

    filters: dict[str, Callable[[StoryQuery, Draws], StoryQuery]] = {
        "topic": lambda query, draws: replace(query, topics=(draws.any_topic(),)),
        "provider": lambda query, draws: replace(query, providers=(draws.provider(),)),
        "kind": lambda query, draws: replace(query, kinds=(draws.chance.choice(list(Kind)),)),
        "since": lambda query, draws: replace(
            query, since=now - timedelta(days=draws.chance.choice((1, 7, 30, 365)))
        ),
        "min_quality": lambda query, draws: replace(
            query, min_quality=draws.chance.randint(20, 160)
        ),
        "all filters": lambda query, draws: replace(
            query,
            topics=(draws.large_topic(),),
            providers=(draws.provider(),),
            kinds=(Kind.ARTICLE,),
            since=now - timedelta(days=365),
            min_quality=draws.chance.randint(20, 60),
        ),
    }

    return [
        *(_found(f"search, {name}", search(text)) for name, text in search_texts().items()),
        *(
            _found(f"search, a common word, {name}", filtered(change))
            for name, change in filters.items()
        ),
        Lookup("search, suggestions for a typo", suggestions),
    ]


def _stories() -> Sequence[Lookup]:
    def by_id(draws: Draws) -> Question:
        number = draws.chance.randint(1, draws.archive.count)
        return str(number), lambda store: store.get_story(number)

    def by_address(draws: Draws) -> Question:
        address = draws.article().url
        return address, lambda store: store.find_story_by_address(address)

    def messages(draws: Draws) -> Question:
        number = draws.chance.randint(1, draws.archive.count)
        return str(number), lambda store: store.find_messages(number, 1)

    def by_title(draws: Draws) -> StoryQuery:
        return StoryQuery(draws.article().title, order=Order.RELEVANT, limit=1)

    return [
        Lookup("story, by id", by_id),
        Lookup("story, by address", by_address),
        _found("story, by title", by_title),
        Lookup("story, its messages", messages),
    ]


def _typing() -> Sequence[Lookup]:
    def titles(name: str, typed: Callable[[Draws], str]) -> Lookup:
        def draw(draws: Draws) -> Question:
            text = typed(draws)
            return text, lambda store: store.complete_titles(text, CHOICES)

        return Lookup(f"typing a title, {name}", draw, TYPING_GOAL)

    def topics(name: str, typed: Callable[[Draws], str]) -> Lookup:
        def draw(draws: Draws) -> Question:
            text = typed(draws)
            if not text:
                return text, lambda store: store.list_topics(CHOICES)
            return text, lambda store: store.complete_topics(text, CHOICES)

        return Lookup(f"typing a topic, {name}", draw, TYPING_GOAL)

    def providers(name: str, typed: Callable[[Draws], str]) -> Lookup:
        def draw(draws: Draws) -> Question:
            text = typed(draws)
            return text, lambda store: store.complete_providers(text, CHOICES)

        return Lookup(f"typing a provider, {name}", draw, TYPING_GOAL)

    return [
        titles("nothing", lambda _: ""),
        titles("one letter", lambda draws: draws.letters(1)),
        titles("two letters", Draws.two_letters),
        titles("four letters", lambda draws: draws.known_word()[:4]),
        titles("two words", lambda draws: f"{draws.common_word()} {draws.known_word()[:3]}"),
        topics("nothing", lambda _: ""),
        topics("one letter", lambda draws: draws.letters(1)),
        topics("two letters", lambda draws: draws.any_topic()[:2]),
        topics("`topic 1`", lambda draws: f"topic {draws.chance.randint(1, 9)}"),
        topics("the middle of a word", Draws.middle_of_topic),
        topics("nonsense", lambda draws: draws.letters(8)),
        providers("nothing", lambda _: ""),
        providers("one letter", lambda draws: draws.letters(1)),
        providers("two letters", lambda draws: draws.provider()[:2]),
        providers("its second word", lambda draws: draws.provider().split()[1][:3]),
        providers("nonsense", lambda draws: draws.letters(8)),
    ]


def _found(name: str, draw: Callable[[Draws], StoryQuery]) -> Lookup:
    """A lookup that finds stories."""

    def question(draws: Draws) -> Question:
        query = draw(draws)
        return repr(query), lambda store: store.find_stories(query)

    return Lookup(name, question)
