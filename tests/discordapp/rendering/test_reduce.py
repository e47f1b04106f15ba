"""What is left of a message without the rejected fields."""

from hypothesis import given
from hypothesis import strategies as st

from bot.announce.event_terms import TermFrequencies
from bot.discordapp.markdown import discord_length
from bot.discordapp.rendering.post import post_message
from bot.discordapp.rendering.reduce import Payload, complete_payload, reduce_payload
from bot.discordapp.rendering.selects import OPEN_STORY
from storage.models import Story
from storage.posts import ClaimedPost, Post, PostStatus
from tests.discordapp.rendering.limits import few_examples, stories
from tests.support.clock import START

POST = Post(1, 1, 1, 1, 1, "0f" * 12, PostStatus.SENT, False, START, START, message_id=7)
PARTS = [
    *("embeds", "embed", "components", "content", "allowed_mentions", "0", "1", "2", "25"),
    *("author", "icon_url", "url", "name", "image", "thumbnail", "footer", "text", "timestamp"),
    *("color", "title", "description", "fields", "value", "label", "emoji", "custom_id"),
    *("9" * 5000, "١", "-1"),  # noqa: RUF001 - a digit
]
paths = st.lists(st.sampled_from(PARTS), max_size=6).map(tuple) | st.builds(
    lambda end: ("embeds", "0", *end), st.lists(st.sampled_from(PARTS), max_size=3)
)


def custom_ids(payload: Payload) -> list[str]:
    """The custom_ids of a payload's components."""
    rows = payload.view.to_components()
    return [each["custom_id"] for row in rows for each in row["components"] if "custom_id" in each]


@few_examples
@given(
    st.lists(stories, min_size=1, max_size=20),
    st.booleans(),
    st.lists(st.integers(1, 2**63), max_size=2).map(tuple),
    st.lists(st.lists(paths, max_size=4), min_size=40, max_size=40),
)
def test_a_message_can_be_reduced_a_few_times(
    shown: list[Story],
    digest: bool,
    roles: tuple[int, ...],
    rejections: list[list[tuple[str, ...]]],
) -> None:
    """Whatever is rejected, each time something is left out, but never the mark or the story."""
    folded = tuple(shown[1:4])
    claimed = ClaimedPost(
        POST, shown[0], digest=tuple(shown) if digest else (), coverage=() if digest else folded
    )
    message = post_message(claimed, TermFrequencies())
    payload = complete_payload(message, roles)
    for rejected in rejections:
        assert custom_ids(payload)[0] == POST.mark
        assert set(custom_ids(payload)) <= ({POST.mark, OPEN_STORY} if digest else {POST.mark})
        assert discord_length(payload.content) <= 2000
        assert payload.embed is not None or message.plain_text() in payload.content
        smaller = reduce_payload(payload, rejected, message)
        if smaller is None:
            assert payload.embed is None
            return
        assert smaller != payload
        payload = smaller
    raise AssertionError("it never ends")
