"""The answer of `/subscriptions why`: first what became of a story, then why. With markdown."""

from collections.abc import Sequence
from datetime import datetime

from bot.announce.explain import Decision, Explanation
from bot.announce.schedule import ends_quiet, first_due, quiet_until
from bot.discordapp.markdown import discord_length, escaped, exact_time, relative_time
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.fitting import fit_entries
from bot.discordapp.messages.pending import describe_pause_reason, describe_turn
from bot.discordapp.messages.posts import describe_event
from bot.discordapp.messages.reasons import describe_evidence, describe_reason
from bot.discordapp.messages.subscription_summary import describe_rules
from bot.discordapp.messages.verdicts import describe_check, describe_refusal
from storage.models import PausedBy, Subscription
from storage.posts import Post, PostStatus
from storage.reasons import BestSoFar, FoundAfterRestore, QuietHours, Reason, SameStory

TITLE = "Why this story?"
HISTORY_TITLE = "History"
LEGEND = "Rules with • did not decide."

# Discord's limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
_DESCRIPTION = 4000
_HISTORY = 1000
_REASON = 200
_RULES = 120
_REFUSALS = 3
_WAITING = frozenset({PostStatus.PLANNED, PostStatus.RETRY})


def describe_why(above: Sequence[str], explanation: Explanation) -> str:
    """The outcome and the story (`above`), then each subscription's rules with their verdicts."""
    text = "\n".join(above)
    entries = [
        _describe_decision(number, decision, several=len(explanation.decisions) > 1)
        for number, decision in enumerate(explanation.decisions, start=1)
    ]
    if not entries:
        return text
    room = _DESCRIPTION - discord_length(text)
    return f"{text}\n\n{fit_entries(entries, room)}"


def describe_history(explanation: Explanation) -> str:
    """The steps of the post, a line each."""
    lines = [describe_event(event) for event in explanation.history]
    # The latest steps explain most, so the earliest ones are left out if there is no room.
    while sum(discord_length(line) + 1 for line in lines) > _HISTORY:
        del lines[0]
    return "\n".join(lines)


def describe_outcome(
    explanation: Explanation,
    channel_id: int,
    now: datetime,
    *,
    posted_at: datetime | None,
    lead_link: str | None,
) -> list[str]:
    """What became of a story in a channel: a sentence, and details on further lines.

    `posted_at` is the time of the message that shows the story, if it was sent. `lead_link` is a
    link to the story that leads this message, if that is another one.
    """
    post = explanation.post
    if post is None:
        return [f"**{_describe_unplanned(explanation, channel_id)}**"]
    other = lead_link or "another story"
    first, *details = (
        _describe_waiting(explanation, post, other, now)
        if post.status in _WAITING
        else _describe_settled(explanation, post, other, posted_at)
    )
    return [f"**{first}**", *details]


def _describe_unplanned(explanation: Explanation, channel_id: int) -> str:
    """Why the channel has no post of the story."""
    channel = f"<#{channel_id}>"
    decisions = explanation.decisions
    if not decisions:
        return f"Not posted in {channel}: this channel has no subscriptions."
    wanting = [decision.subscription for decision in decisions if decision.wanted]
    if any(each.paused_by is not PausedBy.ADMIN for each in wanting):
        return (
            f"Not planned for {channel}, although it matches now: stories are planned when they"
            " arrive or change."
        )
    if wanting:
        return (
            f"Not planned for {channel}: an admin paused the subscription that wants it, and"
            " stories that arrive during a pause are not posted."
        )
    first, *others = [decision.refused_by for decision in decisions]
    shared = [check for check in first if all(check in refused for refused in others)]
    why = "; ".join(map(describe_refusal, shared[:_REFUSALS]))
    return f"Not selected for {channel}: {why or 'none of its subscriptions wants it'}"


def _describe_settled(
    explanation: Explanation, post: Post, other: str, posted_at: datetime | None
) -> list[str]:
    """The outcome of a post that does not wait."""
    at = exact_time(posted_at or post.settled_at or post.planned_at)
    reason = _escaped(post.reason) if post.reason else "unknown reason"
    match post.status:
        case PostStatus.SENT:
            return _describe_sent(explanation, post, at)
        case PostStatus.FOLDED:
            return [
                *_describe_folded(explanation.lead, other, at),
                *_describe_evidence(post.reason),
            ]
        case PostStatus.SKIPPED:
            return [f"Skipped on {at}: {reason}"]
        case PostStatus.FAILED:
            return [f"Failed on {at}: {reason}"]
        case PostStatus.UNCERTAIN:
            return [f"Uncertain since {at}: {reason}", "An operator has to look and decide."]
        case _:
            return ["Being sent right now"]


