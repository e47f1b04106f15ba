"""Everything that an operator can break, in the order of the page."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.announce.pausing import pause_posting
from bot.sandbox.model.permissions import Permission
from bot.sandbox.rest.request_faults import Status
from storage.models import NewSubscription, SubscriptionSpec
from storage.open import open_store
from tests.faults.place import Change, Fault, Place
from tests.support.clock import START, OffsetClock
from tests.support.database import damage, execute
from tests.support.outbox import add_subscription

_PAGE = "<html><title>News</title><body>No feed here.</body></html>"


def _settings(text: str) -> Change:
    """Write other settings."""

    def change(place: Place) -> None:
        place.settings = text

    return change


def _variables(**variables: str) -> Change:
    """Set variables."""

    def change(place: Place) -> None:
        place.variables |= variables

    return change


def _push(host: str = "127.0.0.1", token: str | None = None) -> Change:
    """Accept articles; None: there is no file with the token."""

    def change(place: Place) -> None:
        place.settings += f"push: {{port: 0, host: {host}, token_file: push-token}}\n"
        if token is not None:
            place.write("push-token", token)

    return change


def _port_in_use(place: Place) -> None:
    """Accept articles at a port that another program has."""
    place.write("push-token", "made-up-for-this-page")
    place.settings += f"push: {{port: {place.web.port}, token_file: push-token}}\n"


def _no_token(place: Place) -> None:
    del place.variables["DISCORD_TOKEN"]


def _token_file(content: str | None) -> Change:
    """Name a file with the token, which contains something else; None: there is no file."""

    def change(place: Place) -> None:
        del place.variables["DISCORD_TOKEN"]
        place.variables["DISCORD_TOKEN_FILE"] = "token.txt"
        if content is not None:
            place.write("token.txt", content)

    return change


def _source(kind: str, path: str, body: str | None = None, status: int = 200) -> Change:
    """Read a page of a web server; None: the server does not answer with it."""

    def change(place: Place) -> None:
        if body is not None:
            place.web.at(path, body, status=status)
        address = place.web.url(path)
        place.settings = f"sources:\n  - {{{kind}: '{address}', allow_private: true}}\n"

    return change


async def _database(place: Place) -> None:
    async with open_store(place.database):
        pass


async def _subscription(place: Place) -> None:
    """Subscribe #news, so that the article is posted."""
    channel = place.sandbox.world.find_channel("news")
    assert channel.guild_id is not None
    async with open_store(place.database) as store:
        new = NewSubscription(channel.guild_id, 1, START, SubscriptionSpec(channel.id))
        await add_subscription(store, new)


async def _newer_database(place: Place) -> None:
    await _database(place)
    execute(place.database, "PRAGMA user_version = 9999")


async def _damaged_row(place: Place) -> None:
    await _subscription(place)
    damage(place.database, "subscriptions", "rules", "-3")


async def _missing_row(place: Place) -> None:
    await _database(place)
    execute(place.database, "INSERT INTO subscription_topics VALUES ('', 1, 7)")


async def _readable_database(place: Place) -> None:
    await _database(place)
    place.database.chmod(0o644)


def _no_database(place: Place) -> None:
    place.write("var/storywire.db", "This is no database. " * 100)


def _file_as_folder(place: Place) -> None:
    place.write("notes.txt", "")
    place.settings += "database: notes.txt/storywire.db\n"


def _file_for_backups(place: Place) -> None:
    place.write("backups", "")
    place.settings += "backup:\n  folder: backups\n"


def _move_database(place: Place) -> None:
    place.database.parent.rename(place.folder / "away")


def _move_back(place: Place) -> None:
    (place.folder / "away").rename(place.database.parent)


async def _pause(place: Place) -> None:
    async with open_store(place.database) as store:
        await pause_posting(store, START)


def _application(**fields: object) -> Change:
    """Change settings in the developer portal."""

    def change(place: Place) -> None:
        place.sandbox.faults.spoil(
            lambda _, value: {**value, **fields}, "GET /applications/@me", times=None
        )

    return change


def _remove_log(place: Place) -> None:
    place.database.with_name("storywire.db-wal").unlink()


def _remove_articles(place: Place) -> None:
    shutil.rmtree(place.folder / "articles")


def _empty_articles(place: Place) -> None:
    (place.folder / "articles/one.md").unlink()


def _reject_article(place: Place) -> None:
    place.write("articles/one.md", "No front matter.")


def _little_space(place: Place) -> None:
    place.free_bytes = lambda _: 12 * 2**20


def _clock(**behind: float) -> Change:
    def change(place: Place) -> None:
        place.clock = OffsetClock(-timedelta(**behind))

    return change


def _outage(place: Place) -> None:
    place.sandbox.faults.begin_outage()


def _rejected_commands(place: Place) -> None:
    place.sandbox.faults.plan(
        Status(403), route="PUT /applications/{application_id}/commands", times=None
    )


