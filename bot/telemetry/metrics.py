"""The metrics, for Prometheus. docs/monitoring.md describes each."""

import math
from collections.abc import Mapping
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.telemetry.reading import Reading
from storage.posts import PostStatus

# The outcomes of posts: what a change of a post can end in.
OUTCOMES = (
    PostStatus.SENT,
    PostStatus.FOLDED,
    PostStatus.SKIPPED,
    PostStatus.RETRY,
    PostStatus.FAILED,
    PostStatus.UNCERTAIN,
)
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)
_LAG_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The metrics of one bot: what it counts itself, and what is read for each scrape."""

    def __init__(self) -> None:
        # The times at which series began; they would double the number of series.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(namespace="storywire", registry=registry)

        def gauge(name: str, help_text: str, *labels: str) -> Gauge:
            return Gauge(f"storywire_{name}", help_text, labels, registry=registry)

        def counter(name: str, help_text: str, *labels: str) -> Counter:
            return Counter(f"storywire_{name}", help_text, labels, registry=registry)

        def histogram(
            name: str, help_text: str, buckets: tuple[float, ...], *labels: str
        ) -> Histogram:
            return Histogram(
                f"storywire_{name}", help_text, labels, buckets=buckets, registry=registry
            )

        self._build = gauge("build_info", "Always 1; the label is the version.", "version")
        self._build.labels(version("storywire")).set(1)
        self._ready = gauge("ready", "1 if /readyz answers 200, else 0.")
        self._gateway = gauge(
            "gateway_connected", "1 while Discord's gateway is connected, else 0."
        )
        self._servers = gauge("servers", "Servers that the bot is in.")
        self._database = gauge("database_readable", "1 if the database could be read, else 0.")
        self._size = gauge("database_bytes", "Size of the database and its write-ahead log.")
        self._free = gauge("database_free_bytes", "Free space where the database is.")
        self._posts = counter("posts", "Posts by the state that they got.", "outcome")
        self._waiting = gauge("outbox_waiting", "Posts that wait, due or not.")
        self._due = gauge("outbox_due", "Posts that may be sent now.")
        self._age = gauge(
            "outbox_oldest_due_seconds",
            "How long the oldest post that may be sent is due; 0: none.",
        )
        self._edits = gauge("outbox_edits", "Messages that wait for an edit.")
        self._follow_ups = gauge(
            "outbox_follow_ups", "Messages that wait to be published, or for a thread."
        )
        self._paused = gauge("posting_paused", "1 while all posting is paused, else 0.")
        self._pace = gauge("pace_limit", "Messages per second that the settings allow.")
        self._sends = histogram(
            "send_seconds", "Time of a send or an edit, with its outcome.", _SECONDS, "outcome"
        )
        self._responses = counter(
            "discord_responses", "Responses of Discord's REST API; 429: too many.", "status"
        )
        self._answers = histogram(
            "answer_seconds", "Time to the first answer to a command.", _SECONDS, "command"
        )
        self._lag = histogram(
            "event_loop_lag_seconds", "How late a timer of the bot is.", _LAG_SECONDS
        )
        self._source_failing = gauge(
            "source_failing", "1 if the last read of the source failed, else 0.", "source"
        )
        self._source_age = gauge(
            "source_age_seconds", "Time since the source was last read successfully.", "source"
        )
        for outcome in OUTCOMES:
            self._posts.labels(outcome.value)
        self._responses.labels("429")

    def count_changes(self, changes: Mapping[PostStatus, int]) -> None:
        """Count changes of posts by their new status."""
        for status in OUTCOMES:
            self._posts.labels(status.value).inc(changes.get(status, 0))

    def observe_send(self, outcome: str, seconds: float) -> None:
        """Record a send or an edit."""
        self._sends.labels(outcome).observe(seconds)

    def observe_response(self, status: int) -> None:
        """Record a response of Discord's REST API."""
        self._responses.labels(str(status)).inc()

    def observe_answer(self, command: str, seconds: float) -> None:
        """Record how long a member waited for the first answer to a command or component."""
        self._answers.labels(command).observe(seconds)

    def observe_lag(self, seconds: float) -> None:
        """Record how late a timer was."""
        self._lag.observe(seconds)

    def show(self, reading: Reading, *, ready: bool) -> bytes:
        """All metrics in Prometheus's text format, with the state that was read.

        What could not be read is not a number: an old number would look like a new one.
        """
        self._ready.set(ready)
        self._gateway.set(reading.gateway_connected)
        self._servers.set(reading.servers)
        self._pace.set(reading.pace)
        self._source_failing.clear()
        self._source_age.clear()
        disk, database = reading.disk, reading.database
        self._size.set(math.nan if disk is None else disk.used)
        self._free.set(math.nan if disk is None else disk.free)
        self._database.set(database is not None)
        outbox = None if database is None else database.outbox
        self._waiting.set(math.nan if outbox is None else outbox.waiting)
        self._due.set(math.nan if outbox is None else outbox.due)
        self._edits.set(math.nan if outbox is None else outbox.edits)
        self._follow_ups.set(math.nan if outbox is None else outbox.follow_ups)
        self._age.set(math.nan if outbox is None else reading.oldest_due_age.total_seconds())
        self._paused.set(math.nan if database is None else database.paused_since is not None)
        for source in database.sources if database else ():
            self._source_failing.labels(source.name).set(source.error is not None)
            if source.last_success_at is not None:
                age = (reading.at - source.last_success_at).total_seconds()
                self._source_age.labels(source.name).set(max(0.0, age))
        return generate_latest(self.registry)
