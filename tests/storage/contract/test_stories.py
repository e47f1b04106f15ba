"""Lookups of stories and topics."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import NotFoundError
from storage.models import (
    MOST_FOUND,
    Kind,
    Order,
    PostedMessage,
    Provider,
    RelatedArticle,
    StoryQuery,
)
from storage.posts import PostStatus
from storage.protocols import ArticleStore, OutboxStore, Store, StoryStore
from tests.storage.contract.planned import CHANNEL, GUILD, OTHER_CHANNEL, change, fill, insert
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

SOURCE = "folder:news"


async def titles(store: Store, query: StoryQuery) -> list[str]:
    """The titles that a query finds, in order."""
    return [story.article.title for story in (await store.find_stories(query)).stories]


@pytest.fixture
async def archive(store: Store) -> Store:
    """Four stories that differ in every condition of a query."""
    day = timedelta(days=1)
    await store.save_documents(
        SOURCE,
        make_documents(
            make_article(1, title="Robots learn to knit", quality=90, topics=("Robotics", "AI")),
            make_article(
                2, title="Café Zürich opens", published_at=START - day, topics=("Cities",)
            ),
            make_article(
                3,
                title="A quiet week",
                quality=120,
                published_at=START - 9 * day,
                excerpt="Nothing about robots.",
                provider=Provider("Harbor Herald"),
            ),
            make_article(
                4,
                title="Sun and wind",
                quality=60,
                published_at=START - 2 * day,
                topics=("Energy",),
                related=(RelatedArticle("Turbines turn", "https://other.example/1"),),
            ),
        ),
        START,
    )
    return store


@promises(StoryStore.find_stories)
async def test_stories_are_found_newest_first(archive: Store) -> None:
    """The order is that of the time at which a story counts as published."""
    assert await titles(archive, StoryQuery(limit=2)) == [
        "Robots learn to knit",
        "Café Zürich opens",
    ]


@promises(StoryStore.find_stories)
async def test_stories_are_found_best_first(archive: Store) -> None:
    assert await titles(archive, StoryQuery(order=Order.BEST, limit=2)) == [
        "A quiet week",
        "Robots learn to knit",
    ]


@promises(StoryStore.find_stories)
async def test_pages_follow_one_another(archive: Store) -> None:
    """Offset and total let a reader turn pages."""
    page = await archive.find_stories(StoryQuery(limit=3, offset=3))
    assert (page.total, len(page.stories)) == (4, 1)


@promises(StoryStore.find_stories)
async def test_stories_are_filtered_by_topic_quality_and_time(archive: Store) -> None:
    """A story needs one of the topics, in any case."""
    assert await titles(archive, StoryQuery(topics=("ENERGY", "robotics"))) == [
        "Robots learn to knit",
        "Sun and wind",
    ]
    assert await titles(archive, StoryQuery(min_quality=90)) == [
        "Robots learn to knit",
        "A quiet week",
    ]
    assert await titles(archive, StoryQuery(since=START)) == ["Robots learn to knit"]


@promises(StoryStore.find_stories)
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("robots", ["Robots learn to knit", "A quiet week"]),
        ("ROBO", ["Robots learn to knit", "A quiet week"]),
        ("cafe zurich", ["Café Zürich opens"]),
        ("herald", ["A quiet week"]),
        ("energy", ["Sun and wind"]),
        ("turbines", ["Sun and wind"]),
        ("robots knit", ["Robots learn to knit"]),
        ("nowhere", []),
        ("!?", []),
    ],
)
async def test_search_finds_words_in_all_fields(
    archive: Store, text: str, found: list[str]
) -> None:
    """Titles rank first, then excerpts, providers, topics, related titles; accents don't matter."""
    assert found == await titles(archive, StoryQuery(text=text, order=Order.RELEVANT))


