from bot.discordapp.messages.news import Filters, did_you_mean, list_heading, no_results
from storage.models import Kind


def test_known_words_and_topics_are_suggested() -> None:
    """Either may be missing; nothing in them is markup."""
    words, topics = ["robot", "robo*t"], ["Robotics", "Robots"]
    assert did_you_mean(words) == "Did you mean **robot** or **robo\\*t**?"
    assert did_you_mean([], topics) == "Topics like it: **Robotics**, **Robots**."
    assert did_you_mean(words[:1], topics[:1]) == (
        "Did you mean **robot**? Topics like it: **Robotics**."
    )
    assert did_you_mean([]) == ""


def test_what_is_suggested_comes_first() -> None:
    """Then why there are no stories, and what to try."""
    text = no_results("Stories", Filters(topic="AI"), search=True, meant="Did you mean **x**?")
    assert text == (
        "**Stories**\nNo stories found. Did you mean **x**? Every word must appear in a story."
        " Try fewer or different words or all topics."
    )


def test_filters_that_exclude_every_match_are_named() -> None:
    """Then the words are not the problem."""
    filters = Filters("week", provider="Reuters")
    assert no_results("Stories", filters, search=True, unfiltered="3 stories") == (
        "**Stories**\nNo stories found. Without filters: **3 stories**."
        " Try a longer period or all providers."
    )


def test_a_heading_names_every_filter() -> None:
    """In the order of a sentence."""
    filters = Filters("three_days", "AI", "Reuters", Kind.VIDEO, 70)
    assert list_heading("Stories", filters) == (
        "Stories of the past 3 days in AI from Reuters · videos · quality 70+"
    )
