"""A generated archive of articles: any number of them, each by its number alone."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from storage.models import Article, Document, Fingerprint, Image, Kind, Provider, RelatedArticle
from tests.bench.lookups import lengths
from tests.bench.lookups.words import (
    NAMES,
    OTHER_SCRIPT_WORDS,
    SCRIPTS,
    VOCABULARY,
    Frequencies,
    joined,
    make_names,
    make_script_words,
    make_words,
)

TOPICS, PROVIDERS = 5000, 4000
YEARS = timedelta(days=3 * 365)
SOURCES = 8
WITHDRAWN = 0.03
# Nine of ten texts are in Latin script; a text of 9 characters is cut into words of about 5.
_LANGUAGES = ("en", "de", "ja", "zh", "ko", "ru", "th")
_LANGUAGE_WEIGHTS = list(accumulate((0.78, 0.12, 0.03, 0.03, 0.01, 0.02, 0.01)))
_LETTERS_PER_WORD = 7
_NAMES_IN_TITLES, _NUMBERED_TOPICS = 0.5, 5
_HOUR = timedelta(hours=1)
# How much is published: by hour of a working day (UTC), and by weekday from Monday on.
_HOURS = (2, 2, 2, 2, 3, 4, 6, 8, 9, 9, 8, 8, 8, 9, 9, 8, 8, 7, 6, 5, 4, 3, 3, 2)
_WEEKDAYS = (1.0, 1.1, 1.1, 1.1, 0.9, 0.4, 0.4)
_RHYTHM = list(accumulate(hour * day for day in _WEEKDAYS for hour in _HOURS))


@dataclass(frozen=True, slots=True)
class Archive:
    """`count` articles, the last of which was published shortly before `end`.

    The same seed, count and end give the same articles. `size` scales the vocabulary.
    """

    count: int
    end: datetime
    words: Frequencies
    names: Frequencies
    others: dict[str, Frequencies]
    topics: Frequencies
    providers: Frequencies
    seed: int = 7

    @classmethod
    def of(cls, count: int, end: datetime, *, seed: int = 7, size: float = 1.0) -> "Archive":
        """An archive of so many articles."""
        chance = Random(seed)  # noqa: S311 - generated texts need not be secret
        words = make_words(chance, int(VOCABULARY * size))
        names = make_names(chance, int(NAMES * size))
        others = {
            each: make_script_words(chance, each, int(OTHER_SCRIPT_WORDS * size))
            for each in SCRIPTS
        }
        topics = _topic_names(chance, words, others, int(TOPICS * size))
        providers = dict.fromkeys(
            f"{name} {chance.choice(('News', 'Times', 'Blog', 'Daily', 'Post', 'Labs'))}"
            for name in names.items[: int(PROVIDERS * size)]
        )
        return cls(
            count,
            end,
            words,
            names,
            others,
            Frequencies.of(topics),
            Frequencies.of(list(providers)),
            seed,
        )

    def article(self, number: int) -> Article:
        """The article with a number from 0; higher numbers are newer."""
        chance = Random(self.seed << 40 | number)  # noqa: S311 - the same
        language = chance.choices(_LANGUAGES, cum_weights=_LANGUAGE_WEIGHTS)[0]
        title = self._title(chance, language, lengths.TITLE)
        provider = self._provider(chance)
        quality = _quality(chance)
        related = tuple(self._related(chance, language, number))
        best = max((each.quality or 0 for each in related), default=0)
        url = self._address(chance, provider, number)
        second = chance.random() < lengths.WITH_SECOND_ADDRESS
        domain = provider.domain
        return Article(
            title=title,
            url=url,
            addresses=(url, f"https://amp.{domain}/{number}") if second else (url,),
            published_at=self.published_at(number, chance),
            excerpt=self._text(chance, language, lengths.draw(chance, lengths.EXCERPT)),
            kind=_kind(chance),
            quality=quality,
            heat=-1 if best > quality else quality + 10 * len(related),
            provider=provider,
            topics=self._topics(chance),
            images=(Image(f"https://{domain}/images/{number}/cover-1200x630.jpg", 1200, 630),)
            if chance.random() < lengths.WITH_IMAGE
            else (),
            related=related,
            language=language if chance.random() < 0.5 else None,
        )

    def published_at(self, number: int, chance: Random) -> datetime:
        """When an article was published: evenly over weeks, by the rhythm of news within one."""
        place = (number + 1) / self.count * (YEARS / timedelta(weeks=1))
        week, within = divmod(place, 1.0)
        hour = bisect(_RHYTHM, within * _RHYTHM[-1])
        # Within their hour articles are in no order.
        begin = self.end - YEARS
        begin -= timedelta(days=begin.weekday(), hours=begin.hour)
        at = begin + timedelta(weeks=week) + min(hour, len(_RHYTHM) - 1) * _HOUR
        return min(at + _HOUR * chance.random(), self.end - timedelta(minutes=1))

    def documents(self, source: int) -> Iterator[Document]:
        """The documents of one of the `SOURCES`, in the order of their names, not of their dates.

        All of them are archive: nothing is announced.
        """
        numbers = list(range(source, self.count, SOURCES))
        Random(source).shuffle(numbers)  # noqa: S311 - the same
        for number in numbers:
            yield self.document(number)

    def document(self, number: int) -> Document:
        """The document of an article."""
        return Document(
            f"{number}.md", Fingerprint(1, 1, f"{number:032x}"), self.article(number), archive=True
        )

    def is_withdrawn(self, number: int) -> bool:
        """Whether the document was removed later."""
        return Random(number).random() < WITHDRAWN  # noqa: S311 - the same

    def _title(self, chance: Random, language: str, quantiles: Sequence[int]) -> str:
        text = self._text(chance, language, lengths.draw(chance, quantiles))
        if language not in SCRIPTS and chance.random() < _NAMES_IN_TITLES:
            text = f"{self.names.draw(chance, 1)[0]} {text}"
        return text[:1].upper() + text[1:]

    def _text(self, chance: Random, language: str, length: int) -> str:
        """A text of about `length` characters."""
        words = self.others.get(language, self.words)
        count = max(2, round(length / _LETTERS_PER_WORD))
        return joined(words.draw(chance, count), language)

    def _related(self, chance: Random, language: str, number: int) -> Iterator[RelatedArticle]:
        if chance.random() >= lengths.WITH_RELATED:
            return
        for each in range(lengths.draw(chance, lengths.RELATED)):
            provider = self._provider(chance)
            yield RelatedArticle(
                title=self._title(chance, language, lengths.RELATED_TITLE),
                url=self._address(chance, provider, f"{number}-{each}"),
                excerpt=self._text(chance, language, lengths.draw(chance, lengths.RELATED_EXCERPT)),
                published_at=self.published_at(number, chance),
                quality=_quality(chance),
                provider=provider,
            )

    def _provider(self, chance: Random) -> Provider:
        name = self.providers.draw(chance, 1)[0]
        domain = f"{name.lower().replace(' ', '-')}.example"
        return Provider(name, domain, f"https://icons.example/organizations/{domain}-50x50.jpg")

    def _address(self, chance: Random, provider: Provider, number: int | str) -> str:
        words = self.words.draw(chance, max(1, lengths.draw(chance, lengths.PATH) // 10))
        slug = "-".join(word for word in words if word.isalnum() and word.isascii())
        return f"https://{provider.domain}/{slug}-{number}/"

    def _topics(self, chance: Random) -> tuple[str, ...]:
        count = 1 + chance.choices(range(len(lengths.TOPICS)), lengths.TOPICS)[0]
        return tuple(dict.fromkeys(self.topics.draw(chance, count)))


def _topic_names(
    chance: Random, words: Frequencies, others: dict[str, Frequencies], count: int
) -> list[str]:
    """Names of topics: one to three words, some in other scripts, and numbered ones."""
    names: dict[str, None] = {}
    languages = list(others)
    while len(names) < count:
        number = len(names)
        if number % _NUMBERED_TOPICS == 3:
            name = f"Topic {number}"
        elif chance.random() < 0.05:
            name = chance.choice(others[chance.choice(languages)].items)
        else:
            name = " ".join(chance.choices(words.items[50:], k=chance.choice((1, 2, 2, 3)))).title()
        names[name] = None
    return list(names)


def _quality(chance: Random) -> int:
    if chance.random() < lengths.HIGHEST_QUALITY_SHARE:
        return lengths.HIGHEST_QUALITY
    return lengths.draw(chance, lengths.QUALITY)


def _kind(chance: Random) -> Kind:
    place = chance.random()
    if place < lengths.VIDEOS:
        return Kind.VIDEO
    return Kind.SHORT if place < lengths.VIDEOS + lengths.SHORTS else Kind.ARTICLE