@promises(StoryStore.complete_titles, StoryStore.complete_topics, StoryStore.find_stories)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80) | st.sampled_from(['"', "AND", "title : x", "a* ^b", "NEAR(a b)"]))
async def test_typed_text_is_not_a_query_language(archive: Store, text: str) -> None:
    """Everything that a person types is searched for literally."""
    await archive.find_stories(StoryQuery(text=text, order=Order.RELEVANT))
    await archive.complete_titles(text, 5)
    await archive.complete_topics(text, 5)


@promises(StoryStore.find_stories)
async def test_a_long_text_is_cut_to_its_first_words(archive: Store) -> None:
    """A pasted page costs the database no more than a sentence."""
    found = await archive.find_stories(StoryQuery(text="robots " * 1000 + "absent " * 1000))
    assert found.total == (await archive.find_stories(StoryQuery(text="robots"))).total > 0


@promises(StoryStore.find_stories)
async def test_a_single_letter_is_no_prefix(archive: Store) -> None:
    """It would be one of nearly every story; one character of another script may be a word."""
    assert await titles(archive, StoryQuery(text="a")) == ["A quiet week"]
    assert await titles(archive, StoryQuery(text="a q")) == []
    assert await titles(archive, StoryQuery(text="a qu")) == ["A quiet week"]
    article = make_article(5, title="字典 is a dictionary")
    await archive.save_documents(SOURCE, make_documents(article), START)
    assert await titles(archive, StoryQuery(text="字")) == ["字典 is a dictionary"]


@promises(StoryStore.find_stories)
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("text", ["", "kites"])
async def test_a_query_finds_a_limited_number(store: Store, order: Order, text: str) -> None:
    """No page is further back, whatever its number; a larger limit is met."""
    articles = [make_article(each, title=f"Kites {each}") for each in range(MOST_FOUND + 1)]
    await store.save_documents(SOURCE, make_documents(*articles), START)
    last = await store.find_stories(StoryQuery(text, order=order, offset=MOST_FOUND - 2))
    assert (len(last.stories), last.total, last.complete) == (2, MOST_FOUND, False)
    far = await store.find_stories(StoryQuery(text, order=order, offset=10**9))
    assert (len(far.stories), far.total, far.complete) == (0, MOST_FOUND, False)
    every = await store.find_stories(StoryQuery(text, order=order, limit=2 * MOST_FOUND))
    assert (len(every.stories), every.total, every.complete) == (MOST_FOUND + 1,) * 2 + (True,)


@pytest.fixture
async def many(store: Store) -> Store:
    """400 stories, an hour apart, each of which mentions kites; the oldest also in its title."""
    articles = [
        make_article(
            number,
            title=f"{'Kites' if number == 400 else 'Report'} {number}",
            excerpt="How kites fly over the old harbour on a windy day",
            quality=number % 100,
            published_at=START - timedelta(hours=number),
        )
        for number in range(1, 401)
    ]
    await store.save_documents(SOURCE, make_documents(*articles), START)
    return store


@promises(StoryStore.find_stories)
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (StoryQuery("kites"), range(1, 401)),
        (StoryQuery("kites", since=START - timedelta(hours=330)), range(1, 331)),
        (StoryQuery("kites", min_quality=50), [n for n in range(1, 401) if n % 100 >= 50]),
        (StoryQuery("how kites fly over the old harbour on a windy day"), range(1, 401)),
        (StoryQuery("how kites fly over the old harbour on a windy day 333"), [333]),
        (StoryQuery("how kites fly over the old harbour on a windy day, absent"), []),
    ],
)
async def test_each_of_many_matches_is_on_one_page(
    many: Store, query: StoryQuery, numbers: Iterable[int]
) -> None:
    """Only some of them are compared with each other, but all are found."""
    query = replace(query, order=Order.RELEVANT, now=START, limit=7)
    pages = [await many.find_stories(replace(query, offset=offset)) for offset in range(0, 420, 7)]
    found = [int(story.article.title.split()[1]) for page in pages for story in page.stories]
    assert sorted(found) == list(numbers)
    assert {(page.total, page.complete) for page in pages} == {(len(found), True)}


