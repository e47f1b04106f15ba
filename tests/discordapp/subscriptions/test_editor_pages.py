"""The pages of the editor: whatever the draft, everything is there and in its place."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.subscriptions.editor.message import editor_view
from bot.discordapp.subscriptions.editor.state import (
    PAGES,
    EditorState,
    Field,
    Page,
    RejectedInput,
    read_custom_id,
)
from storage.models import Topic
from tests.discordapp.subscriptions.strategies import names, specs
from tests.support.clock import START

# https://docs.discord.com/developers/components/reference#action-row
ROWS, BUTTONS_IN_A_ROW = 5, 5
drafts = st.builds(
    EditorState,
    specs,
    st.none() | st.just(1),
    st.sampled_from(Page),
    st.integers(0, 20),
    st.integers(0, 20),
    # Forms have inputs with these names.
    st.dictionaries(
        st.sampled_from(["quiet", "at", "words", "tags", "line"]),
        st.just(RejectedInput("late", "invalid")),
    ),
)
topics = names.map(lambda each: [Topic(1, name, 1, START) for name in each])


def rows(state: EditorState, offered: list[Topic], *, in_forum: bool) -> list[list[Any]]:
    """The components of the open page, by row."""
    view = editor_view(1, state, offered, 70, in_forum=in_forum)
    return [row["components"] for row in view.to_components()]


def fields(shown: list[list[Any]]) -> list[Field]:
    """What the components that can be used are for; also selects that are disabled for now."""
    found = [read_custom_id(each["custom_id"]) for row in shown for each in row]
    return [each[1] for each in found if each is not None]


@given(drafts, topics, st.booleans())
def test_every_action_can_be_reached_from_every_page(
    state: EditorState, offered: list[Topic], in_forum: bool
) -> None:
    """No component is left out, and none is there twice."""
    reached, to_visit = dict[Page, list[Field]](), [state.page]
    while to_visit:
        page = to_visit.pop()
        if page not in reached:
            reached[page] = fields(rows(replace(state, page=page), offered, in_forum=in_forum))
            assert len(set(reached[page])) == len(reached[page])
            to_visit += [PAGES[each] for each in reached[page] if each in PAGES]
    assert set(reached) == set(Page)
    invalid = Field.UNDO in reached[state.page]
    found = {each for page in reached.values() for each in page}
    missing = {Field.TAGS: not in_forum, Field.UNDO: not invalid}
    assert found == {each for each in Field if not missing.get(each)}


@given(drafts, topics, st.booleans())
def test_the_last_row_is_the_same_on_every_page(
    state: EditorState, offered: list[Topic], in_forum: bool
) -> None:
    """Save and Cancel are its first buttons; only the way to another page differs."""
    last = []
    for page in Page:
        shown = rows(replace(state, page=page), offered, in_forum=in_forum)
        assert len(shown) == ROWS
        assert all(len(row) == 1 or len(row) <= BUTTONS_IN_A_ROW for row in shown)
        last.append([each for each in fields(shown[-1:]) if each not in PAGES])
        assert last[-1][:3] == [Field.SAVE, Field.CANCEL, Field.PREVIEW]
    assert all(each == last[0] for each in last)


@given(drafts)
def test_save_is_disabled_exactly_while_undo_is_there(state: EditorState) -> None:
    for page in Page:
        *_, last = rows(replace(state, page=page), [], in_forum=False)
        assert last[0]["disabled"] == (Field.UNDO in fields([last]))
