import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.hosts import ASCII_HOST, ascii_host, parse_url


@pytest.mark.parametrize(
    ("host", "encoded"),
    [
        ("News.Example", "news.example"),
        ("my_site.example", "my_site.example"),
        ("straße.de", "xn--strae-oqa.de"),
        ("STRASSE.de", "strasse.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("faß❤.de", "xn--fa-hia8550b.de"),
        ("meine_straße.de", "xn--meine_strae-46a.de"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("\uff2e\uff25\uff37\uff33.example", "news.example"),
        ("почта.рф", "xn--80a1acny.xn--p1ai"),
        ("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "xn--mgba3gch31f060k.com"),
        ("i❤.ws", "xn--i-7iq.ws"),
    ],
)
def test_hosts_are_encoded_as_in_browsers(host: str, encoded: str) -> None:
    """IDNA 2008 with the mapping of UTS 46; emoji and underscores are kept."""
    assert ascii_host(host) == encoded
    assert parse_url(f"https://me:x@{host}:8080/ü?q#f").raw_host == encoded


@pytest.mark.parametrize(
    "host",
    [
        "a\u2100b.example",
        "xn--\u0131.example",
        "\u0131" * 64,
        "❤\u200d❤.ws",
        "ä..example",
        "\u00ad",
    ],
)
def test_other_hosts_have_no_ascii_form(host: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ascii_host(host)


@given(st.text(st.one_of(st.sampled_from("aß.-_❤\u200d\u3002"), st.characters()), max_size=12))
def test_encoding_is_idempotent(host: str) -> None:
    try:
        encoded = ascii_host(host)
    except ValueError:
        return
    assert ascii_host(encoded) == encoded
    assert host.isascii() or ASCII_HOST.fullmatch(encoded)


@pytest.mark.parametrize("reference", ["/straße", "straße?ß", "a//ß", "#ß", "?x=https://ß.de/"])
def test_references_without_a_host_are_unchanged(reference: str) -> None:
    """Only the part after `//` at the beginning is a host."""
    assert parse_url("https://a.example/").join(parse_url(reference)).raw_host == "a.example"