@promises(StoryStore.find_stories)
async def test_an_old_title_comes_before_many_newer_texts(many: Store) -> None:
    """Titles are looked for apart from other texts."""
    query = StoryQuery("kites", order=Order.RELEVANT, now=START, limit=1)
    assert await titles(many, query) == ["Kites 400"]


@promises(ArticleStore.compact_search_index, StoryStore.find_stories)
async def test_a_compacted_index_finds_the_same(archive: Store) -> None:
    """Stories that are stored and withdrawn later are found and not found as before."""
    query = StoryQuery("robots")
    before = await titles(archive, query)
    await archive.compact_search_index()
    assert await titles(archive, query) == before
    article = make_article(5, title="Robots return")
    await archive.save_documents(SOURCE, make_documents(article), START)
    await archive.compact_search_index()
    assert {*await titles(archive, query)} == {*before, "Robots return"}
    await archive.withdraw_documents(SOURCE, ["5.md"])
    await archive.compact_search_index()
    assert await titles(archive, query) == before


@promises(StoryStore.complete_titles)
async def test_titles_complete_while_typing(archive: Store) -> None:
    """The last word may be incomplete; without text the newest stories are offered."""
    assert [story.article.title for story in await archive.complete_titles("learn ro", 5)] == [
        "Robots learn to knit"
    ]
    assert len(await archive.complete_titles("", 2)) == 2


@promises(StoryStore.complete_topics)
async def test_topics_complete_by_prefix_word_and_spelling(store: Store) -> None:
    """Names that begin so come first, then those with such a word, then those spelled like it."""
    topics = ("Vision", "Computer Vision", "Visiting Zürich", "Visson", "Energy")
    articles = [make_article(1, topics=topics), make_article(2, topics=("Computer Vision",))]
    await store.save_documents(SOURCE, make_documents(*articles), START)

    async def complete(typed: str, limit: int = 9) -> list[str]:
        return [topic.name for topic in await store.complete_topics(typed, limit)]

    assert await complete("visi", 3) == ["Vision", "Visiting Zürich", "Computer Vision"]
    assert await complete("computer vi") == ["Computer Vision"]
    assert await complete("ZURICH") == ["Visiting Zürich"]
    assert (await complete("Vizion"))[0] == "Vision"
    assert await complete("qqqqqq") == []


@promises(StoryStore.complete_topics, StoryStore.complete_providers)
async def test_the_largest_of_many_names_are_offered(store: Store) -> None:
    """Also if thousands begin with what was typed."""
    names = [f"Topic {number}" for number in range(1200)]
    articles = [
        make_article(each, topics=tuple(names[each::10]), provider=Provider(f"Press {each}"))
        for each in range(10)
    ]
    largest = make_article(99, topics=("Big topic", "Topic 999"), provider=Provider("Big press"))
    await store.save_documents(SOURCE, make_documents(*articles, largest), START)
    completed = [topic.name for topic in await store.complete_topics("t", 3)]
    assert completed[0] == "Topic 999"
    assert (await store.complete_topics("topic 77", 1))[0].name == "Topic 77"
    assert [each.name for each in await store.complete_providers("press", 2)] == [
        "Press 0",
        "Press 1",
    ]


@promises(StoryStore.count_topics, StoryStore.list_topics)
async def test_topics_are_listed_with_counts(archive: Store) -> None:
    """The largest one comes first."""
    assert [(topic.name, topic.stories) for topic in await archive.list_topics(2)] == [
        ("AI", 2),
        ("Cities", 1),
    ]
    assert await archive.count_topics() == 4


@promises(StoryStore.get_topic, StoryStore.summarise_topic)
async def test_a_topic_has_a_summary(archive: Store) -> None:
    """It consists of its best story, its newest story and its providers."""
    summary = await archive.summarise_topic((await archive.get_topic("ai")).id)
    assert (
        summary.best.article.title,
        summary.newest.article.title,
    ) == ("A quiet week", "Robots learn to knit")
    assert summary.providers == (("Harbor Herald", 1), ("The Example", 1))


