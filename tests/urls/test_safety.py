import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.normalise import normalise_address
from bot.urls.safety import (
    MAX_LENGTH,
    embeddable_url,
    parse_web_address,
    problem_with_web_address,
    safe_url,
)
from tests.discordapp.rendering.limits import addresses, check_url


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example/story?id=1#top",
        "HTTP://News.Example",
        "http://news.example:8080/a(b)_|{c}'s",
        "https://bücher.example/straße",
        "https://例え.example/",
        "http://192.0.2.1/",
        "http://[2001:db8::1]:8080/x",
        "https://r3---sn_x.cdn.example./x",
        f"https://news.example/{'a' * 2027}",
    ],
)
def test_safe_addresses_are_unchanged(address: str) -> None:
    assert parse_web_address(f" {address}\n") == address
    assert normalise_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "news.example/story",
        "//news.example/",
        "ftp://news.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:news.example",
        "https://",
        "https:///x",
        "https://user@news.example/",
        "https://user:secret@news.example/",
        "https://news.example\\@evil.example/",
        "https://xn--\u0131.example/",
        "https://" + "\u0131" * 63 + ".example/",
        "https://" + "\u0131." * 60 + "x/",
        "http\u017f://news.example/",
        "https://news.example/a b",
        "https://news.example/a\nb",
        "https://news.example/a\x00b",
        "https://news.example/\u202eb",
        "https://news.example/\u200bb",
        "https://news.example/<b>",
        'https://news.example/"',
        "https://news.example/\ud800",
        "https://news..example/",
        "https://.example/",
        "https://news.example:65536/",
        "https://news.example:/x:y@z:",
        "https://news.example:port/",
        "https://news%2eexample/",
        "https://a\u2100b.example/",
        "https://[::1",
        "https://[zz]/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 150}example/",
        f"https://{'ä' * 300}.example/",
        f"https://news.example/{'a' * 2048}",
    ],
)
def test_unsafe_addresses_are_rejected(address: str) -> None:
    """Only http and https addresses with a host and without hidden parts are safe."""
    assert parse_web_address(address) is None


@pytest.mark.parametrize(
    "address",
    [
        *("", "news.example", "ftp://a.example/", "file:///etc/passwd", "//a.example/", "https://"),
        *("https:///feed", "https://a.example:99999/", "http://[::1", "https://a b.example/"),
        *("https://a.example/\n", "https://me:secret@a.example/", "https://token@a.example/"),
        *("https://@a.example/", "https://a.example/" + "x" * 3000, "javascript:alert(1)"),
        *("https://[v1.x]@/", "http://[]@/", "https://" + "a" * 64 + ".example/"),
    ],
)
def test_other_than_web_addresses_are_rejected(address: str) -> None:
    """They must be http or https, with a host, without passwords or invisible characters."""
    problem = problem_with_web_address(address)
    assert problem is not None
    assert "secret" not in problem


@pytest.mark.parametrize(
    "address",
    ["https://a.example/feed.xml?a=b#c", "http://münchen.example", "https://[2606:4700::1]:8443/x"],
)
def test_web_addresses_are_accepted(address: str) -> None:
    """They may have ports, queries and names in any script."""
    assert problem_with_web_address(address) is None


@given(addresses, st.integers(10, 2048))
def test_safe_url_is_a_plain_web_address_or_none(url: str, limit: int) -> None:
    """The result is complete, within the limit and without markup."""
    if (safe := safe_url(url, limit)) is not None:
        check_url(safe, limit)
        assert safe_url(safe, limit) == safe


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1&z=%20#f", "https://a.example/x?y=1&z=%20#f"),
        ("https://a.example/a_(b) c", "https://a.example/a_%28b%29%20c"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://my_straße.example/", "https://xn--my_strae-wya.example/"),
        ("https://a_b.example/a_b", "https://a_b.example/a_b"),
        ("https://a.example./x", "https://a.example/x"),
        ("HTTP://A.example:8080", "http://a.example:8080"),
        ("https://a.example/\n**x**", "https://a.example/%2A%2Ax%2A%2A"),
    ],
)
def test_special_characters_are_percent_encoded(url: str, safe: str) -> None:
    """The address keeps its meaning and can't end or change a link."""
    assert safe_url(url) == safe


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "discord://-/channels/1",
        "https://bank.example@evil.example/",
        "https://evil.example\\@bank.example/",
        "https://",
        "https:///x",
        "https://localhost/",
        "https://a..example/",
        "https://a.example:port/",
        "https://a.example:99999/",
        "https://[::1",
        "https://a.example/\ud800",
        "",
        "no address",
    ],
)
def test_safe_url_rejects_unsafe_addresses(url: str) -> None:
    """They have other schemes, disguised users or broken hosts."""
    assert safe_url(url) is None


