"""Find damage in a database: rows that can't be decoded, and what contradicts something else.

SQLite has no checksums, so a flipped bit in a row is only found where the same thing is stored
twice, can be derived, or has a form. The functions work on a connection of their own thread.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import get_args

from storage.errors import DamagedRowError
from storage.models import Article, Subscription
from storage.posts import FollowUpStatus, PostStatus
from storage.protocols.diagnostics import Damage
from storage.reasons import Legacy, decode_reason
from storage.sqlite.codec import (
    ARTICLES,
    DOCUMENTS,
    EXPIRED,
    SUBSCRIPTIONS,
    decode_content,
    decode_subscription,
    encode_article,
    encode_findings,
    encode_microseconds,
    encode_time,
    hash_content,
    hash_visible,
    unpack_content,
)
from storage.sqlite.columns import TABLES, Optional, Table, moment, snowflake
from storage.sqlite.lookup_index import (
    PROVIDER,
    STORY,
    TOPIC,
    distinct_words,
    first_places,
    row_number,
    search_texts,
)
from storage.sqlite.packing import unpack
from storage.sqlite.search_texts import readable_texts, unpack_texts
from storage.sqlite.values import Row

# Of each kind of damage that SQLite itself finds.
MAX_OF_SQLITE = 100
# A row has no column with a name (`IndexError`) if the schema is damaged.
UNREADABLE = (sqlite3.DatabaseError, IndexError)
_NONCE = re.compile("[0-9a-f]{24}")
_HASH = re.compile("[0-9a-f]{32}|withdrawn")
# Clocks differ, and digests are planned ahead.
_CLOCK_MARGIN = timedelta(days=1)
_AHEAD = timedelta(days=10)
# Discord's ids contain the time since then, in milliseconds:
# https://discord.com/developers/docs/reference#snowflakes
_EPOCH_MS = 1420070400000
_SNOWFLAKE_SHIFT = 22
_FIRST_YEAR = 2015


def find_damaged_rows(connection: sqlite3.Connection) -> Iterator[Damage]:
    """Decode every row of every table, and look for the rows that they refer to."""
    for table in TABLES.values():
        try:
            for row in connection.execute(_select(table)):
                try:
                    _decode(table, row)
                except DamagedRowError as error:
                    yield Damage(f"{error.table} {error.row}", f"{error.column} {error.problem}")
        except UNREADABLE as error:
            yield Damage(table.name, f"can't be read to its end ({error})")
    yield from _check_references(connection)


def _select(table: Table) -> str:
    if table is not DOCUMENTS:
        return f"SELECT * FROM {table.name}"
    return (
        f"SELECT d.*, a.content_hash IS '{EXPIRED}' AS expired"
        " FROM documents AS d LEFT JOIN articles AS a ON a.id = d.article_id"
    )


def _decode(table: Table, row: Row) -> None:
    if table is SUBSCRIPTIONS:
        decode_subscription(row)
        return
    values = table.decode(row)
    if table is DOCUMENTS and values["state"] == "live" and not row["expired"]:
        decode_content(row["id"], row["content"])


def find_contradictions(
    connection: sqlite3.Connection, schema: Mapping[str, str], now: datetime
) -> Iterator[Damage]:
    """Check the structure of the database, and compare what is stored with what it follows from.

    `connection` must be one to a copy: a check of the search index counts as a write. `schema` has
    the statements of an undamaged database by name.
    """
    for check in (_check_structure, _check_index):
        yield from check(connection)
    stored = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL"))
    for name in sorted(schema.keys() | stored.keys()):
        if _plain(stored.get(name)) != _plain(schema.get(name)):
            yield Damage("the schema", f"has another {name} than this version creates")
    for compare in (
        _check_articles,
        _check_counts,
        _check_words,
        _check_documents,
        _check_topics,
        _check_related,
        _check_subscriptions,
        _check_posts,
        _check_channels,
        _check_follow_ups,
        _check_sources,
        partial(_check_values, now=now),
    ):
        try:
            yield from compare(connection)
        except UNREADABLE as error:
            yield Damage("the database", f"can't be compared to its end ({error})")


def _plain(sql: object) -> str:
    """A statement without what versions of SQLite write differently."""
    return re.sub(r'["\s]+', "", str(sql))


def _check_structure(connection: sqlite3.Connection) -> Iterator[Damage]:
    try:
        for (problem,) in connection.execute(f"PRAGMA integrity_check({MAX_OF_SQLITE})"):
            if problem != "ok":
                yield Damage("the file", str(problem))
    except sqlite3.DatabaseError as error:
        yield Damage("the file", str(error))


def _check_references(connection: sqlite3.Connection) -> Iterator[Damage]:
    """https://www.sqlite.org/pragma.html#pragma_foreign_key_check; some tables have no row ids."""
    try:
        for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            place = table if row_id is None else f"{table} {row_id}"
            yield Damage(place, f"refers to a row of {parent} that does not exist")
    except sqlite3.DatabaseError as error:
        yield Damage("the database", f"can't be checked for missing rows ({error})")


