"""Feeds in every encoding, with right and wrong declarations."""

import codecs
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.ingest.feed.encoding import decode
from bot.ingest.feed.parser import parse_feed
from bot.ingest.feed.repair import repair_feed

XML = "application/xml"
URL = "https://news.example/feed"


def document(title: str, encoding: str | None = "UTF-8") -> str:
    """Return a feed that declares an encoding, if any."""
    declared = f' encoding="{encoding}"' if encoding else ""
    return (
        f'<?xml version="1.0"{declared}?>\n<rss version="2.0"><channel><title>The Example</title>'
        f"<item><title>{title}</title><link>https://news.example/1</link></item></channel></rss>\n"
    )


def titles(body: bytes, content_type: str = XML) -> list[str]:
    return [entry.title for entry in parse_feed(body, URL, content_type).entries]


@pytest.mark.parametrize(
    "title",
    ["你好世界", "Füße für alle", "Привет, мир", "🙂", "plain", "日本語のニュース", "Übergröße £5"],
)
@pytest.mark.parametrize(
    "declared",
    [
        *("gbk", "iso-8859-1", "utf-16", "utf-16le", "utf-32", "windows-1251", "shift_jis"),
        *("us-ascii", "big5", "euc-kr", "koi8-r", "iso-2022-jp"),
        *("UTF-8", "utf8", "nonsense", "UTF-8; charset"),
    ],
)
def test_valid_utf_8_wins(title: str, declared: str) -> None:
    """XML declaration, Content-Type and byte order mark may declare anything."""
    body = document(title, declared).encode()
    plain = document(title, None).encode()
    for content_type in (XML, "text/xml", "text/html", f"text/xml; charset={declared}", ""):
        assert titles(body, content_type) == [title]
        assert titles(plain, content_type) == [title]
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF8 * 2, b"\xff\xfe", b"\xfe\xff", b"\r\n\xfe\xff"):
        assert titles(mark + body) == [title]
    odd = document(f"{title}.", declared).encode()
    assert titles(odd) == [f"{title}."]


@pytest.mark.parametrize(
    ("encoding", "declared", "title"),
    [
        ("iso2022_jp", "ISO-2022-JP", "日本語のニュース"),
        ("iso2022_jp", None, "日本語"),
        ("iso2022_jp", "UTF-8", "日本語"),
        ("iso2022_kr", "iso-2022-kr", "한국어 뉴스"),
        ("hz", "HZ-GB-2312", "你好世界"),
        ("utf-7", "utf-7", "Füße für alle"),
    ],
)
def test_encodings_in_ascii_are_used_where_declared(
    encoding: str, declared: str | None, title: str
) -> None:
    """Their bytes are also valid UTF-8."""
    body = document(title, declared).encode(encoding)
    assert titles(body) == [title]
    if declared not in {None, "UTF-8"}:
        assert titles(document(title, None).encode(encoding), f"{XML}; charset={declared}") == [
            title
        ]


@pytest.mark.parametrize("declared", ["iso-2022-jp", "hz-gb-2312", "utf-7"])
def test_ascii_that_is_wrongly_declared_is_kept(declared: str) -> None:
    for title in ("Plain text", "Tilde ~ and {braces}", "5 + 7 = 12", "C++ and Q+A"):
        assert titles(document(title, declared).encode()) == [title]


@pytest.mark.parametrize(
    "before",
    [
        *("", "\n", " \r\n\t", "<!-- made by hand -->", "\n<!-- <rss> -->\n", "garbage ", "\ufeff"),
        *("<br />\n<b>Warning</b>: line 5 in <b>a.php</b>\n", '<?xml version="1.0"?>', "\0\0"),
    ],
)
@pytest.mark.parametrize(
    ("encoding", "declared", "title"),
    [
        ("cp1251", "windows-1251", "Привет, мир"),
        ("koi8-r", "KOI8-R", "Привет, мир"),
        ("shift_jis", "Shift_JIS", "日本語のニュース"),
        ("euc-jp", "x-euc-jp", "日本語のニュース"),
        ("gb18030", "gb2312", "你好世界"),
        ("cp949", "ks_c_5601-1987", "한국어 뉴스"),
        ("iso-8859-2", "ISO-8859-2", "Žluťoučký kůň"),
        ("cp1252", "iso-8859-1", "It is “5 €” – really"),
        ("utf-8", "utf-8", "Žluťoučký kůň"),
    ],
)
def test_declaration_may_follow_anything(
    before: str, encoding: str, declared: str, title: str
) -> None:
    """Blank lines, comments, warnings and another declaration are skipped."""
    start = before.encode("utf-8" if "\ufeff" in before else encoding)
    body = start + document(title, declared).encode(encoding)
    assert titles(body) == [title]
    assert titles(body, "text/xml; charset=utf-8") == [title]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("declared", ["utf-16", "UTF-8", "windows-1252", None, "ucs-2"])
