"""What becomes of invalid inputs in the editor's forms."""

from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.markdown import discord_length
from bot.discordapp.option_values import is_storable
from bot.discordapp.subscriptions.editor.forms import (
    FORMS,
    input_problems,
    open_form,
    read_form,
)
from bot.discordapp.subscriptions.editor.state import EditorState, Field, from_json, to_json
from bot.sandbox.interactions.interaction import InteractionType
from storage.models import SubscriptionSpec
from tests.discordapp.rendering.limits import hostile
from tests.discordapp.subscriptions.support import (
    choose,
    chosen,
    components,
    described,
    fill,
    form_values,
    open_look_and_style,
    problems,
)
from tests.support.desk import Desk

_INPUTS = [each.name for _, inputs in FORMS.values() for each in inputs]


async def test_invalid_inputs_of_a_form_are_kept(desk: Desk) -> None:
    """The form shows them when it is opened again. Its other inputs are applied."""
    invalid = {"at": "25:00", "timezone": "Atlantis", "quiet": "late"}
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await choose(desk, editor, "mode", "daily 0 09:00")
        await desk.press(editor, "More…")
        await fill(desk, editor, "Schedule…", {**invalid, "best": "7"})
        assert "Digest time: “25\\:00” isn't a valid time. Use 24-hour" in problems(editor)
        assert "Time zone: “Atlantis” isn't a known time zone" in problems(editor)
        assert "Quiet hours: “late” isn't a valid time range" in problems(editor)
        assert "digest every day at 09:00 UTC" in described(editor)
        assert "top 7 stories" in described(editor)
        shown = await form_values(desk, editor, "Schedule…")
        assert shown.items() >= {**invalid, "best": "7"}.items()
        await fill(desk, editor, "Schedule…", {"at": "18:30", "timezone": "Asia/Tokyo"})
        assert problems(editor).count("⚠") == 1
        assert "Quiet hours: “late” isn't a valid time range" in problems(editor)
        await fill(desk, editor, "Schedule…", {"quiet": "22-8"})
        assert problems(editor) == ""
        assert "digest every day at 18:30 Asia/Tokyo" in described(editor)
        await desk.press(editor, "Back")
        assert chosen(editor, "mode") == ["daily 0 18:30"]


async def test_save_is_disabled_until_an_input_is_valid(desk: Desk) -> None:
    """The problem is right above the buttons. It stays after other choices, and a restart."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
        await fill(desk, editor, "Filters…", {"words": "moon", "min_heat": "a lot"})
        await choose(desk, editor, "switches", "fold")
    async with desk.bot():
        await choose(desk, editor, "switches", "silent")
        assert "Minimum heat: “a lot” isn't valid." in problems(editor)
        assert "Open the form again to correct this" in editor.embeds[-1]["description"]
        assert "“moon”" in described(editor)
        save = components(editor)["save"]
        assert save["disabled"]
        data = {"custom_id": save["custom_id"], "component_type": 2, "id": save["id"]}
        forged = await desk.sandbox.person("Ada").forge(
            editor.channel_id, InteractionType.COMPONENT, data, editor.id
        )
        assert (await forged.settled()).id == editor.id
        assert "Minimum heat: “a lot” isn't valid." in problems(editor)
        await fill(desk, editor, "Filters…", {"min_heat": "90"})
        assert problems(editor) == ""
        assert "heat 90+" in (await desk.press(editor, "Save")).content


async def test_invalid_inputs_can_be_undone(desk: Desk) -> None:
    """A button restores the former values; so does typing them, or clearing what is required."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await desk.press(editor, "More…")
        await fill(desk, editor, "Schedule…", {"quiet": "22-8"})
        await fill(desk, editor, "Schedule…", {"quiet": "late", "timezone": "Atlantis"})
        await desk.press(editor, "Undo input")
        assert problems(editor) == ""
        assert (await form_values(desk, editor, "Schedule…"))["quiet"] == "22:00-08:00"
        await fill(desk, editor, "Schedule…", {"quiet": "late", "timezone": "Atlantis"})
        await fill(desk, editor, "Schedule…", {"quiet": "22:00-08:00", "timezone": ""})
        assert problems(editor) == ""
        assert "quiet hours 22:00-08:00 (UTC)" in (await desk.press(editor, "Save")).content


@given(
    st.sampled_from([*FORMS]),
    st.dictionaries(st.sampled_from(_INPUTS), hostile.filter(is_storable)),
)
def test_a_form_keeps_any_text_or_applies_it(field: Field, typed: dict[str, str]) -> None:
    """What is kept survives the draft's JSON, and fits into the form."""
    state = read_form(field, EditorState(SubscriptionSpec(20)), typed)
    assert from_json(to_json(state)) == state
    assert set(state.rejected) <= set(typed)
    assert len(input_problems(state)) <= len(state.rejected)
    for each in open_form(1, field, state).to_components():
        (text_input,) = each["components"]
        assert discord_length(text_input.get("value") or "") <= text_input["max_length"]


async def test_a_style_is_typed_into_a_form(desk: Desk) -> None:
    """A wrong placeholder is named, and Save is disabled until it is corrected."""
    async with desk.bot():
        editor = await desk.ask("subscriptions add")
        await open_look_and_style(desk, editor)
        await fill(desk, editor, "Style…", {"colour": "blue", "line": "{titel}", "footer": "Ours"})
        assert "Do you mean `{title}`?" in problems(editor)
        assert components(editor)["save"]["disabled"]
        await fill(desk, editor, "Style…", {"line": "New: {title}"})
        saved = (await desk.press(editor, "Save")).content
        assert "colour #3498db" in saved
        assert "line “New: {title}”" in saved
        assert "footer “Ours”" in saved