def _check_index(connection: sqlite3.Connection) -> Iterator[Damage]:
    """https://www.sqlite.org/fts5.html#the_integrity_check_command."""
    try:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        yield Damage("the search index", f"does not match its texts ({error})")


def _rows(connection: sqlite3.Connection, sql: str) -> Iterator[Row]:
    yield from connection.execute(sql)


def _check_articles(connection: sqlite3.Connection) -> Iterator[Damage]:
    """Whatever an article's row and the tables for lookups repeat follows from its document."""
    topics = _stored_topics(connection)
    names = dict(connection.execute("SELECT id, name FROM providers").fetchall())
    for row in _rows(
        connection,
        "SELECT a.*, d.content, d.article_id AS owner,"
        " EXISTS (SELECT 1 FROM documents AS l WHERE l.article_id = a.id"
        " AND l.state = 'live') AS live FROM articles AS a"
        " LEFT JOIN documents AS d ON d.id = a.document_id",
    ):
        try:
            values = ARTICLES.decode(row)
            article = decode_content(row["document_id"], row["content"])
        except DamagedRowError:
            continue
        provider = article.provider.name if article.provider else ""
        shown = not values["withdrawn"]
        dated_at = encode_microseconds(min(article.published_at, values["first_seen_at"]))
        derived: dict[str, object] = {
            "content_hash": hash_content(unpack_content(row["document_id"], row["content"])),
            "visible_hash": hash_visible(article) if shown else "withdrawn",
            "quality": article.quality,
            "heat": article.heat,
            "dated_at": dated_at,
            "withdrawn": int(not row["live"]),
            "owner": row["id"],
        }
        differing = [name for name, value in derived.items() if row[name] != value]
        name = str(names.get(row["provider_id"], ""))
        if shown and name.casefold() != provider.casefold():
            differing.append("provider")
        wanted = {topic.casefold() for topic in article.topics} if shown else set()
        stored = topics.get(row["id"], {})
        facts = (dated_at, article.quality, article.heat)
        if stored.keys() != wanted or any(each != facts for each in stored.values()):
            differing.append("topics")
        differing += _index_differences(connection, row["id"], dated_at, article if shown else None)
        if differing:
            yield Damage(f"articles {row['id']}", _differs(differing, "its document"))


def _stored_topics(connection: sqlite3.Connection) -> dict[int, dict[str, tuple[object, ...]]]:
    """What is stored of each topic of each article."""
    topics: dict[int, dict[str, tuple[object, ...]]] = {}
    for article_id, folded, *facts in _rows(
        connection,
        "SELECT x.article_id, t.folded, x.dated_at, x.quality, x.heat FROM article_topics AS x"
        " JOIN topics AS t ON t.id = x.topic_id",
    ):
        topics.setdefault(article_id, {})[folded] = tuple(facts)
    return topics


def _index_differences(
    connection: sqlite3.Connection, article_id: int, dated_at: int, article: Article | None
) -> list[str]:
    """What differs in the search index from an article; None: it must not be there."""
    row = row_number(article_id, dated_at)
    stored = connection.execute("SELECT texts FROM search_texts WHERE id = ?", (row,)).fetchone()
    if article is None or stored is None:
        return [] if article is stored is None else ["search texts"]
    try:
        texts = unpack_texts(row, stored[0]).texts
    except ValueError:
        return ["search texts"]
    wanted = search_texts(article)
    return [f"f_{name}" for name in wanted._fields if getattr(texts, name) != getattr(wanted, name)]


