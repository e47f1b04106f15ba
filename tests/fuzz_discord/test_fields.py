"""The fields of payloads, and how they are spoiled."""

import json

import pytest

from tests.fuzz_discord.coverage import Input
from tests.fuzz_discord.fields import CHANGES, changes_of, field_name, places, spoil

PAYLOAD = {"op": 0, "d": {"guilds": [{"id": "10"}, {"id": "11"}], "config": {"0": {}}}}


def test_fields_have_no_indexes_and_numbers() -> None:
    """Elements of a list are the same field, and so are keys that are ids."""
    names = dict.fromkeys(map(field_name, places(PAYLOAD)))
    assert list(names) == [
        "",
        "op",
        "d",
        "d.guilds",
        "d.guilds[]",
        "d.guilds[].id",
        "d.config",
        "d.config.{}",
    ]


def test_a_missing_field_is_left_out() -> None:
    spoiled = json.loads(spoil(PAYLOAD, ("d", "guilds", 1, "id"), "missing"))
    assert spoiled["d"]["guilds"] == [{"id": "10"}, {}]
    assert PAYLOAD["d"] != spoiled["d"]


@pytest.mark.parametrize("place", list(places(PAYLOAD)), ids=field_name)
def test_every_change_changes_the_payload(place: tuple[str | int, ...]) -> None:
    """Each is JSON, except of a whole payload, and except those that are too deep."""
    for change in changes_of(field_name(place)):
        sent = spoil(PAYLOAD, place, change)
        assert sent != json.dumps(PAYLOAD).encode()
        if change in CHANGES and change != "deep":
            json.loads(sent)


def test_an_input_is_read_as_it_is_written() -> None:
    given = Input("GET /channels/{channel_id}/messages", "[].embeds[].title", "null")
    assert Input.parse(str(given)) == given
    assert Input.parse("READY::not JSON") == Input("READY", "", "not JSON")
    with pytest.raises(ValueError, match="is not name:field:change"):
        Input.parse("READY")
