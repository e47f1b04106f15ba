"""What an admin asks for, however it was said: in options, in the editor, or in a file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from storage.models import DeliveryOptions, Kind, Rules, Subscription

MAX_NAMES = 25
MAX_NAME_LENGTH = 100
MAX_QUALITY = 1000
MAX_CATCH_UP = 20
MAX_PER_HOUR = 1000
MAX_BEST = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription as it is wanted, before it is held against what the server has.

    `catch_up`: how many of the best stories so far are posted at once.
    """

    channel_id: int
    rules: Rules
    max_per_hour: int | None
    delivery: DeliveryOptions
    catch_up: int = 0

    def with_rules(self, rules: Rules) -> Wish:
        """The same with other rules."""
        return replace(self, rules=rules)


def wish_of(subscription: Subscription) -> Wish:
    """What a subscription fulfils."""
    return Wish(
        subscription.spec.channel_id,
        subscription.spec.rules,
        subscription.spec.max_per_hour,
        subscription.spec.delivery,
    )


def is_same(one: Wish, other: Wish) -> bool:
    """Whether two wishes are for the same stories in the same channel.

    A channel gets a story once, so the younger of two such subscriptions would never get any.
    """
    return _essence(one) == _essence(other)


def _essence(wish: Wish) -> tuple[object, ...]:
    """What tells wishes apart; names in any case and order."""
    rules = wish.rules
    names = (rules.topics, rules.without_topics, rules.providers, rules.words, rules.without_words)
    return (
        wish.channel_id,
        rules.min_quality,
        rules.min_heat,
        frozenset(rules.kinds or Kind),
        *(frozenset(name.casefold() for name in each) for each in names),
    )
