"""A label never looks like another address than the one that it links to."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.address_labels import other_host, without_schemes
from bot.discordapp.markdown import discord_length, masked_link, named_beside_host
from tests.discordapp.rendering.limits import hostile

EVIL = "https://evil.example/x"

LOOKS_LIKE_ANOTHER = [
    "bank.example/login",
    "https://bank.example",
    "HTTPS : // bank.example",
    "bank.example",
    "//bank.example",
    "//localhost/login",
    "https://bank/",
    "bank\u2024example",
    "bank\uff0eexample",
    "bank\u3002example",
    "bank\uff61example",
    "bank\ufe52example",
    "\uff42\uff41\uff4e\uff4b\uff0e\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45",
    "https\uff1a\uff0f\uff0fbank",
    "https:\u2215\u2215bank/",
    "b\u00e4nk.example",
    "b\u0430nk.example",
    "\u0431\u0430\u043d\u043a.\u0440\u0444",
    "xn--bnk-qla.example",
    "ba\u200bnk.exam\u200cple",
    "bank\u2060.\u00adexample",
    "bank.\ufe0fexample",
    "admin@bank.example",
    "https://bank.example@evil.example",
    "discord.gg/x",
    "www.bank.example",
    "Your account: bank.example – sign in",
    "(bank.example)",
    "bank.example:443",
    "evil.example.bank.example",
    "bank.evil.example",
    "93.184.216.34",
    "evil.example and bank.example",
    "bank\ufe12example",
    "bank\u00b7example/login",
    "bank\u22c5example/login",
    "bank\u2022com:443",
    "bank\u0307.example",
    "\u0939\u093f\u0928\u094d\u0926\u0940.com/login",
    "\U0001f4b0.example/login",
]


@pytest.mark.parametrize("label", LOOKS_LIKE_ANOTHER)
def test_the_host_is_shown_beside_another_address(label: str) -> None:
    """That goes for links, and for titles and names that are shown as or beside a link."""
    link = masked_link(label, EVIL, 300)
    assert link.endswith("](https://evil.example/x) (evil.example)")
    assert "//" not in link.partition("](")[0]
    for markup in (True, False):
        assert named_beside_host(label, EVIL, 200, markup=markup).endswith(" (evil.example)")


@pytest.mark.parametrize(
    "label",
    [
        "evil.example/login",
        "https://www.evil.example/x",
        "EVIL.example.",
        "ask@evil.example",
        "evil\u2024example",
        "Rates rise by 3.5 % in the U.S.",
        "Version 1.2.3 is out",
        "He said no... and left",
        "It rains. It pours.",
        "No.1 at 6 p.m.",
        "\u96e8\u3067\u3059\u3002\u6674\u308c\u307e\u3059\u3002",
        "1/2 and/or 3:4",
        "",
    ],
)
def test_a_label_that_misleads_nobody_stays(label: str) -> None:
    """It names the host that it leads to, or none."""
    assert other_host(label, EVIL) is None
    assert "(evil.example)" not in masked_link(label, EVIL, 300)


def test_international_hosts_are_compared_in_their_ascii_form() -> None:
    address = "https://xn--bnk-qla.example/x"
    assert other_host("b\u00e4nk.example", address) is None
    assert other_host("bank.example", address) == "xn--bnk-qla.example"


def test_a_label_that_is_cut_to_an_address_shows_the_host() -> None:
    """What is left may look like the address of another site."""
    link = masked_link("bank.example.evil.example", "https://bank.example.evil.example/", 200, 13)
    assert link.endswith(" (bank.example.evil.example)")


def test_the_end_of_a_long_host_is_shown() -> None:
    """It says who the host belongs to."""
    shown = other_host("bank.example", f"https://{'a.' * 100}evil.example/")
    assert shown is not None
    assert shown.startswith("…")
    assert shown.endswith("a.evil.example")
    assert len(shown) == 60


hosts = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,6}){1,3}", fullmatch=True)
dots = st.sampled_from([".", "\u2024", "\uff0e", ".\u200b", "\u200b.", "\u00ad."])
wrappers = st.sampled_from(["{}", "https://{}", "see {} now", "{}/login", "x@{}", "({})", "//{}"])


@given(hosts, hosts, dots, wrappers)
def test_any_other_host_is_recognised(named: str, target: str, dot: str, wrapper: str) -> None:
    """However it is written; the same host is not another one."""
    found = other_host(wrapper.format(named.replace(".", dot)), f"https://{target}/")
    assert (found is None) == (named.removeprefix("www.") == target.removeprefix("www."))


@given(hostile, st.integers(0, 300), st.integers(1, 120))
def test_links_and_names_stay_within_their_limits(label: str, limit: int, cut: int) -> None:
    for text in (label, f"bank.example {label}", f"https://{label}"):
        assert discord_length(masked_link(text, EVIL, limit, cut)) <= limit
        assert discord_length(named_beside_host(text, EVIL, max(limit, 20))) <= max(limit, 20)


@given(hostile)
def test_without_schemes_has_no_scheme(text: str) -> None:
    assert re.search(r"[a-z]://", without_schemes(f"https://{text} http://x")) is None