def test_wide_encodings_are_recognised(encoding: str, declared: str | None) -> None:
    """With a byte order mark, without, with two, and after a blank line."""
    title = "日本語 und Füße"
    text = document(title, declared)
    for before in ("", "\ufeff", "\ufeff\ufeff", "\n", "\ufeff\n<!-- x -->"):
        assert titles((before + text).encode(encoding)) == [title]
        assert titles((before + text).encode(encoding), "text/xml; charset=iso-8859-1") == [title]
    assert titles(b"\n" + ("\ufeff" + text).encode(encoding)) == [title]
    assert titles(text.encode(encoding) + b"\n") == [title]
    feed = {"items": [{"id": 1, "url": "/1", "title": title}]}
    body = json.dumps(feed, ensure_ascii=False)
    assert titles(body.encode(encoding)) == [title]
    assert titles(f"\ufeff{body}".encode(encoding)) == [title]
    early = f"<rss><channel><title>{'你好世界' * 100}</title><item><title>{title}</title></item>"
    assert titles(early.encode(encoding)) == [title]
    assert titles(f"\ufeff<!--{'你好世界' * 100}-->{early}".encode(encoding)) == [title]


@pytest.mark.parametrize(
    ("encoding", "http", "xml"),
    [
        ("cp1251", "windows-1251", "utf-8"),
        ("cp1251", "utf-8", "windows-1251"),
        ("cp1251", "iso-8859-1", "windows-1251"),
        ("cp1251", "windows-1251", "iso-8859-1"),
        ("cp1251", "koi8-r-nonsense", "cp1251"),
        ("cp1251", "win-1251", None),
        ("cp1251", None, "x-cp1251"),
        ("cp1251", "us-ascii", "Windows-1251;"),
        ("koi8-r", "koi8-r", "windows-1251"),
        ("cp1251", "utf-16", "windows-1251"),
        ("cp1251", '"windows-1251"', None),
        ("iso-8859-5", "shift_jis", "iso-8859-5"),
    ],
)
def test_better_declaration_is_used(encoding: str, http: str | None, xml: str | None) -> None:
    """HTTP's has precedence, unless it is a usual default or impossible."""
    title = "Привет, мир: новости дня"
    body = document(title, xml).encode(encoding)
    assert titles(body, f"text/xml; charset={http}" if http else "text/xml") == [title]


@pytest.mark.parametrize(
    ("encoding", "language", "title"),
    [
        ("cp1251", "<language>ru-RU</language>", "Привет, мир"),
        ("cp1251", "<dc:language> uk</dc:language>", "Добрий день"),
        ("gb18030", "<language>zh-cn</language>", "你好世界"),
        ("big5", "<language>zh-TW</language>", "你好世界"),
        ("cp932", "<language>ja</language>", "日本語のニュース"),
        ("iso-8859-2", "<language>pl</language>", "Żółta łódź"),
        ("cp1252", "<language>de</language>", "Füße für alle"),
        ("cp1252", "", "Füße für alle"),
        ("cp1252", "<language>ja</language>", "Füße"),
    ],
)
def test_undeclared_encoding_follows_the_language(encoding: str, language: str, title: str) -> None:
    """Browsers do the same; but bytes that make no sense in it are Windows-1252."""
    for declared in (None, "UTF-8"):
        body = document(title, declared).replace("<channel>", f"<channel>{language}")
        assert titles(body.encode(encoding)) == [title]
    declared_in_latin = document(title, "iso-8859-1").replace("<channel>", f"<channel>{language}")
    expected = title if encoding != "iso-8859-2" else title.encode(encoding).decode("cp1252")
    assert titles(declared_in_latin.encode(encoding)) == [expected]


def test_any_amount_before_the_feed_is_skipped() -> None:
    """It is looked at once. The parser takes minutes for blank lines, so it does not get them."""
    for before in (b"\n" * 200_000, b"<!--" * 16_000, b"<!-- ->" * 8_000):
        assert titles(before + document("Füße").encode()) == ["Füße"]


def test_declaration_may_be_written_in_any_way() -> None:
    title = "Привет, мир"
    for declaration in (
        "<?xml version='1.0' encoding='windows-1251'?>",
        '<?xml version="1.1" encoding = "windows-1251" standalone="yes" ?>',
        '<?xml encoding="charset=windows-1251"?>',
        "<?XML VERSION=1.0 ENCODING=windows-1251?>",
        '<?xml\n version="2.0"\n encoding="windows-1251"?>',
    ):
        body = document(title).replace(document(title).split("\n")[0], declaration)
        assert titles(body.encode("cp1251")) == [title]
        assert titles(body.encode()) == [title]


