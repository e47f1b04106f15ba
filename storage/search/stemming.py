"""Reduce words to their stems, by the rules of a language. Pure.

A stem is marked with its language: German "Newton" and "newt" of English share no stem by accident.
The stems of the language that most texts of a script are written in have no mark.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from threading import Lock
from types import MappingProxyType

import Stemmer

from storage.search.folding import Script, lower, script_of, without_accents

STEMMER_VERSION: str = Stemmer.version()

# The languages of each script that have a stemmer, by code; the first also applies to texts in
# languages without one. https://snowballstem.org/algorithms/
_STEMMERS: Mapping[Script, Mapping[str, str]] = MappingProxyType(
    {
        Script.LATIN: {
            "en": "english",
            "de": "german",
            "fr": "french",
            "es": "spanish",
            "pt": "portuguese",
            "it": "italian",
            "nl": "dutch",
            "sv": "swedish",
            "da": "danish",
            "no": "norwegian",
            "fi": "finnish",
            "pl": "polish",
            "cs": "czech",
            "hu": "hungarian",
            "ro": "romanian",
            "tr": "turkish",
            "ca": "catalan",
            "eu": "basque",
            "ga": "irish",
            "lt": "lithuanian",
            "et": "estonian",
            "eo": "esperanto",
            "id": "indonesian",
            "sr": "serbian",
        },
        Script.CYRILLIC: {"ru": "russian", "sr": "serbian"},
        Script.GREEK: {"el": "greek"},
        Script.ARABIC: {"ar": "arabic", "fa": "persian"},
        Script.HEBREW: {"": "", "yi": "yiddish"},
        Script.DEVANAGARI: {"hi": "hindi", "ne": "nepali"},
        Script.TAMIL: {"ta": "tamil"},
        Script.ARMENIAN: {"hy": "armenian"},
        Script.OTHER: {"": ""},
    }
)
LANGUAGES: frozenset[str] = frozenset(
    code for languages in _STEMMERS.values() for code in languages if code
)
_SAME = {"nb": "no", "nn": "no", "in": "id", "ms": "id", "bs": "sr", "hr": "sr", "sh": "sr"}
# Norwegian and Malay codes, for instance, mean languages that one stemmer serves.

# Separates a stem from its language. No text has it inside a word.
MARK = "§"
# Shorter words have no ending, and are the same in every language.
_SHORTEST = 3
# Portuguese plurals that the stemmer does not relate to their singular: eleições, eleição.
_PORTUGUESE_PLURAL = re.compile("(?:õe|ãe|oe)s$")
# "And" or "so" before the Arabic article.
_ARABIC_AND = re.compile("^[وف](?=ال)")

# A stemmer is not safe to share between threads. https://github.com/snowballstem/pystemmer
_lock = Lock()


def language_of(code: str | None) -> str:
    """The language of a code such as `de` or `pt-br` that has a stemmer, or "" for others."""
    main = (code or "").partition("-")[0].partition("_")[0].lower()
    main = _SAME.get(main, main)
    return main if main in LANGUAGES else ""


@lru_cache(maxsize=10_000)
def stem(word: str, language: str) -> str:
    """The folded stem of a word, marked with its language unless that is the main one."""
    stemmers = _STEMMERS[script_of(word)]
    main = next(iter(stemmers))
    if language not in stemmers:
        language = main
    lowered = lower(word, language)
    if len(lowered) < _SHORTEST or not stemmers[language]:
        return without_accents(lowered)
    if language == "pt":
        lowered = _PORTUGUESE_PLURAL.sub("ão", lowered)
    elif language == "ar":
        lowered = _ARABIC_AND.sub("", lowered)
    with _lock:
        reduced = _stemmer(stemmers[language]).stemWord(lowered)
        if language == "ar":
            # Without the article, it may have an ending that it had to keep: روبوت, الروبوت.
            reduced = _stemmer(stemmers[language]).stemWord(reduced)
    folded = without_accents(reduced)
    return folded if language == main else f"{folded}{MARK}{language}"


@cache
def _stemmer(name: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(name, 0)  # 0: stems are cached above
