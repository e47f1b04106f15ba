import pytest

from bot.discordapp.messages.subscription_summary import describe_delivery, describe_rules
from storage.models import DeliveryOptions, Fact, Kind, Rules, Style


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((), ""),
        ((Kind.ARTICLE,), " · articles only"),
        ((Kind.VIDEO,), " · videos only"),
        ((Kind.SHORT,), " · Shorts only"),
        ((Kind.ARTICLE, Kind.VIDEO), " · articles and videos"),
        (tuple(Kind), ""),
    ],
)
def test_kinds_are_described(kinds: tuple[Kind, ...], words: str) -> None:
    """All kinds are the default, which is not mentioned."""
    assert describe_rules(Rules(min_quality=70, kinds=kinds)) == f"all topics · quality 70+{words}"


@pytest.mark.parametrize(
    ("style", "phrases"),
    [
        (Style(), []),
        (Style(colour=0xABC), ["colour #000abc"]),
        (Style(footer="*Ours*"), [r"footer “\*Ours\*”"]),
        (Style(line="New: {title}"), ["line “New: {title}”"]),
        (Style(facts=(Fact.QUALITY, Fact.TIME)), ["shows only quality and time"]),
        (Style(facts=()), ["without quality, topics and time"]),
    ],
)
def test_a_style_is_described(style: Style, phrases: list[str]) -> None:
    assert describe_delivery(DeliveryOptions(style=style)) == phrases