@pytest.mark.parametrize(
    ("bytes_", "expected"),
    [
        (b"caf\xc3\xa9 \x93quoted\x94 \x96 dash", "café “quoted” – dash"),
        (b"\xc3\xa9t\xc3\xa9, d\xe9j\xe0", "été, déjà"),
        (b"\xd0\x9f\xd1\x80\xd0\xb8 \xab\xd0\xbc\xbb", "При «м»"),
        (b"\xd0\x9f\xd1\x80\xd0\xb8\xd0", "При\N{REPLACEMENT CHARACTER}"),
        (b"\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8", "你好\N{REPLACEMENT CHARACTER}"),
        (b"\xc3\xa9 \xed\xa0\xbd\xed\xb8\x8a", "é \N{SMILING FACE WITH SMILING EYES}"),
        (b"\xc3\xa9 it\xc2\x92s", "é it\u2019s"),
        (b"a\0b\x08c\x0bd\x1fe\xef\xbf\xbff", "abc d ef"),
        (b"it&#146;s &#x93;5&#x94; &#8;&#x1f;&#xFFFF;ok", "it\u2019s “5” ok"),
    ],
)
def test_stray_bytes_and_characters_are_repaired(bytes_: bytes, expected: str) -> None:
    """The rest of the feed stays as it is."""
    for declared in ("UTF-8", None, "iso-8859-1"):
        body = document("*", declared).encode().replace(b"*", bytes_)
        (title,) = titles(body)
        assert title.split() == expected.split()


def test_one_broken_character_changes_no_encoding() -> None:
    """The declared encoding stays, also if it is one of several bytes."""
    body = (
        document("你好世界这是新闻", "gbk")
        .encode("gbk")
        .replace(b"</title><link>", b"\xff</title><link>")
    )
    assert titles(body)[0].startswith("你好世界这是新闻")


def test_ebcdic_is_read() -> None:
    assert titles(document("Plain", "cp037").encode("cp037")) == ["Plain"]


def test_entities_are_kept() -> None:
    """The DOCTYPE stays, whatever stands before it."""
    body = document("Füße &eszett;").replace(
        "<rss", '<!doctype rss [<!ENTITY eszett "&#223;">]><!-- x --><rss'
    )
    for before in ("\n", "ß<!-- <!DOCTYPE x> -->"):
        assert titles(f"{before}{body}".encode()) == ["Füße ß"]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'\xef\xbb\xbf{"items": [{"id": 1, "title": "F\xc3\xbc\xc3\x9fe"}]}', "application/json"),
        (b'\n {"items": [{"id": 1, "title": "F\xc3\xbc\xc3\x9fe"}]}', "text/json; charset=gbk"),
        (b'{"items": [{"id": 1, "title": "F\xfc\xdfe"}]}', "text/plain; charset=iso-8859-1"),
        (b'{"items": [{"id": 1, "title": "F\xfc\xdfe"}]}', "application/json; charset=utf-8"),
        (b'{"items": [{"id": 1, "title": "F\xc3\xbc\xc3\x9fe", "summary": "a\tb\nc\0"}]}', ""),
    ],
)
def test_json_in_any_encoding_is_read(content: bytes, content_type: str) -> None:
    """Comments are not allowed, though."""
    assert titles(content, content_type) == ["Füße"]
    with pytest.raises(SourceError, match="not valid JSON: line"):
        titles(content.replace(b'"items"', b'/* list */ "items"'), content_type)


@given(
    st.binary(), st.text(), st.sampled_from(["", "<?xml encoding='gbk'?>", "\ufeff", "{", "<rss>"])
)
def test_any_bytes_are_decoded(body: bytes, content_type: str, before: str) -> None:
    """Nothing but `SourceError` is raised, and the result is UTF-8."""
    for start in (before.encode(), before.encode("utf-16")):
        decode(start + body, content_type)
        repair_feed(start + body, content_type).decode()
        with suppress(SourceError):
            parse_feed(start + body, URL, content_type)


letters = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Cn", "Co", "Zs", "Zl", "Zp", "Cf"),
        exclude_characters="<&]>",
    )
)


@given(letters, st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030"]))
def test_well_formed_feed_is_unchanged(title: str, encoding: str) -> None:
    body = document(f"x{title}", encoding)
    repaired = repair_feed(body.encode(encoding), XML).decode()
    assert repaired.partition("<rss")[2] == body.partition("<rss")[2]