def _check_counts(connection: sqlite3.Connection) -> Iterator[Damage]:
    """The numbers of stories follow from the stories, and the words of names from the names."""
    counted: Counter[tuple[object, ...]] = Counter()
    for scope, provider_id in _rows(
        connection, "SELECT scope, provider_id FROM articles WHERE NOT withdrawn"
    ):
        counted[scope, STORY, 0] += 1
        if provider_id is not None:
            counted[scope, PROVIDER, provider_id] += 1
    for scope, topic_id in _rows(connection, "SELECT scope, topic_id FROM article_topics"):
        counted[scope, TOPIC, topic_id] += 1
    stored = {
        (scope, kind, each): stories
        for scope, kind, each, stories in _rows(
            connection, "SELECT scope, kind, id, stories FROM name_counts"
        )
    }
    differing = {key for key, _ in dict(counted).items() ^ stored.items()}
    for key in sorted(differing, key=str):
        yield Damage(f"name_counts {', '.join(map(str, key))}", "does not match the stories")
    for kind, table in ((TOPIC, "topics"), (PROVIDER, "providers")):
        words = {
            (row["id"], suffix, place)
            for row in _rows(connection, f"SELECT id, name FROM {table}")
            for suffix, place in first_places(row["name"]).items()
        }
        query = f"SELECT id, words, place FROM name_words WHERE kind = '{kind}'"
        for name_id in sorted(
            {row[0] for row in words ^ set(map(tuple, _rows(connection, query)))}
        ):
            yield Damage(f"name_words {kind}, {name_id}", f"does not match {table}")


def _check_words(connection: sqlite3.Connection) -> Iterator[Damage]:
    """The numbers of stories in which words occur follow from the search index."""
    stories, titles = Counter[str](), Counter[str]()
    for each in readable_texts(_rows(connection, "SELECT id, texts FROM search_texts")):
        words, written = distinct_words(each.texts)
        stories.update(words)
        titles.update(written)
    wanted = {(word, number, titles[word]) for word, number in stories.items()}
    stored = set(map(tuple, _rows(connection, "SELECT word, stories, titles FROM search_words")))
    for word in sorted({str(row[0]) for row in wanted ^ stored}):
        yield Damage(f"search_words '{word}'", "does not match the search index")


def _differs(columns: Iterable[str], other: str) -> str:
    names = ", ".join(
        f"{name.removeprefix('f_')} in the search index" if name.startswith("f_") else name
        for name in columns
    )
    return f"{names} does not match {other}"


def _check_documents(connection: sqlite3.Connection) -> Iterator[Damage]:
    """The date follows from the content, and each address leads to an article."""
    addresses = dict(connection.execute("SELECT address, article_id FROM addresses").fetchall())
    shown = {row[0] for row in connection.execute("SELECT document_id FROM articles")}
    for row in _rows(connection, "SELECT * FROM documents WHERE content IS NOT NULL"):
        try:
            article = decode_content(row["id"], row["content"])
        except DamagedRowError:
            continue
        differing = []
        if row["published_at"] != encode_time(article.published_at):
            differing.append("published_at")
        if row["id"] not in shown and encode_article(article) != unpack(row["content"]):
            differing.append("content")
        if row["state"] == "live":
            found = {addresses.get(address) for address in article.addresses}
            if None in found or row["article_id"] not in found:
                differing.append("addresses")
        if differing:
            yield Damage(f"documents {row['id']}", _differs(differing, "what it was read from"))


def _check_topics(connection: sqlite3.Connection) -> Iterator[Damage]:
    for row in _rows(connection, "SELECT id, name, folded FROM topics"):
        if str(row["name"]).casefold() != row["folded"]:
            yield Damage(f"topics {row['id']}", "folded does not match name")


def _check_related(connection: sqlite3.Connection) -> Iterator[Damage]:
    """Both directions are stored."""
    for one, other in _rows(
        connection,
        "SELECT article_id, other_id FROM related_stories EXCEPT"
        " SELECT other_id, article_id FROM related_stories",
    ):
        yield Damage(f"related_stories {one}, {other}", "is stored in one direction only")


