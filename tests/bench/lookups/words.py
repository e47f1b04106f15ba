"""Invented words and names with the frequencies that real texts have.

Zipf's law: the n-th most frequent word is 1/n as frequent as the first. In large collections of
texts that holds for some 10,000 words; others are rarer, about 1/n² (M. A. Montemurro, Beyond the
Zipf-Mandelbrot law in quantitative linguistics, 2001, http://oro.open.ac.uk/79231/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

VOCABULARY, WELL_KNOWN = 200_000, 10_000
NAMES = 20_000
OTHER_SCRIPT_WORDS = 20_000

# The most frequent words of English news, which are in most texts.
_FUNCTION_WORDS = (
    *("the", "of", "to", "and", "in", "a", "for", "is", "on", "with", "that", "it", "as", "by"),
    *("at", "from", "are", "be", "this", "an", "will", "has", "its", "was", "new", "how", "can"),
    *("have", "more", "you", "your", "not", "or", "their", "what", "about", "says", "but"),
    *("which", "they", "one", "first", "after", "up", "all", "out", "who", "over", "into", "most"),
    *("could", "now", "than", "other", "been", "us", "his", "her", "when", "also", "data"),
    *("using", "help", "make", "company", "people", "time", "year", "use", "work", "get", "why"),
    *("may", "through", "open", "top", "best"),
)
# What people type with letters that are no words, at ranks of their own.
_TECHNICAL = ("C++", "C#", ".NET", "Node.js", "GPT-7", "iOS 19", "5G", "v2.4.1", "R&D", "24/7")
_TECHNICAL_RANKS = 700
_ONSETS: Sequence[str] = (
    *"bcdfghjklmnprstvwyz" * 2,
    *("ch", "sh", "th", "br", "dr", "gr", "pr", "tr", "st", "pl", "qu"),
)
_VOWELS: Sequence[str] = (*"aeiou" * 3, "ea", "ai", "io", "ou", "ee")
_CODAS: Sequence[str] = (*("",) * 9, "n", "r", "l", "s", "t", "m", "nd", "st")
_ENDINGS = ("", "", "", "s", "s", "ing", "ed", "er", "ers", "ly", "ation", "ness", "al", "ity", "e")
_ACCENTS = str.maketrans("aeiou", "äéíöü")
# Syllables and letters from which words of other scripts are put together.
SCRIPTS = {
    "ja": (
        "ロボットカメラデータモデル開発研究社会計画新技術発表"
        "東京都日本語市場車電気力の学習画像人工知能検索"
    ),
    "zh": (
        "人工智能机器学习数据模型新闻公司研究发布技术中国市场"
        "电动汽车经济政府城市能源安全网络手机图像语言"
    ),
    "ko": (
        "인공지능로봇데이터모델개발연구사회계획기술발표"
        "서울한국시장자동차전기학습이미지검색뉴스정부도시"
    ),
    "th": "กขคงจฉชซญดตถทธนบปผพภมยรลวสหอ",
    "ru": "абвгдежзиклмнопрстуфхцчшыьэюя",
}
_SPACED = {"ko", "ru"}


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Things of which the n-th is 1/n as frequent as the first, or rarer after many."""

    items: Sequence[str]
    weights: Sequence[float]
    ranks: Mapping[str, int]

    @classmethod
    def of(cls, items: Sequence[str]) -> "Frequencies":
        """The items, the most frequent first."""
        weights = list(accumulate(map(_frequency, range(1, len(items) + 1))))
        return cls(items, weights, {item: rank for rank, item in enumerate(items)})

    def draw(self, chance: Random, count: int) -> list[str]:
        """Items by frequency."""
        return chance.choices(self.items, cum_weights=self.weights, k=count)


def _frequency(rank: int) -> float:
    return 1 / rank if rank <= WELL_KNOWN else WELL_KNOWN / rank**2


def make_words(chance: Random, count: int = VOCABULARY) -> Frequencies:
    """English function words, and invented words, of which frequent ones are short."""
    words = dict.fromkeys(_FUNCTION_WORDS)
    while len(words) < count:
        rank = len(words)
        shortest, longest = (1, 2) if rank < 2000 else (2, 3)
        word = "".join(_syllable(chance) for _ in range(chance.randint(shortest, longest)))
        word += chance.choice(_ENDINGS)
        if chance.random() < 0.02:
            word = word.translate(_ACCENTS)
        if len(word) > 2:
            words[word] = None
        if rank % _TECHNICAL_RANKS == 0 and rank // _TECHNICAL_RANKS <= len(_TECHNICAL):
            words[_TECHNICAL[rank // _TECHNICAL_RANKS - 1]] = None
    return Frequencies.of(list(words))


def make_names(chance: Random, count: int = NAMES) -> Frequencies:
    """Names of people, places and companies: one or two capitalised words."""
    parts = [
        (_syllable(chance) + _syllable(chance) + chance.choice(("", "n", "a", "son", "is"))).title()
        for _ in range(max(10, count // 4))
    ]
    names: dict[str, None] = {}
    while len(names) < count:
        names[" ".join(chance.choices(parts, k=chance.choice((1, 2, 2))))] = None
    return Frequencies.of(list(names))


def make_script_words(
    chance: Random, language: str, count: int = OTHER_SCRIPT_WORDS
) -> Frequencies:
    """Words of another script than Latin, of the lengths that its words have."""
    letters = SCRIPTS[language]
    shortest, longest = (2, 4) if language in {"ja", "zh", "ko"} else (3, 9)
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(chance.choices(letters, k=chance.randint(shortest, longest)))] = None
    return Frequencies.of(list(words))


def joined(words: Sequence[str], language: str) -> str:
    """A text of these words, with spaces if the language puts spaces between words."""
    separator = " " if language not in SCRIPTS or language in _SPACED else ""
    return separator.join(words)


def _syllable(chance: Random) -> str:
    return chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS)
