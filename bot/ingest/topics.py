"""Topic rules: which words in an article's title or excerpt give it a topic. Pure.

The rules come in the shape of the portal's `_data/topics/*.yaml`: a `name` with `keywords` and
`hashtags`; and aliases, which are other names of a topic.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# Words of these scripts stand without spaces between them, so any place may begin one.
# https://www.unicode.org/reports/tr29/#Word_Boundaries names the same as needing a dictionary.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Particles follow a word of Hangul without a space, so any place may end one.
_HANGUL = "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"
_OTHER = rf"[^+#\s{_UNSPACED}{_HANGUL}]"
# A word ends where the script changes. `#` begins one, or ends it (C#); `+` only ends it (C++).
_WORD = re.compile(rf"#?(?:[{_UNSPACED}]+|[{_HANGUL}]+|{_OTHER}+(?:\++|#(?!{_OTHER}))?)")
_OPEN_START = re.compile(f"[{_UNSPACED}]")
_OPEN_END = re.compile(f"[{_UNSPACED}{_HANGUL}]\\Z")
_WORD_CATEGORIES = frozenset("LNM")
# C++, C#, F#.
_WORD_SIGNS = frozenset("+#")
_MAX_TEXT = 12_000


@dataclass(frozen=True, slots=True)
class TopicRule:
    """A topic, what it is also called, and what speaks of it."""

    name: str
    keywords: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class TopicRules:
    """All rules in one matcher; only phrases without borders are looked for one by one."""

    def __init__(self, rules: Iterable[TopicRule] = ()) -> None:
        self._rules = tuple(rules)
        self._digest = hashlib.sha256(repr(self._rules).encode()).hexdigest()
        self._names: dict[str, str] = {}
        # From a first word to the phrases that begin with it, and the topics that they give.
        self._phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        # Phrases that may begin or end within a word: looked for in the words with spaces between.
        self._within: list[tuple[str, int]] = []
        for number, rule in enumerate(self._rules):
            for name in (rule.name, *rule.aliases):
                self._names.setdefault(_alias(name), rule.name)
            for keyword in rule.keywords:
                self._add(_words(keyword), number)
            for hashtag in rule.hashtags:
                self._add(_words(f"#{hashtag.lstrip('#')}"), number)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TopicRules) and self._rules == other._rules

    def __hash__(self) -> int:
        return hash(self._rules)

    def __repr__(self) -> str:
        """Stands for all that decides what the rules do; see `reading_digest`."""
        return f"TopicRules({self._digest})"

    def find(self, *texts: str) -> tuple[str, ...]:
        """The topics that the texts are about, in the order of the rules."""
        found: set[int] = set()
        for text in texts:
            words = _words(text[:_MAX_TEXT])
            for place, word in enumerate(words):
                for start in (word, word.lstrip("#")) if word.startswith("#") else (word,):
                    found.update(self._starting(start, words, place))
            if self._within:
                bare = " ".join(word.lstrip("#") for word in words)
                joined = f" {' '.join(words)} | {bare} "
                found.update(number for phrase, number in self._within if phrase in joined)
        return tuple(dict.fromkeys(self._rules[number].name for number in sorted(found)))

    def rename(self, topics: Iterable[str]) -> tuple[str, ...]:
        """The topics under the names that the rules give them."""
        return tuple(dict.fromkeys(self._names.get(_alias(name), name) for name in topics))

    def fill(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """The fields of an article with topics by the rules, if it has none of its own."""
        if not self._rules:
            return fields
        told = fields.get("topics")
        if told is None or told in ("", []):
            texts = (fields.get("title"), fields.get("excerpt"))
            found = self.find(*(text for text in texts if isinstance(text, str)))
            return {**fields, "topics": list(found)} if found else fields
        names = [told] if isinstance(told, str) else told
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return fields
        return {**fields, "topics": list(self.rename(names))}

    def _add(self, words: Sequence[str], number: int) -> None:
        if not words:
            return
        start = "" if _OPEN_START.match(words[0]) else " "
        end = "" if _OPEN_END.search(words[-1]) else " "
        if start and end:
            self._phrases.setdefault(words[0], []).append((tuple(words), number))
        else:
            self._within.append((f"{start}{' '.join(words)}{end}", number))

    def _starting(self, word: str, words: Sequence[str], place: int) -> Iterator[int]:
        for phrase, number in self._phrases.get(word, ()):
            if phrase[1:] == tuple(words[place + 1 : place + len(phrase)]):
                yield number


NO_RULES = TopicRules()


def _words(text: str) -> list[str]:
    """The words of a text in a form that ignores case, width and composition."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    parts = "".join(
        character
        if character in _WORD_SIGNS or unicodedata.category(character)[0] in _WORD_CATEGORIES
        else " "
        for character in folded
    )
    return _WORD.findall(parts)


def _alias(name: str) -> str:
    """`artificial-intelligence`, `Artificial Intelligence` and `artificial_intelligence` alike."""
    return " ".join(_words(name.replace("_", " ")))