def _check_subscriptions(connection: sqlite3.Connection) -> Iterator[Damage]:
    """The index of topics follows from the rules."""
    stored: dict[int, set[tuple[object, object]]] = {}
    for row in _rows(connection, "SELECT * FROM subscription_topics"):
        stored.setdefault(row["subscription_id"], set()).add((row["folded"], row["min_quality"]))
    for row in _rows(connection, "SELECT * FROM subscriptions"):
        try:
            subscription = decode_subscription(row)
        except DamagedRowError:
            continue
        rules = subscription.spec.rules
        wanted = {(topic.casefold(), rules.min_quality) for topic in rules.topics or ("",)}
        if stored.get(subscription.id, set()) != wanted:
            yield Damage(f"subscriptions {row['id']}", "rules does not match subscription_topics")
        yield from _check_keys(row, subscription)
        if subscription.paused_by is None and subscription.paused_reason is not None:
            yield Damage(f"subscriptions {row['id']}", "has a reason for a pause, but none")


def _check_keys(row: Row, subscription: Subscription) -> Iterator[Damage]:
    """Keys that are unknown are ignored, so that a subscription would lose the rule."""
    for column, model in (
        ("rules", subscription.spec.rules),
        ("delivery", subscription.spec.delivery),
    ):
        unknown = sorted(_unknown_keys(json.loads(row[column]), type(model)))
        if unknown:
            yield Damage(f"subscriptions {row['id']}", f"{column} has unknown keys: {unknown}")


def _unknown_keys(stored: object, model: object) -> Iterator[str]:
    """The keys of JSON objects that are not fields of a dataclass."""
    if not is_dataclass(model) or not isinstance(stored, dict):
        return
    known = {each.name: each.type for each in fields(model)}
    for key, value in stored.items():
        if key not in known:
            yield key
        for kind in (known.get(key), *get_args(known.get(key))):
            yield from _unknown_keys(value, kind)


def _check_posts(connection: sqlite3.Connection) -> Iterator[Damage]:
    """A post repeats the last entry of its history, and its times are those of entries."""
    history: dict[int, list[Row]] = {}
    for row in _rows(connection, "SELECT * FROM post_history ORDER BY id"):
        history.setdefault(row["post_id"], []).append(row)
    posts = connection.execute(
        "SELECT p.*, l.channel_id AS lead_channel FROM posts AS p"
        " LEFT JOIN posts AS l ON l.id = p.lead_post_id"
    ).fetchall()
    # Only the bot itself makes nonces of this form.
    has_form = sum(bool(_NONCE.fullmatch(str(row["nonce"]))) for row in posts) * 2 > len(posts)
    for row in posts:
        problems = list(_contradictions_of(row, history.get(row["id"], ())))
        if has_form and not _NONCE.fullmatch(str(row["nonce"])):
            problems.append("nonce has another form than the others")
        if problems:
            yield Damage(f"posts {row['id']}", "; ".join(problems))


def _contradictions_of(row: Row, entries: Sequence[Row]) -> Iterator[str]:
    if not entries:
        yield "has no history"
        return
    last = entries[-1]
    differing = [name for name in ("status", "reason") if row[name] != last[name]]
    if row["changed_at"] != last["at"]:
        differing.append("changed_at")
    times = {entry["at"] for entry in entries}
    differing += [
        name
        for name in ("claimed_at", "unknown_since", "settled_at")
        if row[name] is not None and row[name] not in times
    ]
    # It is moved back when the clock was set back.
    if row["planned_at"] not in times and str(row["planned_at"]) > max(map(str, times)):
        differing.append("planned_at")
    if differing:
        yield _differs(differing, "its history")
    if row["lead_post_id"] is not None and row["lead_channel"] != row["channel_id"]:
        yield "lead_post_id is a post of another channel"
    if row["status"] == "sent" and row["message_id"] is None:
        yield "message_id is missing"
    if (row["status"] == "folded") > (row["lead_post_id"] is not None):
        yield "lead_post_id is missing"
    if row["shown_hash"] is not None and not _HASH.fullmatch(str(row["shown_hash"])):
        yield "shown_hash is not a hash"
    claims = sum(entry["status"] == "claimed" for entry in entries)
    if not isinstance(row["attempts"], int) or not 0 <= row["attempts"] <= claims:
        yield "attempts does not match its history"


