"""The draft of an editor: its JSON, and how choices change it."""

import contextlib
import json
from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.subscriptions.editor.state import (
    EditorState,
    Field,
    Page,
    RejectedInput,
    custom_id,
    from_json,
    mode_value,
    modes,
    read_custom_id,
    read_mode,
    to_json,
)
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Kind,
    Mention,
    QuietHours,
    Rules,
    SubscriptionSpec,
)
from tests.discordapp.rendering.limits import hostile
from tests.discordapp.subscriptions.strategies import deliveries, specs

NEW = EditorState(SubscriptionSpec(20, Rules(min_quality=70), 30), catch_up=3, default_catch_up=3)
# Written by the version that kept what was chosen in `wish`.
WITH_WISH = (
    '{"wish":{"channel_id":20,"rules":{"topics":["AI","Größe"],"min_quality":80,'
    '"without_topics":["Sport"],"providers":[],"min_heat":3,"kinds":["video"],"words":["a, b"],'
    '"without_words":[]},"max_per_hour":null,"delivery":{"timezone":"Asia/Tokyo","digest":'
    '{"days":"weekly","at":"07:30:00","weekday":4,"best":5},"quiet":{"begin":"22:00:00",'
    '"end":"08:00:00"},"mention":{"role_id":77,"min_quality":90},"silent":true,"fold":false},'
    '"catch_up":2},"subscription_id":null,"more":true,"catch_up":3}'
)


@given(
    st.builds(
        EditorState,
        specs,
        st.none() | st.integers(1),
        st.sampled_from(Page),
        st.integers(0, 20),
        st.just(20),
        st.dictionaries(st.text(), st.builds(RejectedInput, st.text(), st.text())),
    )
)
def test_a_draft_survives_its_json(state: EditorState) -> None:
    assert from_json(to_json(state)) == state


def test_a_draft_of_the_previous_version_is_read() -> None:
    """An editor that is open during an update of the bot keeps working."""
    spec = SubscriptionSpec(
        20,
        Rules(
            topics=("AI", "Größe"),
            min_quality=80,
            without_topics=("Sport",),
            min_heat=3,
            kinds=(Kind.VIDEO,),
            words=("a, b",),
        ),
        None,
        DeliveryOptions(
            "Asia/Tokyo",
            Digest(DigestDays.WEEKLY, time(7, 30), weekday=4, best=5),
            QuietHours(time(22), time(8)),
            Mention(77, 90),
            silent=True,
            fold=False,
        ),
    )
    assert from_json(WITH_WISH) == EditorState(spec, None, Page.MORE, 2, 3)


def test_a_draft_with_more_has_its_second_page_open() -> None:
    """So it is in drafts of earlier versions."""
    draft = json.loads(to_json(NEW))
    del draft["page"], draft["rejected"]
    assert from_json(json.dumps(draft | {"more": False})) == NEW
    assert from_json(json.dumps(draft | {"more": True})) == replace(NEW, page=Page.MORE)


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [
        (["article", "video"], (Kind.ARTICLE, Kind.VIDEO)),
        (["short"], (Kind.SHORT,)),
        (["article", "video", "short"], ()),
        ([], ()),
    ],
)
def test_all_kinds_are_chosen_as_none(chosen: list[str], kinds: tuple[Kind, ...]) -> None:
    """A subscription to all kinds also gets those that a later version adds."""
    assert NEW.choose(Field.KINDS, chosen, [*Kind]).spec.rules.kinds == kinds


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"spec": 1}', '{"wish": 1}', '{"wish": {}}', "null", "\ud800"]
)
def test_an_invalid_draft_is_none(content: str) -> None:
    assert from_json(content) is None


@given(st.sampled_from(Field), st.lists(hostile, max_size=3), st.lists(hostile, max_size=3))
def test_no_choice_breaks_the_editor(field: Field, values: list[str], offered: list[str]) -> None:
    """A client may send anything. The choice is applied or refused."""
    with contextlib.suppress(ValueError, TypeError):
        changed = NEW.choose(field, values, offered)
        assert from_json(to_json(changed)) == changed


@pytest.mark.parametrize("field", [Field.CHANNEL, Field.MENTION, Field.SECOND_MENTION])
@pytest.mark.parametrize("value", ["9" * 4000, "9" * 5000, str(2**63), "١٢", "-1", "x", ""])
def test_only_an_id_can_be_chosen(field: Field, value: str) -> None:
    """The database has no larger numbers."""
    with pytest.raises(ValueError, match="not an id"):
        NEW.choose(field, [value], [])


@given(deliveries)
def test_the_current_mode_is_always_offered(delivery: DeliveryOptions) -> None:
    """Its value means the same mode."""
    values = [mode_value(mode) for mode in modes(delivery.digest)]
    assert mode_value(delivery.digest) in values
    assert len(set(values)) == len(values) <= 25
    best = delivery.digest.best if delivery.digest else 10
    assert read_mode(mode_value(delivery.digest), best=best) == delivery.digest


@given(st.integers(0, 10**18 - 1), st.sampled_from(Field))
def test_a_custom_id_contains_draft_and_field(draft_id: int, field: Field) -> None:
    """It has at most the 100 characters that Discord allows."""
    name = custom_id(draft_id, field)
    assert read_custom_id(name) == (draft_id, field)
    assert len(name) <= 100


@pytest.mark.parametrize("name", ["", "subs:1", "subs:1:nothing", "subs::save", "subs:1:save\n"])
def test_an_unknown_custom_id_is_none(name: str) -> None:
    assert read_custom_id(name) is None
