"""Compressed contents of documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sqlite.codec import encode_article
from storage.sqlite.packing import MAX_BYTES, pack, unpack
from tests.support.articles import make_article

# Stored by the first version that compresses.
STORED = (
    "78bb593793ef43b08241b956c110c33da02cad975a91980bacb3f40d71451a9a2a1c516868a86b64"
    "1c6268842d22c1457031c4110aa092ba580f25cd19e0cc15ae106b913d8aec1cd46874f4548aad05"
    "003d854f42"
)


@given(st.binary(max_size=5000))
def test_contents_are_unpacked_as_they_were(content: bytes) -> None:
    """Whatever their bytes."""
    assert unpack(pack(content)) == content


def test_contents_of_the_first_version_can_be_read() -> None:
    """The dictionary may never change."""
    assert unpack(bytes.fromhex(STORED)) == encode_article(make_article())


def test_articles_become_smaller() -> None:
    """The keys of the JSON take almost no space."""
    content = encode_article(make_article())
    assert len(pack(content)) < len(content) / 2


def test_each_flipped_bit_is_noticed() -> None:
    """Unless it changes nothing."""
    content = encode_article(make_article())
    packed = pack(content)
    for position in range(8 * len(packed)):
        flipped = bytearray(packed)
        flipped[position // 8] ^= 1 << position % 8
        try:
            assert unpack(bytes(flipped)) == content
        except ValueError:
            continue


@pytest.mark.parametrize("value", [None, 7, "{}", b"", b"{}", pack(b"{}")[:-1], pack(b"{}") + b"x"])
def test_damage_is_a_value_error(value: object) -> None:
    """Other types, texts that are not compressed, and incomplete ones."""
    with pytest.raises(ValueError, match="compress"):
        unpack(value)


def test_damage_can_not_fill_the_memory() -> None:
    """A few kilobytes may become a thousand times as many."""
    assert len(unpack(pack(bytes(MAX_BYTES)))) == MAX_BYTES
    with pytest.raises(ValueError, match="too long"):
        unpack(pack(bytes(MAX_BYTES + 1)))
