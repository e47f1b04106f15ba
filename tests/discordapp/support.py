"""Posters, and posts for them."""

import discord

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.poster_port import EditOutcome, Unavailable
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.notices import Notices
from bot.discordapp.outcomes import InvalidRequests
from bot.discordapp.poster import REFUSAL_RETRIES, DiscordPoster
from bot.sandbox import Sandbox
from storage.models import Story
from storage.posts import ClaimedPost, Post, PostStatus
from storage.protocols import Store
from tests.support.articles import make_story
from tests.support.clock import START, FakeClock

CREATE_MESSAGE = "POST /channels/{channel_id}/messages"


def make_post(sandbox: Sandbox, number: int = 1, channel: str = "news") -> Post:
    """A post for a channel."""
    found = sandbox.world.find_channel(channel)
    assert found.guild_id is not None
    return Post(
        id=number,
        story_id=1,
        subscription_id=1,
        guild_id=found.guild_id,
        channel_id=found.id,
        nonce=f"{number:024x}",
        status=PostStatus.CLAIMED,
        catch_up=False,
        planned_at=START,
        due_at=START,
    )


def claim(post: Post, story: Story | None = None) -> ClaimedPost:
    """A claimed post of an arbitrary story."""
    return ClaimedPost(post, story or make_story())


def make_poster(
    client: discord.Client, requests: TracedRequests, clock: FakeClock, store: Store
) -> DiscordPoster:
    """A poster with its own budget of refused requests."""
    invalid_requests = InvalidRequests(clock)
    notices = Notices(client, store, invalid_requests)
    return DiscordPoster(client, requests, invalid_requests, notices, ArchiveTerms(store, clock))


def make_notices(client: discord.Client, clock: FakeClock, store: Store) -> Notices:
    """Notices that know only what is stored."""
    return Notices(client, store, InvalidRequests(clock))


async def edit(poster: DiscordPoster, post: Post, *, delete: bool = False) -> EditOutcome:
    """Edit or delete a post's message, as often as the bot confirms a refusal."""
    claimed = ClaimedPost(post, make_story(title="Better"))
    outcome = await poster.edit(claimed, delete=delete)
    for _ in range(REFUSAL_RETRIES):
        if not isinstance(outcome, Unavailable):
            break
        outcome = await poster.edit(claimed, delete=delete)
    return outcome