def _describe_sent(explanation: Explanation, post: Post, at: str) -> list[str]:
    text = f"Posted on {at}"
    if post.digest_position is not None:
        text += f", number {post.digest_position} in a digest"
    text += _as_catch_up(explanation, " ")
    details = []
    if explanation.story.withdrawn:
        text += ", and later withdrawn"
    if post.message_removed:
        details.append("Its message was deleted.")
    elif post.message_id is not None:
        details.append(_message_link(post, post.message_id))
    if isinstance(post.reason, FoundAfterRestore):
        if post.message_id is None:
            details.append(f"Another message shows it: {_message_link(post, post.reason.message)}")
        details.append(f"It was {_escaped(post.reason)}.")
    elif post.reason is not None:
        details.append(f"It was posted {_escaped(post.reason)}.")
    if explanation.owner is None:
        details.append("The subscription that posted it was removed or moved since then.")
    return [text, *details]


def _describe_folded(lead: Post | None, other: str, at: str) -> list[str]:
    """A post that is shown as coverage."""
    if lead is None or lead.status is PostStatus.SENT:
        link = [_message_link(lead, lead.message_id)] if lead and lead.message_id else []
        return [f"Shown as coverage of {other} since {at}", *link]
    if lead.status is PostStatus.UNCERTAIN or lead.unknown_since is not None:
        return [f"Coverage of {other}, which may already be posted"]
    return [f"Waiting as coverage of {other}, which is not posted yet"]


def _describe_evidence(reason: Reason | None) -> list[str]:
    """Why the story is about the same event, as one line; earlier versions recorded nothing."""
    if not isinstance(reason, SameStory) or not reason.words:
        return []
    return [f"The same event: {escaped(describe_evidence(reason), _REASON)}."]


def _describe_waiting(explanation: Explanation, post: Post, other: str, now: datetime) -> list[str]:
    owner, lead = explanation.owner, explanation.lead or post
    together = f", in the same digest as {other}" if post.lead_post_id is not None else ""
    if lead.status is PostStatus.CLAIMED:
        return [f"Being sent right now{together}"]
    if lead.unknown_since is not None:
        reason = f" ({_escaped(lead.reason)})" if lead.reason else ""
        turn = describe_turn(owner, lead.due_at, now)
        if owner is not None and owner.paused_by:
            turn = "when the subscription is resumed"
        return [f"May already be posted{together}{reason}", f"I'll check {turn}."]
    details = []
    if explanation.story.withdrawn:
        details.append("It was withdrawn, and is skipped unless it comes back before its turn.")
    elif explanation.too_old:
        details.append("It is too old by now, and is skipped at its turn.")
    elif post.catch_up:
        details.append("It has no age limit.")
    return [
        f"Waiting{together}{_describe_wait(owner, post, now)}{_as_catch_up(explanation, ', ')}",
        *details,
    ]


def _describe_wait(owner: Subscription | None, post: Post, now: datetime) -> str:
    """For what, or until when, a post waits, as a phrase that follows "Waiting"."""
    if owner is None:
        return " until the removal of its subscription is undone or final"
    if owner.paused_by is PausedBy.ADMIN:
        return f" until {command('subscriptions resume')}, because an admin paused its subscription"
    if owner.paused_by is PausedBy.BOT:
        return f" until I can post here again ({describe_pause_reason(owner)})"
    delivery = owner.spec.delivery
    if delivery.digest and not post.catch_up and post.due_at == first_due(delivery, now):
        best = delivery.digest.best
        return f" for the digest {relative_time(post.due_at)}, which contains the {best} best"
    due_at = max(post.due_at, quiet_until(delivery, now) or post.due_at)
    delay = ""
    if delivery.quiet and due_at > now and ends_quiet(delivery, due_at):
        delay = f" ({describe_reason(QuietHours(delivery.quiet.end))})"
    elif post.reason and due_at > now and post.status is PostStatus.RETRY:
        delay = f" ({_escaped(post.reason)})"
    return f" to be posted {describe_turn(owner, due_at, now)}{delay}"


def _as_catch_up(explanation: Explanation, before: str) -> str:
    """` as one of the 3 best so far`, empty for stories that are no catch-up."""
    match explanation.best:
        case None:
            return ""
        case 0:  # of an earlier version
            return f"{before}as one of the best so far"
        case count:
            return f"{before}as {describe_reason(BestSoFar(count))}"


def _describe_decision(number: int, decision: Decision, *, several: bool) -> str:
    rules = describe_rules(decision.subscription.spec.rules, limit=_RULES)
    notes = ["paused"] if decision.subscription.paused_by else []
    notes += ["chose this story"] if decision.chosen and several else []
    note = f" ({', '.join(notes)})" if notes else ""
    lines = [f"**Subscription {number}:** {rules}{note}"]
    lines += [describe_check(check, effect) for check, effect in decision.checks]
    return "\n".join(lines)


def _message_link(post: Post, message_id: int) -> str:
    where = post.thread_id or post.channel_id
    return f"https://discord.com/channels/{post.guild_id}/{where}/{message_id}"


def _escaped(reason: Reason) -> str:
    return escaped(describe_reason(reason), _REASON)