@promises(
    OutboxStore.get_post,
    StoryStore.get_story,
    StoryStore.get_topic,
    StoryStore.get_topic_by_id,
    StoryStore.summarise_topic,
)
async def test_missing_stories_and_topics_are_not_found(archive: Store) -> None:
    """Each lookup of one thing raises `NotFoundError`."""
    with pytest.raises(NotFoundError):
        await archive.get_story(99)
    with pytest.raises(NotFoundError):
        await archive.get_topic("Gardening")
    with pytest.raises(NotFoundError):
        await archive.get_topic_by_id(99)
    with pytest.raises(NotFoundError):
        await archive.summarise_topic(99)
    with pytest.raises(NotFoundError):
        await archive.get_post(99)


@pytest.fixture
async def alike(store: Store) -> Store:
    """Six stories: two of each quality, and all but the last of the same time."""
    await store.save_documents(
        SOURCE,
        make_documents(
            *(
                make_article(
                    number,
                    title=f"Kites {number}",
                    quality=10 * (number % 3),
                    topics=("Kites", f"Topic {number}"),
                    provider=Provider(f"Provider {number}"),
                    published_at=START - timedelta(hours=number == 6),
                )
                for number in range(1, 7)
            )
        ),
        START,
    )
    return store


@promises(StoryStore.find_stories)
@pytest.mark.parametrize(
    ("order", "expected"),
    [(Order.NEWEST, [5, 4, 3, 2, 1, 6]), (Order.BEST, [5, 2, 4, 1, 3, 6])],
)
async def test_equal_stories_have_a_stable_order(
    alike: Store, order: Order, expected: list[int]
) -> None:
    """No story is on two pages, and none is missing."""
    pages = [
        await alike.find_stories(StoryQuery(order=order, limit=2, offset=offset))
        for offset in (0, 2, 4, 6)
    ]
    assert [story.id for page in pages for story in page.stories] == expected
    assert [(page.total, len(page.stories)) for page in pages] == [(6, 2), (6, 2), (6, 2), (6, 0)]


@promises(StoryStore.find_stories)
async def test_limits_of_a_query_are_inclusive(alike: Store) -> None:
    """A story just beyond a limit is left out."""
    for query, expected in (
        (StoryQuery(min_quality=20), 2),
        (StoryQuery(min_quality=21), 0),
        (StoryQuery(since=START), 5),
        (StoryQuery(since=START + timedelta(microseconds=1)), 0),
        (StoryQuery(since=START - timedelta(hours=1)), 6),
    ):
        assert (await alike.find_stories(query)).total == expected


@promises(StoryStore.complete_titles)
async def test_completed_titles_are_the_best_ones(alike: Store) -> None:
    """Their number is limited."""
    completed = await alike.complete_titles("kit", 3)
    assert [story.article.quality for story in completed] == [20, 20, 10]
    assert len(await alike.complete_titles("KITES", 9)) == 6
    assert not await alike.complete_titles("kitesurf", 9)


@promises(StoryStore.list_topics, StoryStore.complete_topics)
async def test_topics_of_equal_size_are_sorted_by_name(alike: Store) -> None:
    """They come in pages of a limited size."""
    names = ["Kites", *(f"Topic {number}" for number in range(1, 7))]
    for offset in (0, 3, 6, 9):
        page = await alike.list_topics(3, offset)
        assert [topic.name for topic in page] == names[offset : offset + 3]
    completed = await alike.complete_topics(" TOPIC ", 4)
    assert [topic.name for topic in completed] == names[1:5]
    assert await alike.complete_topics("gardening", 4) == []


@promises(StoryStore.get_topic, StoryStore.get_topic_by_id, StoryStore.summarise_topic)
async def test_a_topic_is_the_same_by_name_and_id(alike: Store) -> None:
    """It counts its stories and shows at most five providers."""
    topic = await alike.get_topic(" kites ")
    assert (topic.name, topic.stories, topic.newest_at) == ("Kites", 6, START)
    assert await alike.get_topic_by_id(topic.id) == topic
    summary = await alike.summarise_topic(topic.id)
    assert summary.topic == topic
    assert len(summary.providers) == 5