CYRILLIC = "https://a.example/" + "новости/" * 20
CHINESE = "https://a.example/?q=" + "新聞" * 60
ENCODED = safe_url(CHINESE) or ""


def test_letters_are_decoded_where_there_is_no_room() -> None:
    """A percent-encoded letter of another script takes six or nine characters."""
    for url in (CYRILLIC, CHINESE, ENCODED):
        encoded = safe_url(url)
        assert encoded is not None
        assert encoded.isascii()
        assert safe_url(url, len(encoded)) == encoded
        assert safe_url(url, len(encoded) - 1) == (CHINESE if url == ENCODED else url)
        assert normalise_address(encoded) == normalise_address(url)
    assert safe_url(CHINESE, len(CHINESE)) == CHINESE
    assert safe_url(CHINESE, len(CHINESE) - 1) is None


@pytest.mark.parametrize(
    "part",
    [
        *("%20", "%2F", "%28", "%5D", "%E3%80%80", "%E2%80%AE", "%E2%A0%80", "%E3%85%A4"),
        *("%C2%A0", "%FF%FE", "%D0", "%F0%9F%98%80", "%F0%A0%80%80", "%00", "%22", "%7C"),
    ],
)
def test_only_letters_are_decoded(part: str) -> None:
    """Spaces, symbols, invisible characters, markup and bytes without a meaning stay encoded."""
    url = f"https://a.example/{part}/{'字' * 10}/{part}"
    assert safe_url(url, 60) == url


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.integers(20, 400))
def test_a_shortened_address_is_the_same_page(text: str, limit: int) -> None:
    """Nothing is cut off, and nothing that could be markup is decoded."""
    url = f"https://a.example/{text}"
    shortened = safe_url(url, limit)
    if shortened is not None:
        assert len(shortened) <= limit
        assert safe_url(shortened) == safe_url(url)
        check_url(shortened, limit)


def test_encoded_address_beyond_the_limit_is_read() -> None:
    """Its letters are decoded; an address that is too long otherwise is refused."""
    url = "https://a.example/" + "%E6%96%B0" * 400
    assert len(url) > MAX_LENGTH
    assert parse_web_address(url) == "https://a.example/" + "新" * 400
    assert parse_web_address("https://a.example/" + "%20" * 1000) is None
    assert parse_web_address("https://a.example/" + "%E6%96%B0" * 2048) is None


@pytest.mark.parametrize(
    "url",
    [
        *("https://a_b.example/", "https://_.example/", "https://a.b_c.example:80/x"),
        *("https://ä_b.example/", "https://-a.example/", "https://a-.example/"),
    ],
)
def test_hosts_that_discord_refuses_are_for_texts_only(url: str) -> None:
    """DNS allows them, and browsers open them."""
    assert safe_url(url) is not None
    assert embeddable_url(url) is None


@pytest.mark.parametrize(
    "url",
    [
        *("https://a-b.example/c_d?e_f=1#g_h", "http://192.0.2.1:80/", "https://straße.example/"),
        *("https://my-straße.example", CYRILLIC, CHINESE),
    ],
)
def test_other_addresses_are_for_all_fields(url: str) -> None:
    """They are percent-encoded there: Discord's API description has no other addresses."""
    encoded = safe_url(url) or ""
    assert embeddable_url(url) == encoded
    assert embeddable_url(url, len(encoded) - 1) is None