async def _revoke(place: Place) -> None:
    await _subscription(place)
    channel = place.sandbox.world.find_channel("news")
    place.sandbox.faults.revoke(channel.id, Permission.SEND_MESSAGES)


FAULTS: Mapping[str, Sequence[Fault]] = {
    "Settings": (
        Fault("a key is misspelt", _settings("announce:\n  max_posts: 3\n")),
        Fault("a value is of the wrong kind", _settings("announce:\n  pace: fast\n")),
        Fault("the file is not YAML", _settings("sources: [\n")),
        Fault("a key is there twice", _settings("database: a.db\ndatabase: b.db\n")),
        Fault("the file does not exist", _variables(STORYWIRE_CONFIG="elsewhere.yaml")),
        Fault("a variable is misspelt", _variables(STORYWIRE_ANNOUNCE__PAC="3")),
        Fault(
            "a password is in an address",
            _settings("sources:\n  - git: https://ada:secret@example.org/site.git\n"),
        ),
        Fault("there is no source", _settings("")),
    ),
    "Token": (
        Fault("there is no token", _no_token),
        Fault("its file does not exist", _token_file(None)),
        Fault("its file is empty", _token_file("")),
        Fault("it is in quotation marks", _token_file('"made-up"')),
        Fault("there are two lines in its file", _token_file("made-up\nmade-up\n")),
        Fault("it is the application's id", _variables(DISCORD_TOKEN="1196184075342483046")),
        Fault("Discord rejects it", _variables(DISCORD_TOKEN="made-up")),
    ),
    "Discord and the network": (
        Fault(
            "Discord can't be reached",
            _variables(DISCORD_API_URL="http://127.0.0.1:9/api/v10"),
            unready=("gateway",),
        ),
        Fault("Discord has an outage", _outage, unready=("gateway",)),
        Fault("`api_url` is not encrypted", _variables(DISCORD_API_URL="http://example.org/api")),
        Fault("Discord refuses the commands", _rejected_commands, disturb=lambda _: None),
    ),
    "Developer portal": (
        Fault(
            "an Interactions Endpoint URL is set",
            _application(interactions_endpoint_url="https://example.org/"),
            logs=None,
        ),
        Fault(
            "Requires OAuth2 Code Grant is on",
            _application(bot_require_code_grant=True),
            logs=None,
        ),
    ),
    "Permissions": (Fault("the bot may not send messages to a channel", disturb=_revoke),),
    "Sources": (
        Fault("a folder does not exist", _remove_articles),
        Fault(
            "a folder disappears while the bot runs", disturb=_remove_articles, unready=("sources",)
        ),
        Fault("a folder is empty", _empty_articles, logs=None),
        Fault(
            "an article is rejected",
            _reject_article,
            disturb=lambda _: None,
            logs="Source folder:articles: ",
        ),
        Fault(
            "the server of a feed is down",
            _settings("sources:\n  - {feed: 'http://127.0.0.1:9/feed.xml', allow_private: true}\n"),
            unready=("sources",),
        ),
        Fault("a feed does not exist", _source("feed", "/feed.xml"), unready=("sources",)),
        Fault(
            "the address is that of a page", _source("feed", "/news", _PAGE), unready=("sources",)
        ),
        Fault("an API does not return JSON", _source("api", "/api", "none"), unready=("sources",)),
        Fault(
            "a feed is in a private network",
            _settings("sources:\n  - feed: http://127.0.0.1:9/feed.xml\n"),
            unready=("sources",),
        ),
        Fault(
            "a repository does not exist",
            _settings("sources:\n  - {git: site, allow_local: true}\n"),
            unready=("sources",),
        ),
        Fault("there is no token for pushed articles", _push()),
        Fault("the token for pushed articles is short", _push(token="made-up")),
        Fault("another program has `push.port`", _port_in_use),
        Fault("`push.host` is another machine", _push("192.0.2.1", "made-up-for-this-page")),
    ),
    "Database and disk": (
        Fault("the file is something else", _no_database),
        Fault("a newer version has written it", _newer_database),
        Fault("its folder can't be made", _file_as_folder),
        Fault("other users can read it", _readable_database),
        Fault("a row is damaged", _damaged_row),
        Fault("a row is missing", _missing_row, logs=None),
        Fault(
            "it is moved while the bot runs",
            disturb=_move_database,
            repair=_move_back,
            unready=("database", "sources", "posting"),
        ),
        Fault("its log is removed while the bot runs", disturb=_remove_log),
        Fault("the folder for backups is a file", _file_for_backups),
        Fault(
            "posting was paused, and that was forgotten", _pause, logs=None, unready=("posting",)
        ),
        Fault("the disk is nearly full", _little_space, logs=None),
    ),
    "Clock": (
        Fault("it is 2 minutes behind", _clock(minutes=2), logs=None),
        Fault("it is 20 minutes behind", _clock(minutes=20), logs=None),
    ),
}
