import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.browser import join_address
from bot.urls.safety import MAX_LENGTH, parse_web_address
from tests.discordapp.rendering.limits import addresses

PAGE = "https://blog.example/2026/post/"
# What addresses are made of, and what breaks them.
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("http", "HTTPS", "javascript", "data", ":", "/", "//", "\\", "?", "#", "&", "="),
                *(".", "..", "@", "%", "%2e", "%zz", "[", "]", "::1", "`", '"', "'", "<", "|", ";"),
                *(" ", "\t", "\r\n", "\x00", "\x7f", "\xa0", "\xad", "\u200b", "\u202e", "\ufeff"),
                *("\ud800", "\U000e0001", "example", "xn--", "é", "例え", "😀", "ß", "80", "1.2.3"),
            ]
        ),
        st.text(max_size=5),
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("wheels.png", "https://blog.example/2026/post/wheels.png"),
        ("./a/../b", "https://blog.example/2026/post/b"),
        ("../../../x", "https://blog.example/x"),
        ("/2026/11/comet", "https://blog.example/2026/11/comet"),
        ("//img.example/p.png", "https://img.example/p.png"),
        ("?page=2", "https://blog.example/2026/post/?page=2"),
        ("#top", "https://blog.example/2026/post/#top"),
        ("http://other.example/x#y", "http://other.example/x#y"),
        ("HTTPS://Other.Example/X", "https://other.example/X"),
        ("https://other.example", "https://other.example/"),
        ("https://other.example:443/x", "https://other.example/x"),
        ("https://other.example:8443/x", "https://other.example:8443/x"),
        ("https://other.example:/x", "https://other.example/x"),
        ("https://[2001:DB8::0:1]/x", "https://[2001:db8::1]/x"),
        # A scheme without slashes: another one is complete, the page's own is relative.
        ("http:/other.example/x", "http://other.example/x"),
        ("http:other.example/x", "http://other.example/x"),
        ("https:x", "https://blog.example/2026/post/x"),
        ("https:///other.example/x", "https://other.example/x"),
        (r"https:\\other.example\x", "https://other.example/x"),
        (r"\\other.example\x", "https://other.example/x"),
        (r"a\b.jpg", "https://blog.example/2026/post/a/b.jpg"),
        (r"https://l.example\@evil.example", "https://l.example/@evil.example"),
    ],
)
def test_addresses_are_resolved_as_browsers_do(address: str, expected: str) -> None:
    assert join_address(PAGE, address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://l.example/My Photo 1.jpg", "https://l.example/My%20Photo%201.jpg"),
        ("https://l.example/My%20Photo 1%.jpg", "https://l.example/My%20Photo%201%.jpg"),
        ("//www.x.example/100/Tax Crackdown", "https://www.x.example/100/Tax%20Crackdown"),
        ("a b.png?c d=e f#g h", "https://blog.example/2026/post/a%20b.png?c%20d=e%20f#g%20h"),
        ('/say "hi".png?q="x"', "https://blog.example/say%20%22hi%22.png?q=%22x%22"),
        ("/it's?q=it's", "https://blog.example/it's?q=it%27s"),
        ("/a<b>{c}^d`e|f", "https://blog.example/a%3Cb%3E%7Bc%7D%5Ed%60e|f"),
        ("/x?a\\b`c#d\\e`f", "https://blog.example/x?a%5Cb%60c#d%5Ce%60f"),
        (
            "/straße/日本?q=é#ü",
            "https://blog.example/stra%C3%9Fe/%E6%97%A5%E6%9C%AC?q=%C3%A9#%C3%BC",
        ),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://BÜCHER.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("\n\t https://l.example/x \r\n", "https://l.example/x"),
        ("\xa0\ufeffhttps://l.example/x\u200b", "https://l.example/x"),
        ("https://l.example/a\r\n\t  b", "https://l.example/a%20%20b"),
        ("ht\ntps://l.exam\tple/x", "https://l.example/x"),
        ("/a\u202eb\u200bc\xadd", "https://blog.example/a%E2%80%AEb%E2%80%8Bc%C2%ADd"),
        ("/\ud83d\ude00\ud800", "https://blog.example/%F0%9F%98%80%EF%BF%BD"),
        ("https://%65xample.example/", "https://example.example/"),
    ],
)
def test_addresses_are_repaired_as_browsers_do(address: str, expected: str) -> None:
    assert join_address(PAGE, address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        " \n\u200b",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:image/png;base64,iVBORw0KGgo=",
        "mailto:desk@news.example",
        "tag:news.example,2026:1",
        "urn:uuid:1",
        "about:blank",
        "file:///etc/passwd",
        "ftp://news.example/",
        "https://",
        "https://user@news.example/",
        "https://user:secret@news.example/",
        "https://bank.example%40evil.example/",
        "https://news .example/",
        "https://news.example:65536/",
        "https://news..example/",
        "https://[::1",
        "https://[zz]/",
        "https://1.2.3.256/",
        f"/{'a' * MAX_LENGTH}",
        f"/{'é' * 9 * MAX_LENGTH}",
    ],
)
def test_what_is_no_web_address_is_dropped(address: str) -> None:
    assert join_address(PAGE, address) == ""


@pytest.mark.parametrize("base", ["", " ", "news", "/news", "urn:x:feed", "https://", "https://[x"])
def test_a_broken_base_is_ignored(base: str) -> None:
    """Only what depends on it is lost."""
    assert join_address(base, "https://l.example/a b") == "https://l.example/a%20b"
    assert join_address(base, "/a b") == ""


@pytest.mark.parametrize("base", ["ftp://l.example/", "file:///x/", "data:text/html,x"])
def test_no_address_on_other_schemes(base: str) -> None:
    """Only http and https lead anywhere."""
    assert join_address(base, "a") == ""


def test_letters_of_a_long_address_are_not_encoded() -> None:
    """Encoded they would exceed the limit of Discord."""
    long = f"https://l.example/{'é' * 1000}/a b"
    assert join_address("", long) == f"https://l.example/{'é' * 1000}/a%20b"


@given(PIECES | st.text() | addresses, PIECES | st.text() | addresses | st.just(PAGE))
def test_a_joined_address_is_safe_and_final(address: str, base: str) -> None:
    """Nothing raises; joining the result again changes nothing, whatever the base."""
    joined = join_address(base, address)
    assert joined == "" or parse_web_address(joined) == joined
    assert join_address(base, joined) == joined
    assert join_address("", joined) == joined


@given(PIECES)
def test_white_space_around_an_address_does_not_matter(address: str) -> None:
    assert join_address(PAGE, f"\n  {address}\t") == join_address(PAGE, address)