@promises(
    StoryStore.count_stories, StoryStore.count_topics, StoryStore.get_topic, StoryStore.list_topics
)
async def test_a_withdrawn_story_is_in_no_lookup(alike: Store) -> None:
    """Its topic is not found if it has no other story; `get_story` still returns it."""
    await alike.withdraw_documents(SOURCE, ["5.md"])
    assert (await alike.count_stories(), await alike.count_topics()) == (5, 6)
    assert (await alike.find_stories(StoryQuery(text="kites"))).total == 5
    assert 5 not in [story.id for story in await alike.complete_titles("kites", 9)]
    assert "Topic 5" not in [topic.name for topic in await alike.list_topics(9)]
    assert (await alike.get_topic("kites")).stories == 5
    with pytest.raises(NotFoundError):
        await alike.get_topic("topic 5")
    assert (await alike.get_story(5)).withdrawn


WEEK = timedelta(weeks=1)


@promises(StoryStore.find_stories)
async def test_stories_are_found_by_heat_then_quality(store: Store) -> None:
    """Heat -1 is the lowest."""
    articles = [
        make_article(1, title="warm", heat=90, quality=50),
        make_article(2, title="cold", heat=-1, quality=99),
        make_article(3, title="warm and good", heat=90, quality=60),
    ]
    await store.save_documents(SOURCE, make_documents(*articles), START)
    hottest = StoryQuery(order=Order.HOTTEST)
    assert await titles(store, hottest) == ["warm and good", "warm", "cold"]


@promises(StoryStore.find_stories)
@pytest.mark.parametrize("text", ["", "story"])
async def test_stories_are_filtered_by_provider_and_kind(store: Store, text: str) -> None:
    """A story needs one of the providers, in any case, and one of the kinds."""
    articles = [
        make_article(1, provider=Provider("Harbour Herald")),
        make_article(2, kind=Kind.VIDEO, published_at=START - WEEK),
        make_article(3, kind=Kind.SHORT, provider=None, published_at=START - 2 * WEEK),
    ]
    await store.save_documents(SOURCE, make_documents(*articles), START)
    for query, expected in (
        (StoryQuery(text, providers=("harbour HERALD",)), ["Story 1"]),
        (StoryQuery(text, providers=("Harbour",)), []),
        (StoryQuery(text, kinds=(Kind.VIDEO, Kind.SHORT)), ["Story 2", "Story 3"]),
        (StoryQuery(text, kinds=(Kind.ARTICLE,)), ["Story 1"]),
        (StoryQuery(text, kinds=(Kind.VIDEO,), providers=("The Example",)), ["Story 2"]),
    ):
        assert await titles(store, query) == expected


@promises(StoryStore.find_story_by_address)
async def test_a_story_is_found_by_each_of_its_addresses(store: Store) -> None:
    """Unless it is withdrawn."""
    addresses = ("https://news.example/1", "https://amp.example/1")
    article = make_article(1, addresses=addresses)
    await store.save_documents(SOURCE, make_documents(article), START)
    for address in addresses:
        assert (await store.find_story_by_address(address)).id == 1
    with pytest.raises(NotFoundError):
        await store.find_story_by_address("https://news.example/2")
    await store.withdraw_documents(SOURCE, ["1.md"])
    with pytest.raises(NotFoundError):
        await store.find_story_by_address(addresses[0])


