"""Removes what publishing systems add to the text of every entry. Pure.

Only whole phrases at the end of a text are removed, so that what an author wrote stays.
"""

import re

# Longer than any of the additions; only this much of the end of a text is looked at.
_MAX_TAIL = 1_000
_MAX_ADDITIONS = 5
_MAX_SITE = 250

# "The post <title> appeared first on <site>", which WordPress sites add, in their languages: what
# only this sentence contains, and how it begins.
_APPEARED_FIRST = (
    ("appeared first on", "The post|The article"),
    ("first appeared on", "The post|The article"),
    ("erschien zuerst auf", "Der Beitrag|Der Artikel"),
    ("est apparu en premier sur", "L['’]article|Cet article|Le post"),
    ("se publicó primero en", "La entrada|El artículo|El post"),
    ("aparece primero en", "La entrada|El artículo|El post"),
    ("apareció primero en", "La entrada|El artículo|El post"),
    ("proviene da", "L['’]articolo"),
    ("sembra essere il primo su", "L['’]articolo"),
    ("apareceu primeiro em", "O post|O conteúdo|O artigo"),
    ("aparece primeiro em", "O post|O conteúdo|O artigo"),
    ("verscheen eerst op", "Het bericht|Het artikel"),
    ("pochodzi z serwisu", "Artykuł|Post|Wpis"),
    ("pojawił się poraz pierwszy", "Artykuł|Post|Wpis"),
    ("pojawił się po raz pierwszy", "Artykuł|Post|Wpis"),
    ("dök först upp på", "Inlägget"),
    ("blev først udgivet på", "Indlægget|Artiklen"),
    ("blev vist første gang på", "Indlægget|Artiklen"),
    ("dukket først opp på", "Innlegget"),
    ("julkaistiin ensimmäisen kerran", "Artikkeli"),
    ("впервые появилась", "Запись|Сообщение"),
    ("появились сначала на", "Запись|Сообщение"),
    ("появилась сначала на", "Запись|Сообщение"),
    ("з'явився на", "Запис|Допис"),
    ("pochází z", "Příspěvek|Článek"),
    ("se nejdříve objevil na", "Příspěvek|Článek"),
    ("apare prima dată", "Articolul|Postarea"),
    ("bejegyzés először", "A"),
    ("ha aparegut primer a", "La entrada"),
    ("muncul pertama kali", "Pos|Artikel|Postingan"),
    ("xuất hiện đầu tiên", "Bài viết"),
    ("に最初に表示されました", "投稿"),
    ("yazısı ilk önce", ""),
    ("最先出现在", ""),
    ("最早出現於", ""),
    ("게시물이", ""),
)
# Of these, what authors write, too: the sentence has to name the title.
_NATURAL = frozenset({"first appeared on", "proviene da", "з'явився на", "pochází z"})
_READ_MORE = (
    *("read more", "read on", "keep reading", "continue reading", "read the rest", "read it all"),
    *(
        f"read {the}{what}"
        for the in ("", "the ", "full ", "the full ", "the rest of the ", "the whole ")
        for what in ("article", "entry", "post", "story", "topic")
    ),
    *("weiterlesen", "weiter lesen", "mehr lesen", "zum artikel", "ganzen artikel lesen"),
    *("lire la suite", "lire plus", "continuer la lecture", "lire l’article", "lire l'article"),
    *("leer más", "seguir leyendo", "sigue leyendo", "continuar leyendo", "leer el artículo"),
    *("leggi tutto", "continua a leggere", "continua la lettura", "leggi l'articolo"),
    *("leia mais", "ler mais", "continue lendo", "continue a ler", "continuar a ler"),
    *("lees meer", "lees verder", "verder lezen", "läs mer", "fortsätt läsa", "les mer"),
    *("fortsett å lese", "læs mere", "fortsæt med at læse", "lue lisää", "czytaj dalej"),
    *("czytaj więcej", "číst dále", "číst více", "čítať ďalej", "citește mai mult"),
    *("tovább olvasom", "читать далее", "читать дальше", "читать полностью", "читати далі"),
    *("devamını oku", "okumaya devam et", "続きを読む", "もっと読む", "阅读全文", "继续阅读"),
    *("阅读更多", "閱讀全文", "繼續閱讀", "閱讀更多", "더 보기", "계속 읽기", "đọc thêm"),
    *("baca selengkapnya", "اقرأ المزيد", "قراءة المزيد", "ادامه مطلب", "קרא עוד"),
)
# Those that a title or the name of the site may follow.
_CONTINUE_WITH = (
    *("continue reading", "keep reading", "read more", "weiterlesen", "lire la suite"),
    *("continuer la lecture", "seguir leyendo", "sigue leyendo", "continuar leyendo", "leer más"),
    *("continua a leggere", "continua la lettura", "leggi tutto", "continue lendo", "lees verder"),
    *("lees meer", "fortsätt läsa", "fortsett å lese", "czytaj dalej", "читать далее"),
)
_AROUND_READ_MORE = " \u00a0→»›>⇒➔…."
_ENDS_A_SENTENCE = frozenset(".!?…‽。！？:;)]}>\"'”’»→|-–—•·([")
_QUOTED = re.compile(r"[“”\"'‘’«„「『‹].*[“”\"'‘’»」』›]", re.DOTALL)
_ON_A_SITE = re.compile(r"(?:on|at|auf|sur|en|su|em|op|på|bei) .{1,60}[»→›]", re.DOTALL)
_CUT = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\))\s*\Z")

