"""The table of options."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.subscriptions.options import (
    OPTIONS,
    SWITCHES,
    change_options,
    impossible_option,
    read_command,
    values_of,
)
from storage.models import DeliveryOptions, Rules, Style, SubscriptionSpec
from tests.discordapp.subscriptions.strategies import deliveries, wanted_rules

PLAIN = SubscriptionSpec(20)
specs = st.builds(
    SubscriptionSpec,
    st.integers(1, 2**32 - 1),
    wanted_rules,
    st.none() | st.integers(1, 1000),
    deliveries,
)


@given(specs)
def test_the_values_of_a_spec_make_the_same_spec(spec: SubscriptionSpec) -> None:
    """They replace all options of the specification that they are applied to."""
    assert change_options(PLAIN, values_of(spec)) == spec
    assert change_options(spec, {}) == spec


def test_every_field_of_a_spec_is_an_option() -> None:
    """Without an option, a field could never be set."""
    named = {option.name for option in OPTIONS}
    delivery = {each.name for each in fields(DeliveryOptions)} - {"digest", "style"}
    style = {each.name for each in fields(Style)}
    assert {each.name for each in fields(Rules)} | delivery | style <= named
    assert values_of(PLAIN).keys() == named - {"catch_up"}
    switches = {each.name for each in fields(DeliveryOptions) if each.type is bool}
    assert switches == {switch.name for switch in SWITCHES}


@pytest.mark.parametrize("name", [option.command_name for option in OPTIONS])
def test_every_option_is_documented(name: str) -> None:
    """It is on the page for admins: as code, in a table, or in the example of a file."""
    page = (Path(__file__).parents[3] / "docs" / "subscriptions.md").read_text(encoding="utf-8")
    assert re.search(rf"(`|\| |- |  ){name}\b", page)


def test_omitted_options_are_left_out() -> None:
    """They keep their defaults."""
    assert read_command({"topics": None, "kind": None}) == {}
    assert read_command({"silent": False, "topics": "ai, AI"}) == {
        "silent": False,
        "topics": ("ai",),
    }


def test_contradicting_options_are_refused() -> None:
    with pytest.raises(ValueError, match="Choose `mode:weekly`"):
        change_options(PLAIN, {"mode": "daily", "weekday": 3})
    with pytest.raises(ValueError, match="choose a role with `mention:`"):
        read_command({"mention_quality": 80})
    with pytest.raises(ValueError, match="`not_in:` is for other channels"):
        change_options(PLAIN, {"not_in": (21, PLAIN.channel_id)})


@given(specs)
def test_every_possible_specification_passes_the_last_check(spec: SubscriptionSpec) -> None:
    assert impossible_option(spec) is None


@pytest.mark.parametrize(
    ("option", "changes"),
    [
        ("weekday", {"mode": "weekly", "weekday": 99}),
        ("best", {"mode": "daily", "best": 0}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../etc/passwd"}),
        ("timezone", {"timezone": "Europe"}),
        ("min_quality", {"min_quality": -1}),
        ("min_heat", {"min_heat": 10**30}),
        ("max_per_hour", {"max_per_hour": 0}),
        ("topics", {"topics": tuple(map(str, range(26)))}),
        ("words", {"words": ("x" * 101,)}),
        ("providers", {"providers": ("",)}),
        ("mention_quality", {"mention": 1, "mention_quality": -1}),
        ("second_mention_quality", {"second_mention": 1, "second_mention_quality": -1}),
        ("colour", {"colour": -1}),
        ("colour", {"colour": 0x1000000}),
        ("footer", {"footer": "x" * 101}),
        ("line", {"line": "x" * 201}),
        ("line", {"line": "{story}"}),
    ],
)
def test_impossible_values_are_never_stored(option: str, changes: dict[str, Any]) -> None:
    """Whatever checked them before, a subscription with such a value is refused."""
    assert impossible_option(change_options(SubscriptionSpec(1), changes)) == option
