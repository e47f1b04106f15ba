"""Hypothesis strategies for the parts of a subscription."""

from dataclasses import replace

from hypothesis import strategies as st

from bot.discordapp.markdown import plain
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.subscriptions.options import SWITCHES
from bot.discordapp.subscriptions.parsing import (
    MAX_FOOTER,
    MAX_LINE,
    PLACEHOLDERS,
    make_tags,
    parse_line,
    sort_facts,
)
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Fact,
    Kind,
    Look,
    Mention,
    QuietHours,
    Rules,
    Style,
    SubscriptionSpec,
)
from tests.discordapp.rendering.limits import hostile

name = st.text(min_size=1, max_size=30).map(lambda text: plain(text, 100)).filter(bool)
names = st.lists(name, max_size=3, unique=True).map(tuple)
minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
qualities = st.integers(0, 1000)
wanted_rules = st.builds(
    Rules,
    topics=names,
    min_quality=qualities,
    without_topics=names,
    providers=names,
    min_heat=st.none() | qualities,
    kinds=st.sampled_from([(), (Kind.ARTICLE,), (Kind.VIDEO,), (Kind.ARTICLE, Kind.SHORT)]),
    words=names,
    without_words=names,
    not_in=st.lists(st.integers(2**32, 2**63 - 1), max_size=3, unique=True).map(tuple),
)
styles = st.builds(
    Style,
    colour=st.none() | st.integers(0, 0xFFFFFF),
    footer=st.text(max_size=120).map(lambda text: plain(text, MAX_FOOTER)),
    line=st.sampled_from(["", "{role} {title}", "Now in {topic}: {title} ({provider})", "{{}}"]),
    facts=st.sets(st.sampled_from(Fact)).map(sort_facts),
)


def _is_line(template: str) -> bool:
    try:
        parse_line(template)
    except InvalidInputError:
        return False
    return len(template) <= MAX_LINE


lines = (
    st.lists(
        st.sampled_from([*(f"{{{name}}}" for name in PLACEHOLDERS), "{{", "}}"])
        | hostile.map(lambda text: text[:60].replace("{", "{{").replace("}", "}}"))
    )
    .map("".join)
    .filter(_is_line)
    .map(parse_line)
)
hostile_styles = st.builds(
    replace, styles, line=lines, footer=hostile.map(lambda text: plain(text, MAX_FOOTER))
)
deliveries = st.builds(
    DeliveryOptions,
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    digest=st.none()
    | st.builds(
        Digest, st.sampled_from([DigestDays.DAILY, DigestDays.WEEKDAYS]), minutes, best=st.just(7)
    )
    | st.builds(Digest, st.just(DigestDays.WEEKLY), minutes, st.integers(0, 6), st.just(3)),
    quiet=st.none()
    | st.builds(QuietHours, minutes, minutes).filter(lambda quiet: quiet.begin != quiet.end),
    mention=st.none() | st.builds(Mention, st.just(77), qualities),
    second_mention=st.none() | st.builds(Mention, st.just(78), qualities),
    look=st.sampled_from(Look),
    tags=st.dictionaries(name, name, max_size=3).map(lambda tags: make_tags(tags.items())),
    fallback_tag=st.none() | name,
    style=styles,
    **{switch.name: st.booleans() for switch in SWITCHES},
)
specs = st.builds(
    SubscriptionSpec,
    st.integers(1, 2**63 - 1),
    wanted_rules,
    st.none() | st.integers(1, 1000),
    deliveries,
)