@promises(StoryStore.find_messages)
async def test_messages_of_a_story_are_found_in_their_server(store: Store) -> None:
    """A message that a story was added to shows it, too; what is not sent yet does not."""
    await fill(store)
    await insert(store, (1, 1), (2, 1), (3, 1), (1, 2))
    await change(store, 1, status=PostStatus.SENT, message_id=500)
    await change(store, 2, status=PostStatus.FOLDED, lead_post_id=1)
    await change(store, 4, status=PostStatus.SENT, message_id=600)
    assert await store.find_messages(1, GUILD) == [
        PostedMessage(OTHER_CHANNEL, 600),
        PostedMessage(CHANNEL, 500),
    ]
    assert await store.find_messages(2, GUILD) == [PostedMessage(CHANNEL, 500)]
    assert not await store.find_messages(3, GUILD)
    assert not await store.find_messages(1, GUILD + 1)
    await change(store, 4, message_removed=True)
    assert await store.find_messages(1, GUILD) == [PostedMessage(CHANNEL, 500)]
    await change(store, 1, thread_id=500)
    assert await store.find_messages(2, GUILD) == [PostedMessage(CHANNEL, 500, 500)]


@promises(StoryStore.complete_providers, StoryStore.get_provider, StoryStore.get_provider_by_id)
async def test_providers_are_completed_and_found(alike: Store) -> None:
    """The largest ones come first; a provider without stories does not exist."""
    articles = [make_article(each, provider=Provider("Über News")) for each in (7, 8)]
    await alike.save_documents(SOURCE, make_documents(*articles), START)
    completed = await alike.complete_providers("", 3)
    assert [(each.name, each.stories) for each in completed] == [
        ("Über News", 2),
        ("Provider 1", 1),
        ("Provider 2", 1),
    ]
    assert [each.name for each in await alike.complete_providers("provider", 9)] == [
        f"Provider {number}" for number in range(1, 7)
    ]
    found = await alike.get_provider("über news")
    assert found == completed[0] == await alike.get_provider_by_id(found.id)
    await alike.withdraw_documents(SOURCE, ["7.md", "8.md"])
    for lookup in (alike.get_provider("Über News"), alike.get_provider_by_id(found.id)):
        with pytest.raises(NotFoundError):
            await lookup


@promises(StoryStore.summarise_topic)
async def test_a_topic_has_related_topics(archive: Store) -> None:
    """These are the other topics of its stories."""
    summary = await archive.summarise_topic((await archive.get_topic("ai")).id)
    assert summary.related == (("Robotics", 1),)


@promises(StoryStore.count_by_week)
async def test_stories_of_a_topic_are_counted_by_week(store: Store) -> None:
    """Weeks are counted back from the end; a story belongs to the week that it begins."""
    articles = [
        make_article(number, published_at=START - each)
        for number, each in enumerate((WEEK, WEEK / 7, WEEK, 2 * WEEK, 4 * WEEK), start=1)
    ]
    await store.save_documents(SOURCE, make_documents(*articles), START)
    topic = await store.get_topic("AI")
    assert list(await store.count_by_week(topic.id, START - 3 * WEEK, START)) == [0, 1, 3]
    assert list(await store.count_by_week(topic.id, START - WEEK / 2, START)) == [3]
    assert list(await store.count_by_week(99, START - 2 * WEEK, START)) == [0, 0]


@promises(StoryStore.complete_providers)
async def test_a_mistyped_word_of_a_name_completes_it(store: Store) -> None:
    """Another word of the name may come before it; what is like no word completes nothing."""
    article = make_article(1, provider=Provider("The Robot Report"))
    await store.save_documents(SOURCE, make_documents(article), START)
    for typed, expected in [("roobt", 1), ("robto reportt", 1), ("tho robot", 1), ("kitchen", 0)]:
        assert len(await store.complete_providers(typed, 5)) == expected, typed


@promises(StoryStore.suggest_words)
async def test_mistyped_words_are_corrected(archive: Store) -> None:
    """They become words of titles and names; new stories have new ones."""
    assert list(await archive.suggest_words("robtos learn")) == ["robots learn"]
    assert list(await archive.suggest_words("lighthose")) == []
    article = make_article(9, title="The lighthouse keeper")
    await archive.save_documents(SOURCE, make_documents(article), START)
    assert list(await archive.suggest_words("lighthose")) == ["lighthouse"]


@promises(StoryStore.suggest_words)
async def test_a_text_without_known_words_gets_no_suggestion(archive: Store) -> None:
    assert list(await archive.suggest_words("qqqqqqqq")) == []