_SHARE = (
    r"Share this|Like this|Like Loading|Loading|Like|Email this|Email|Print|Tweet(?: this)?"
    r"|(?:Share|Click to share|Save|Post) (?:on|to|by) [\w.]{1,20}(?: \(Opens in new window\))?"
    r"|Digg This!?|Stumble It!?|Add to del\.icio\.us|Email to a friend|View comments|Related"
    r"|Facebook|Twitter|X|LinkedIn|Reddit|Pinterest|Tumblr|WhatsApp|Telegram|Pocket|Mastodon"
    r"|Bluesky|Threads|More|Subscribe to this feed|Sphere: Related Content"
)
_MEDIUM = "was originally published in"
# What only such an addition contains, in lower case, and the whole addition.
_ADDITIONS = tuple(
    (marker, re.compile(rf"(?:(?<=\s)|(?<=[.!?…\]])|\A){pattern}\s*\Z", re.IGNORECASE | re.DOTALL))
    for marker, pattern in (
        # Reddit
        (
            "submitted by",
            r"submitted by\s+(?:/?u/\S+|\[deleted\])(?:\s+to\s+/?(?:r|u)/\S+)?"
            r"(?:\s*\[(?:link|comments|\d+ comments?)\])*",
        ),
        # Hacker News by hnrss
        (
            "comments url:",
            r"(?:Article URL:\s*\S+\s*)?Comments URL:\s*\S+(?:\s*Points:\s*\d+)?"
            r"(?:\s*#\s*Comments:\s*\d+)?",
        ),
        # Discourse
        ("participant", r"\d+ posts? [-–] \d+ participants?(?: Read full topic)?"),
        ("participants:", r"Posts: \d+ Participants: \d+(?: Read full topic)?"),
        # Lobsters, after a text
        ("comments", r"(?<=[.!?…)”\"]\s)(?-i:Comments)"),
        # Bluesky
        ("[contains quote post", r"\[contains quote post or other embedded content\]"),
        # Sharing buttons of WordPress and FeedBurner
        ("share this:", rf"Share this:(?:\s*(?:{_SHARE})[\s:.•|·…]*)*"),
        ("like this:", rf"Like this:(?:\s*(?:{_SHARE})[\s:.•|·…]*)*"),
        ("email this", rf"Email this(?:[\s:.•|·…]*(?:{_SHARE}))+[\s•|·]*"),
        (
            _MEDIUM,
            r"was originally published in .{1,200}? on Medium, where people are continuing the"
            r" conversation by highlighting and responding to this story\.?",
        ),
    )
)
# What precedes an abstract of arXiv, and a post of Lemmy.
_BEFORE = re.compile(
    r"arXiv:\S{1,30} Announce Type: \S{1,30} Abstract: "
    r"|submitted by \S{1,100} to \S{1,100} -?\d+ points? \| \d+ comments?(?: https?://\S+)?"
)
# Texts that are nothing but a link.
_ONLY_LINKS = frozenset({"comments", "[link]", "[comments]", "[link] [comments]", "permalink", "…"})


