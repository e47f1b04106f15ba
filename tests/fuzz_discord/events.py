"""What happens in a bot's world: stories, servers, channels, threads, roles, the connection."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.sandbox import Invalid, Permission, RateLimited, Reset, Sandbox, Status
from bot.sandbox.gateway.protocol import Op
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import ChannelType, Guild, Json, Role
from bot.sandbox.options import ADD_MESSAGE
from bot.sandbox.rest.request_faults import Fault
from tests.fuzz_discord.bot_process import BotProcess
from tests.support.headlines import headline
from tests.support.places import BUTTON_ADDRESSES, DISCUSS, EDIT_MESSAGE, PUBLISH, READ_PLACE
from tests.support.subscribed_channels import SubscribedChannels

# Longer than the bot relies on Discord to recognise a repeated message by its nonce.
SKIP = timedelta(seconds=100)
_SKIP_CHANCE = 0.3
_LATER_SECONDS = 0.7
# Events that the bot does not need, or does not know.
OTHER_EVENTS = (
    "THREAD_LIST_SYNC",
    "THREAD_MEMBER_UPDATE",
    "THREAD_MEMBERS_UPDATE",
    "CHANNEL_PINS_UPDATE",
    "GUILD_EMOJIS_UPDATE",
    "GUILD_INTEGRATIONS_UPDATE",
    "WEBHOOKS_UPDATE",
    "USER_UPDATE",
    "A_NEW_EVENT",
)
_LIMITED = (
    *ADD_MESSAGE,
    EDIT_MESSAGE,
    PUBLISH,
    DISCUSS,
    *READ_PLACE,
    "GET /channels/{channel_id}",
    "GET /users/@me",
    "GET /gateway/bot",
    "PUT /applications/{application_id}/commands",
    "POST /interactions/{interaction_id}/{interaction_token}/callback",
)


@dataclass
class Events:
    """Random events in one world.

    The channels in `channels` get every story, and nobody uses them. Everything else happens in
    the server `playground`.
    """

    channels: SubscribedChannels
    bot: BotProcess
    random: random.Random
    playground: Guild
    threads: Sequence[int]
    """The threads in `channels`."""
    mentioned: Role
    """A role that is mentioned in `channels`."""
    needs: Callable[[str], bool]
    """Whether a kind of frame or response has fields that were never spoiled."""
    _denied: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sandbox: Sandbox = self.channels.sandbox
        self.world = self.sandbox.world
        self.faults = self.sandbox.faults
        # What may happen: how often, and what the bot receives because of it.
        self._kinds: list[tuple[int, Callable[[], object], tuple[str, ...]]] = [
            (12, self.write_story, ()),
            (8, self.change_story, ()),
            (5, self.withdraw_story, ("DELETE /channels/{channel_id}/messages/{message_id}",)),
            (6, self.lose_response, READ_PLACE),
            (5, self.limit_rate, ()),
            (3, self.fail, ()),
            (2, self.reject, ()),
            (2, self.skip_time, ()),
            (4, self.archive_thread, ("PATCH /channels/{channel_id}",)),
            (3, self.change_thread, ("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE")),
            (3, self.change_channel, ("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE")),
            (3, self.change_role, ("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE")),
            (4, self.forget_role, ("GET /guilds/{guild_id}/roles/{role_id}",)),
            (2, self.change_own_roles, ("GUILD_MEMBER_UPDATE",)),
            (4, self.change_permissions, ("POST /users/@me/channels",)),
            (2, self.change_server, ("GUILD_UPDATE",)),
            (2, self.leave_and_join, ()),
            (2, self.server_outage, ()),
            (2, self.drop_gateway, ()),
            (2, self.ask_to_reconnect, ()),
            (1, self.ask_for_heartbeat, ("HEARTBEAT",)),
            (2, self.invalidate_session, ()),
            (1, self.lose_sessions, ()),
            (2, self.other_event, OTHER_EVENTS),
        ]

    def happen(self) -> None:
        """Let one random thing happen, and one that leads to fields that were never spoiled."""
        weights = [weight for weight, _, _ in self._kinds]
        ((_, event, _),) = self.random.choices(self._kinds, weights)
        event()
        needed = [event for _, event, names in self._kinds if any(map(self.needs, names))]
        if needed:
            self.random.choice(needed)()

    def settle(self) -> None:
        """Undo what keeps the bot from posting and answering."""
        self.faults.clear()
        self._join()
        for channel_id in self.threads:
            self.world.update_thread(channel_id, archived=False, locked=False)

    # Stories

    def write_story(self) -> str:
        """Write a story; returns its name."""
        name = f"story{self.random.getrandbits(40):x}"
        self.channels.write_story(name, headline(self.random), quality=self.random.randint(70, 120))
        return name

    def _latest(self) -> str | None:
        names = list(self.channels.titles)[-6:]
        return self.random.choice(names) if names else None

    def change_story(self) -> None:
        """Change the title of a story, so that its messages are edited."""
        if name := self._latest():
            self.channels.write_story(name, headline(self.random))

    def withdraw_story(self) -> None:
        """Withdraw a story, so that its messages are deleted or struck through."""
        if name := self._latest():
            del self.channels.titles[name]
            (self.channels.folder / f"{name}.md").unlink()

    # Requests

    def lose_response(self) -> None:
        """Perform a request, but lose its response."""
        fault: Fault = self.random.choice((Reset(), Status(503, after_commit=True)))
        self.faults.plan(fault, route=self._message_route())
        if self.random.random() < _SKIP_CHANCE:
            self._later(self.skip_time)

    def limit_rate(self) -> None:
        """Answer a request with 429."""
        route = self.random.choice([*filter(self.needs, _LIMITED)] or _LIMITED)
        self.faults.plan(RateLimited(self.random.uniform(0.05, 0.5)), route=route)

    def fail(self) -> None:
        """Answer a request with an error of Discord's servers."""
        self.faults.plan(Status(self.random.choice((500, 503))), route=self.random.choice(_LIMITED))

    def reject(self) -> None:
        """Reject a part of a message."""
        self.faults.plan(Invalid(BUTTON_ADDRESSES), route=self._message_route())

    def _message_route(self) -> Sequence[str]:
        return self.random.choice((ADD_MESSAGE, ADD_MESSAGE, (EDIT_MESSAGE,), (PUBLISH, DISCUSS)))

    def skip_time(self) -> None:
        """Let time pass, so that unknown outcomes are searched in the history."""
        self.bot.skip(SKIP)

    # Threads and channels

    def archive_thread(self) -> None:
        """Archive a thread that gets stories; the bot has to unarchive it for an edit."""
        if self.threads:
            thread = self.random.choice(self.threads)
            self.world.update_thread(thread, archived=True)

    def change_thread(self) -> None:
        """Create a thread; archive or delete one."""
        threads = [each for each in self._own_channels() if self.world.channels[each].is_thread]
        if threads and self.random.random() < 0.6:
            thread = self.random.choice(threads)
            if self.random.random() < 0.5:
                self.world.delete_channel(thread)
            else:
                archived = not self.world.channels[thread].archived
                self.world.update_thread(thread, archived=archived)
        else:
            parent = self.world.find_channel("general", self.playground.id)
            self.world.add_thread(parent.id, "a thread")

    def change_channel(self) -> None:
        """Create, rename or delete a channel."""
        added = [
            each for each in self._own_channels() if self.world.channels[each].name.startswith("x")
        ]
        if not added or self.random.random() < 0.4:
            kind = self.random.choice(
                (ChannelType.TEXT, ChannelType.VOICE, ChannelType.FORUM, ChannelType.CATEGORY)
            )
            self.world.add_channel(self.playground.id, "x-added", kind)
        elif self.random.random() < 0.6:
            self.world.rename_channel(self.random.choice(added), "x-renamed")
        else:
            self.world.delete_channel(self.random.choice(added))

    def _own_channels(self) -> list[int]:
        return [*self.playground.channels]

    # Roles and permissions

    def change_role(self) -> None:
        """Create, change or delete a role, and mention it."""
        guild = self.playground
        roles = [each.id for each in guild.roles.values() if each.name == "added"]
        if not roles or self.random.random() < 0.5:
            self.world.add_role(guild.id, "added")
        elif self.random.random() < 0.5:
            bits = self.random.choice((0, int(Permission.SEND_MESSAGES)))
            self.world.set_role_permissions(guild.id, self.random.choice(roles), bits)
        else:
            self.world.delete_role(guild.id, self.random.choice(roles))

    def forget_role(self) -> None:
        """Let the bot believe that a role was deleted; it asks Discord before it mentions one."""
        role = self.mentioned
        deleted = {"guild_id": str(role.guild_id), "role_id": str(role.id)}
        self.world.emit("GUILD_ROLE_DELETE", lambda: deleted, role.guild_id)

    def change_own_roles(self) -> None:
        """Give the bot a role, or take it away."""
        guild, own = self.playground, self.world.bot.id
        if own not in guild.members:
            return
        extra = [each.id for each in guild.roles.values() if each.name == "added"]
        kept = [each.id for each in guild.roles.values() if each.managed]
        self.world.set_member_roles(
            guild.id, own, [*kept, *self.random.sample(extra, min(1, len(extra)))]
        )

    def change_permissions(self) -> None:
        """Revoke a permission in a channel that has subscriptions, or grant it again."""
        channel = self.world.find_channel(self.random.choice(("news", "ai")), self.playground.id)
        denied = (Permission.SEND_MESSAGES, Permission.EMBED_LINKS)
        if channel.id in self._denied:
            self._denied.discard(channel.id)
            self.faults.grant(channel.id, *denied)
        else:
            self._denied.add(channel.id)
            self.faults.revoke(channel.id, self.random.choice(denied))

    # Servers

    def change_server(self) -> None:
        """Rename the server."""
        self.world.rename_guild(self.playground.id, f"Server {self.random.randint(1, 99)}")

    def leave_and_join(self) -> None:
        """Remove the bot from a server, and invite it again."""
        guild, own = self.playground, self.world.bot.id
        if own in guild.members:
            self.world.remove_member(guild.id, own)
            self._later(self._join)

    def _join(self) -> None:
        guild, own = self.playground, self.world.bot.id
        if own not in guild.members:
            roles = [each.id for each in guild.roles.values() if each.managed]
            self.world.add_member(guild.id, own, roles)
            self._announce(guild)

    def server_outage(self) -> None:
        """A server becomes unavailable, and available again."""
        guild = self.playground
        lost: Json = {"id": str(guild.id), "unavailable": True}
        self.world.emit("GUILD_DELETE", lambda: lost, guild.id)
        self._later(lambda: self._announce(guild))

    def _later(self, event: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(_LATER_SECONDS, event)

    def _announce(self, guild: Guild) -> None:
        if self.world.bot.id not in guild.members:
            return
        self.world.emit(
            "GUILD_CREATE", lambda: payloads.guild(self.world, guild, all_members=True), guild.id
        )

    # The connection

    def drop_gateway(self) -> None:
        """Break the connection; the session can be resumed."""
        self.faults.drop_gateway()

    def ask_to_reconnect(self) -> None:
        """Ask the bot to reconnect."""
        self.faults.ask_to_reconnect()

    def ask_for_heartbeat(self) -> None:
        """Ask the bot for a heartbeat."""
        for connection in tuple(self.sandbox.gateway.connections):
            connection.send(Op.HEARTBEAT)

    def invalidate_session(self) -> None:
        """Invalidate the session, resumable or not."""
        self.faults.invalidate_sessions(resumable=self.random.random() < 0.5)

    def lose_sessions(self) -> None:
        """Break the connection and end the session."""
        self.faults.lose_sessions()

    def other_event(self) -> None:
        """Send an event that the bot does not need, or does not know."""
        name = self.random.choice([*filter(self.needs, OTHER_EVENTS)] or OTHER_EVENTS)
        data = self._other_event(name)
        for session in tuple(self.sandbox.gateway.sessions.by_id.values()):
            session.dispatch(name, data)

    def _other_event(self, name: str) -> Json:
        guild, world = self.playground, self.world
        server: Json = {"guild_id": str(guild.id)}
        channel = str(world.find_channel("general", guild.id).id)
        threads = [each for each in guild.channels.values() if each.is_thread]
        member = {
            "id": str(threads[0].id) if threads else channel,
            "user_id": str(world.bot.id),
            "join_timestamp": payloads.timestamp(world.clock()),
            "flags": 0,
        }
        data: dict[str, Json] = {
            "THREAD_LIST_SYNC": {
                "channel_ids": [channel],
                "threads": [payloads.channel(world, each) for each in threads],
                "members": [member],
            },
            "THREAD_MEMBER_UPDATE": member,
            "THREAD_MEMBERS_UPDATE": {
                "id": member["id"],
                "member_count": 2,
                "added_members": [member],
                "removed_member_ids": [str(world.bot.id)],
            },
            "CHANNEL_PINS_UPDATE": {"channel_id": channel, "last_pin_timestamp": None},
            "GUILD_EMOJIS_UPDATE": {"emojis": [{"id": "1", "name": "x"}]},
            "GUILD_INTEGRATIONS_UPDATE": {},
            "WEBHOOKS_UPDATE": {"channel_id": channel},
            "A_NEW_EVENT": {"value": 1},
        }
        return payloads.own_user(world.bot) if name == "USER_UPDATE" else server | data[name]
