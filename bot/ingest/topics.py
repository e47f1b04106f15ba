"""Topic rules: the words in an article's title or excerpt that give it a topic. Pure.

A rule has the structure of the portal's `_data/topics/*.yaml`: a `name`, `keywords`, `hashtags`,
and `aliases`, which are other names of the topic.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# Scripts without spaces between words, so a word may begin anywhere. They are those for which
# https://www.unicode.org/reports/tr29/#Word_Boundaries requires a dictionary.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# In Hangul, particles follow a word without a space, so a word may end anywhere.
_HANGUL = "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"
_OTHER = rf"[^+#\s{_UNSPACED}{_HANGUL}]"
# A word ends where the script changes. `#` may begin or end one (C#), `+` only end one (C++).
_WORD = re.compile(rf"#?(?:[{_UNSPACED}]+|[{_HANGUL}]+|{_OTHER}+(?:\++|#(?!{_OTHER}))?)")
_STARTS_ANYWHERE = re.compile(f"[{_UNSPACED}]")
_ENDS_ANYWHERE = re.compile(f"[{_UNSPACED}{_HANGUL}]\\Z")
_WORD_CATEGORIES = frozenset("LNM")
# C++, C#, F#.
_WORD_SYMBOLS = frozenset("+#")
_MAX_TEXT_LENGTH = 12_000


@dataclass(frozen=True, slots=True)
class TopicRule:
    """A topic, its other names, and the words that indicate it.

    The names of the class and its fields are part of the stored digests.
    """

    name: str
    keywords: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class TopicRules:
    """All rules, matched in one pass over a text, except for phrases without word boundaries."""

    def __init__(self, rules: Iterable[TopicRule] = ()) -> None:
        self._rules = tuple(rules)
        self._digest = hashlib.sha256(repr(self._rules).encode()).hexdigest()
        self._names: dict[str, str] = {}
        # The phrases by their first word, each with the number of its rule.
        self._phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        # Phrases that may begin or end within a word, with the numbers of their rules.
        self._substrings: list[tuple[str, int]] = []
        for number, rule in enumerate(self._rules):
            for name in (rule.name, *rule.aliases):
                self._names.setdefault(_normalise_name(name), rule.name)
            for keyword in rule.keywords:
                self._add_phrase(_words(keyword), number)
            for hashtag in rule.hashtags:
                self._add_phrase(_words(f"#{hashtag.lstrip('#')}"), number)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TopicRules) and self._rules == other._rules

    def __hash__(self) -> int:
        return hash(self._rules)

    def __repr__(self) -> str:
        """Include a digest of the rules, because `reading_digest` contains this text."""
        return f"TopicRules({self._digest})"

    def find(self, *texts: str) -> tuple[str, ...]:
        """Return the topics that the texts are about, in the order of the rules."""
        found: set[int] = set()
        for text in texts:
            words = _words(text[:_MAX_TEXT_LENGTH])
            for index, word in enumerate(words):
                for start in (word, word.lstrip("#")) if word.startswith("#") else (word,):
                    found.update(self._matches_at(start, words, index))
            if self._substrings:
                without_hashes = " ".join(word.lstrip("#") for word in words)
                joined = f" {' '.join(words)} | {without_hashes} "
                found.update(number for phrase, number in self._substrings if phrase in joined)
        return tuple(dict.fromkeys(self._rules[number].name for number in sorted(found)))

    def replace_aliases(self, topics: Iterable[str]) -> tuple[str, ...]:
        """Replace aliases by the names of their topics; keep other names."""
        return tuple(dict.fromkeys(self._names.get(_normalise_name(name), name) for name in topics))

    def fill(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Return the fields with topics: the article's own ones, else those that the rules find."""
        if not self._rules:
            return fields
        topics = fields.get("topics")
        if topics is None or topics in ("", []):
            texts = (fields.get("title"), fields.get("excerpt"))
            found = self.find(*(text for text in texts if isinstance(text, str)))
            return {**fields, "topics": list(found)} if found else fields
        names = [topics] if isinstance(topics, str) else topics
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return fields
        return {**fields, "topics": list(self.replace_aliases(names))}

    def _add_phrase(self, words: Sequence[str], number: int) -> None:
        if not words:
            return
        start = "" if _STARTS_ANYWHERE.match(words[0]) else " "
        end = "" if _ENDS_ANYWHERE.search(words[-1]) else " "
        if start and end:
            self._phrases.setdefault(words[0], []).append((tuple(words), number))
        else:
            self._substrings.append((f"{start}{' '.join(words)}{end}", number))

    def _matches_at(self, word: str, words: Sequence[str], index: int) -> Iterator[int]:
        for phrase, number in self._phrases.get(word, ()):
            if phrase[1:] == tuple(words[index + 1 : index + len(phrase)]):
                yield number


NO_RULES = TopicRules()


def _words(text: str) -> list[str]:
    """Split a text into words, without differences of case, width and composition."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    parts = "".join(
        character
        if character in _WORD_SYMBOLS or unicodedata.category(character)[0] in _WORD_CATEGORIES
        else " "
        for character in folded
    )
    return _WORD.findall(parts)


def _normalise_name(name: str) -> str:
    """Return the same for `machine-learning`, `Machine Learning` and `machine_learning`."""
    return " ".join(_words(name.replace("_", " ")))
