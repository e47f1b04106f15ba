import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.tracking import without_session


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/x;jsessionid=0A?id=1#top", "https://a.example/x?id=1#top"),
        ("https://a.example/x?PHPSESSID=1", "https://a.example/x"),
        ("https://a.example/x?b=1&PHPSESSID=1&a=2#c", "https://a.example/x?b=1&a=2#c"),
        (f"https://a.example/x?sid={'0a' * 16}&f=1", "https://a.example/x?f=1"),
        ("https://a.example/(S(lit3py55t21z5v55vlm25s55))/x.aspx", "https://a.example/x.aspx"),
        ("https://a.example/x?CFID=1&CFTOKEN=2", "https://a.example/x"),
    ],
)
def test_session_is_removed(address: str, expected: str) -> None:
    assert without_session(address) == expected


@given(st.lists(st.sampled_from([*"a=&?#/;(1", "id=", "utm_source=rss"])).map("".join))
def test_all_but_sessions_is_kept(rest: str) -> None:
    """The order of the parameters, empty ones, and the part after #."""
    address = f"https://a.example/{rest}"
    assert without_session(address) == address
