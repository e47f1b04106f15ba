"""The options of `/subscriptions add`, read into what is asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from bot.discordapp.subscriptions import typed
from bot.discordapp.subscriptions.timezones import find_timezone
from bot.discordapp.subscriptions.wish import Wish
from storage.models import DeliveryOptions, Kind, Mention, Rules


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed; None is what was not. The mentioned role and the channel are ids."""

    channel: int | None = None
    topics: str | None = None
    without_topics: str | None = None
    providers: str | None = None
    min_quality: int | None = None
    min_heat: int | None = None
    kind: str | None = None
    words: str | None = None
    without_words: str | None = None
    mode: str | None = None
    at: str | None = None
    weekday: int | None = None
    timezone: str | None = None
    best: int | None = None
    quiet: str | None = None
    mention: int | None = None
    mention_quality: int | None = None
    silent: bool | None = None
    fold: bool | None = None
    max_per_hour: int | None = None
    catch_up: int | None = None

    @property
    def anything(self) -> bool:
        """Whether anything was typed."""
        return any(getattr(self, each.name) is not None for each in fields(self))

    def wish(self, usual: Wish) -> Wish:
        """What is asked for; `usual` where nothing was typed. `ValueError` in words."""
        return Wish(
            usual.channel_id if self.channel is None else self.channel,
            self._rules(usual.rules),
            usual.max_per_hour if self.max_per_hour is None else self.max_per_hour,
            self._delivery(usual.delivery),
            usual.catch_up if self.catch_up is None else self.catch_up,
        )

    def _rules(self, usual: Rules) -> Rules:
        return Rules(
            topics=typed.split_names(self.topics or "", "topics"),
            min_quality=usual.min_quality if self.min_quality is None else self.min_quality,
            without_topics=typed.split_names(self.without_topics or "", "topics"),
            providers=typed.split_names(self.providers or "", "providers"),
            min_heat=self.min_heat,
            kinds=() if self.kind is None else (Kind(self.kind),),
            words=typed.split_names(self.words or "", "words"),
            without_words=typed.split_names(self.without_words or "", "words"),
        )

    def _delivery(self, usual: DeliveryOptions) -> DeliveryOptions:
        if self.mention is None and self.mention_quality is not None:
            raise ValueError("Please name the role, too, with `mention:`.")
        chosen = DeliveryOptions(
            timezone=usual.timezone if self.timezone is None else find_timezone(self.timezone),
            digest=typed.parse_digest(self.mode, self.at, self.weekday, self.best),
            quiet=None if self.quiet is None else typed.parse_quiet(self.quiet),
            mention=(
                None if self.mention is None else Mention(self.mention, self.mention_quality or 0)
            ),
            silent=bool(self.silent),
        )
        return chosen if self.fold is None else replace(chosen, fold=self.fold)
