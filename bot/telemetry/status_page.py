"""The status page: HTML with charts in SVG, without scripts. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from bot.telemetry.readiness import Part, State, worst
from bot.telemetry.reading import Reading
from storage.models import SourceRun
from storage.posts import PostStatus

Counts = Mapping[tuple[datetime, PostStatus], int]

_HOUR = timedelta(hours=1)
_SENT, _FAILED = (PostStatus.SENT,), (PostStatus.FAILED, PostStatus.UNCERTAIN)
_WIDTH, _HEIGHT, _TOP, _LEFT = 640, 150, 10, 44
_COLOURS = {State.OK: "ok", State.DEGRADED: "degraded", State.NOT_READY: "down"}
_STYLE = """
:root { color-scheme: light dark; --line: #c9ced6; --quiet: #5a6270; --sent: #2f6fc4;
  --failed: #c2362b; --ok: #1d7a3a; --degraded: #9a6200; --down: #c2362b; }
@media (prefers-color-scheme: dark) { :root { --line: #454a54; --quiet: #a9b0bc; --sent: #6aa5ee;
  --failed: #f0786d; --ok: #5fcf83; --degraded: #e8b04b; --down: #f0786d; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 600; }
.ok { color: var(--ok); } .degraded { color: var(--degraded); } .down { color: var(--down); }
.state { font-weight: 600; white-space: nowrap; }
.quiet { color: var(--quiet); }
svg { width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
svg line { stroke: var(--line); } .sent { fill: var(--sent); } .failed { fill: var(--failed); }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """The posts of some time: sent ones, and failed or uncertain ones. `label` is below it."""

    label: str
    title: str
    sent: int
    failed: int


def day_bars(counts: Counts, now: datetime) -> list[Bar]:
    """A bar for each of the last 24 hours."""
    last = now.replace(minute=0, second=0, microsecond=0)
    hours = [last - (23 - number) * _HOUR for number in range(24)]
    return [
        _bar(counts, hour, 1, f"{hour:%H:%M}" if hour.hour % 6 == 0 else "", f"{hour:%d %b %H:%M}")
        for hour in hours
    ]


def week_bars(counts: Counts, now: datetime) -> list[Bar]:
    """Four bars for each of the last seven days, which begin at midnight in UTC."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today + timedelta(hours=6 * number - 6 * 24) for number in range(28)]
    return [
        _bar(counts, start, 6, f"{start:%a %d}" if start.hour == 0 else "", f"{start:%d %b %H:%M}")
        for start in starts
    ]


def _bar(counts: Counts, start: datetime, hours: int, label: str, title: str) -> Bar:
    times = [start + number * _HOUR for number in range(hours)]

    def total(statuses: Sequence[PostStatus]) -> int:
        return sum(counts.get((time, status), 0) for time in times for status in statuses)

    return Bar(label, title, total(_SENT), total(_FAILED))


def render(reading: Reading, parts: tuple[Part, ...], counts: Counts, version: str) -> str:
    """The page."""
    state = worst(parts)
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="refresh" content="60">',
            f"<title>Storywire: {state.label}</title><style>{_STYLE}</style></head><body>",
            f'<h1>Storywire is <span class="{_COLOURS[state]}">{_said(state)}</span></h1>',
            f'<p class="quiet">Version {escape(version)}, {reading.at:%Y-%m-%d %H:%M:%S} UTC.',
            " The page is read again every minute.</p>",
            _table(("part", "state", ""), map(_part_cells, parts)),
            "<h2>Posts in the last day, per hour</h2>",
            _chart(day_bars(counts, reading.at)),
            "<h2>Posts in the last week, per six hours</h2>",
            _chart(week_bars(counts, reading.at)),
            *_outbox(reading),
            *_sources(reading),
            "</body></html>\n",
        )
    )


def _said(state: State) -> str:
    return "ready" if state is State.OK else state.label


def _part_cells(part: Part) -> tuple[str, ...]:
    state = f'<span class="state {_COLOURS[part.state]}">{part.state.label}</span>'
    return escape(part.name), state, escape(part.text)


def _outbox(reading: Reading) -> Iterator[str]:
    if reading.database is not None:
        outbox = reading.database.outbox
        yield "<h2>Outbox</h2>"
        rows = [
            ("posts that wait", f"{outbox.waiting:,}"),
            ("of these, due", f"{outbox.due:,}"),
            ("the oldest is due since", _ago(reading.oldest_due_age) if outbox.due else "–"),
            ("messages that wait for an edit", f"{outbox.edits:,}"),
            ("messages that wait to be published, or for a thread", f"{outbox.follow_ups:,}"),
        ]
        yield _table((), rows)


def _sources(reading: Reading) -> Iterator[str]:
    if reading.database is not None and reading.database.sources:
        yield "<h2>Sources</h2>"
        rows = [_source_cells(source, reading.at) for source in reading.database.sources]
        yield _table(("source", "last read", "state"), rows)


def _source_cells(source: SourceRun, now: datetime) -> tuple[str, ...]:
    read = (
        "not yet" if source.last_success_at is None else f"{_ago(now - source.last_success_at)} ago"
    )
    if source.error is not None:
        state = f'<span class="degraded">{escape(source.error)}</span>'
    elif source.last_run_at is None:
        state = '<span class="quiet">–</span>'
    else:
        state = '<span class="state ok">ok</span>'
    return escape(source.name), read, state


def _ago(time: timedelta) -> str:
    """A length of time with one unit, such as `5 min`."""
    seconds = max(0, int(time.total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _table(
    head: Sequence[str], rows: "Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]"
) -> str:
    """A table; the cells are HTML."""
    top = f"<tr>{''.join(f'<th>{each}</th>' for each in head)}</tr>" if head else ""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="table"><table>{top}{body}</table></div>'


def _chart(bars: Sequence[Bar]) -> str:
    """Bars with the sent posts below and the failed and uncertain ones above them."""
    highest = max(bar.sent + bar.failed for bar in bars)
    sent, failed = sum(bar.sent for bar in bars), sum(bar.failed for bar in bars)
    scale = (_HEIGHT - _TOP) / max(1, highest)
    room = (_WIDTH - _LEFT) / len(bars)
    shapes = [
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}"/>',
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{_TOP}" y2="{_TOP}"/>',
        f'<text x="{_LEFT - 8}" y="{_HEIGHT + 4}" text-anchor="end">0</text>',
        f'<text x="{_LEFT - 8}" y="{_TOP + 4}" text-anchor="end">{max(1, highest):,}</text>',
    ]
    for number, bar in enumerate(bars):
        left, top = _LEFT + number * room, float(_HEIGHT)
        title = (
            f"<title>{bar.title} UTC: {bar.sent:,} sent, {bar.failed:,} failed or uncertain</title>"
        )
        rectangles = ""
        for kind, count in (("sent", bar.sent), ("failed", bar.failed)):
            if count:
                height = max(2.0, count * scale)
                top -= height
                rectangles += (
                    f'<rect class="{kind}" x="{left + room * 0.1:.1f}" y="{top:.1f}"'
                    f' width="{room * 0.8:.1f}" height="{height:.1f}"/>'
                )
        shapes.append(f"<g>{title}{rectangles}</g>")
        if bar.label:
            shapes.append(f'<text x="{left:.1f}" y="{_HEIGHT + 20}">{bar.label}</text>')
    summary = f"{sent:,} sent, {failed:,} failed or uncertain"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 26}" role="img" aria-label="{summary}">'
        f"{''.join(shapes)}</svg>"
        f'<p class="quiet">{summary}. Times are in UTC.</p>'
    )