def _check_channels(connection: sqlite3.Connection) -> Iterator[Damage]:
    """A channel belongs to one server, and so do a subscription and its posts."""
    for (channel_id,) in _rows(
        connection,
        "SELECT channel_id FROM (SELECT channel_id, guild_id FROM posts"
        " UNION SELECT channel_id, guild_id FROM subscriptions)"
        " GROUP BY channel_id HAVING count(*) > 1",
    ):
        yield Damage(f"channel {channel_id}", "has posts or subscriptions of two servers")
    for (post_id,) in _rows(
        connection,
        "SELECT p.id FROM posts AS p JOIN subscriptions AS s ON s.id = p.subscription_id"
        " WHERE p.guild_id != s.guild_id",
    ):
        yield Damage(f"posts {post_id}", "guild_id differs from that of its subscription")
    for (post_id,) in _rows(
        connection,
        "SELECT e.post_id FROM edits AS e JOIN posts AS p ON p.id = e.post_id"
        " WHERE p.status != 'sent'",
    ):
        yield Damage(f"edits {post_id}", "is for a post that is not sent")


def _check_follow_ups(connection: sqlite3.Connection) -> Iterator[Damage]:
    """Only what was sent has follow-ups, and what was done has been tried."""
    for row in _rows(
        connection,
        "SELECT f.*, p.status AS post_status, p.channel_id AS post_channel"
        " FROM follow_ups AS f JOIN posts AS p ON p.id = f.post_id",
    ):
        place = f"follow_ups {row['post_id']}, {row['action']}"
        if row["post_status"] != PostStatus.SENT:
            yield Damage(place, "is for a post that is not sent")
        if row["channel_id"] != row["post_channel"]:
            yield Damage(place, "channel_id differs from that of its post")
        if row["status"] == FollowUpStatus.DONE and row["tried_at"] is None:
            yield Damage(place, "was done, but never tried")


def _check_sources(connection: sqlite3.Connection) -> Iterator[Damage]:
    sources = TABLES["sources"]
    for row in _rows(connection, "SELECT * FROM sources"):
        try:
            values = sources.decode(row)
        except DamagedRowError:
            continue
        if values["findings"] and encode_findings(values["findings"]) != row["findings"]:
            yield Damage(f"sources {row['id']}", "findings has something unknown")
        run, success = values["last_run_at"], values["last_success_at"]
        if success is not None and run is None:
            yield Damage(f"sources {row['id']}", "was read successfully, but never read")


def _check_values(connection: sqlite3.Connection, now: datetime) -> Iterator[Damage]:
    """No time and no id of Discord is from the future, and every reason is known."""
    latest = {True: now + _AHEAD, False: now + _CLOCK_MARGIN}
    for table in TABLES.values():
        checked = {
            name: decode.decode if isinstance(decode, Optional) else decode
            for name, decode in table.columns.items()
        }
        for row in _rows(connection, f"SELECT * FROM {table.name}"):
            try:
                values = table.decode(row)
            except DamagedRowError:
                continue
            for name, value in values.items():
                problem = None
                if isinstance(value, Legacy) and decode_reason(row[name]) == Legacy(row[name]):
                    problem = "has an unknown code"
                elif value is None or table is DOCUMENTS:
                    continue
                elif checked[name] is moment and not (
                    value.year >= _FIRST_YEAR and value <= latest[name == "due_at"]
                ):
                    problem = f"is {row[name]}, which can't be"
                elif checked[name] is snowflake and _time_of(value) > latest[False].timestamp():
                    problem = f"is {value}, an id from the future"
                if problem:
                    row_name = table.damaged(row, name, problem).row
                    yield Damage(f"{table.name} {row_name}", f"{name} {problem}")


def _time_of(snowflake_id: int) -> float:
    """When Discord made an id, in seconds since 1970."""
    return ((snowflake_id >> _SNOWFLAKE_SHIFT) + _EPOCH_MS) / 1000
