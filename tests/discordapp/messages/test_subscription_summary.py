import pytest

from bot.discordapp.messages.subscription_summary import describe_rules
from storage.models import Kind, Rules


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
