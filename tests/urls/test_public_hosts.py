import pytest

from bot.urls.public_hosts import is_private_literal, is_public

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),  # noqa: S104 - refused
    *("255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:a00:1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "2002:7f00:1::"),
    *("2002:a00:1::1", "2001:db8::1", "::127.0.0.1", "64:ff9b:1::808:808", "fec0::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ranges_are_not_public(address: str) -> None:
    """They are loopback, private, link-local, reserved or multicast, also embedded in IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "0177.0.0.1", "0x7f000001", "0x7f.1", "2130706433", "127.0.0.1.", "127.1."),
        *("1.1", "0x", "example.0x1", "1.2.3.4.5", "256.1.1.1", "127.0.0.1", "::1"),
    ],
)
def test_unusual_forms_of_ipv4_addresses_are_refused(host: str) -> None:
    assert is_private_literal(host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "example.org",
            "example.org.",
            "1.example",
            "0x1.example",
            "a1",
            "x0",
            "",
            ".",
            "1e100.net",
        ),
        *("93.184.216.34", "1.1.1.1", "2606:4700::1111"),
    ],
)
def test_names_and_public_addresses_are_not_refused(host: str) -> None:
    assert not is_private_literal(host)