def remove_provider(title: str, provider: str) -> str:
    """Return the title without the name of the site that collecting feeds add to it."""
    for separator in (" - ", " – ", " — ", " | ", " · "):
        if provider and len(title) > len(separator + provider):
            title = title.removesuffix(separator + provider)
    return title


def remove_boilerplate(text: str, title: str = "", provider: str = "") -> str:
    """Return the text of an entry (on one line) without such additions.

    It is empty if nothing else is left, or only the title and the provider again.
    """
    for _ in range(_MAX_ADDITIONS):
        head, tail = text[:-_MAX_TAIL], text[-_MAX_TAIL:]
        shorter = _without_addition(tail, title)
        if shorter == tail:
            break
        text = head + shorter
    if before := _BEFORE.match(text):
        text = text[before.end() :]
    if text.rstrip().endswith(("]", ")")):
        text = _CUT.sub("…", text)
    text = text.strip()
    folded = text.casefold()
    # Aggregators list the title and the provider, and those of other articles.
    is_listing = bool(provider) and folded.startswith(f"{title} {provider}".casefold())
    is_repeated = is_listing or folded == title.casefold()
    return "" if folded in _ONLY_LINKS or is_repeated else text


def _without_addition(text: str, title: str) -> str:
    folded = text.lower()
    for marker, pattern in _ADDITIONS:
        if marker in folded and (found := pattern.search(text)):
            before = text[: found.start()].rstrip()
            # Medium's sentence begins with the title.
            return before.removesuffix(title).rstrip() if marker == _MEDIUM else before
    for marker, beginnings in _APPEARED_FIRST:
        if marker in folded:
            text = _without_first_appearance(text, title, marker, beginnings)
    return _without_read_more(text, title)


def _without_first_appearance(text: str, title: str, marker: str, beginnings: str) -> str:
    """Remove "The post … appeared first on …" at the end of a text."""
    *_, found = re.finditer(re.escape(marker), text, re.IGNORECASE)
    before, site = text[: found.start()].rstrip(), text[found.end() :]
    if len(site) > _MAX_SITE:
        return text
    named = before.endswith((title, f"{title}”", f'{title}"')) if title else False
    if not beginnings:
        return before.removesuffix(title).rstrip() if named else text
    limit = len(before) - (len(title) if named else 0)
    starts = [*re.finditer(rf"(?<!\w)(?:{beginnings})", before[:limit])]
    if not starts:
        return text
    # Nor does a sentence about anything else go if it is all there is.
    must_name_title = marker in _NATURAL or not before[: starts[-1].start()].strip()
    if must_name_title and not _name_same(before[starts[-1].end() :], title):
        return text
    return text[: starts[-1].start()].rstrip()


def _name_same(text: str, title: str) -> bool:
    """Whether one of two names contains the other, ignoring punctuation."""
    names = ["".join(filter(str.isalnum, name.casefold())) for name in (text, title)]
    return all(names) and (names[0] in names[1] or names[1] in names[0])


def _without_read_more(text: str, title: str) -> str:
    """Remove "Read more", also with the title or the site: "Continue reading on …"."""
    trimmed = text.rstrip(_AROUND_READ_MORE + ")]")
    has_arrow = not text[len(trimmed) :].isspace() and bool(set(text[len(trimmed) :]) - set(" ."))
    folded = trimmed.lower()
    if len(folded) != len(trimmed):  # the positions differ
        return text
    for phrase in _READ_MORE if folded.endswith(_READ_MORE) else _CONTINUE_WITH:
        at = folded.rfind(phrase)
        if at < 0:
            continue
        before, phrase_there = trimmed[:at].rstrip(" ([<\u00a0"), trimmed[at]
        rest = trimmed[at + len(phrase) :].strip(" :\u00a0")
        names_page = rest and (
            rest.casefold() == title.casefold()
            or _QUOTED.fullmatch(rest)
            or _ON_A_SITE.fullmatch(text[at + len(phrase) :].strip())
        )
        follows_sentence = not before or before[-1] in _ENDS_A_SENTENCE
        is_phrase = follows_sentence or (has_arrow and not phrase_there.islower())
        if (names_page or not rest) and is_phrase:
            return before.rstrip("→»›> |•·")
    return text
