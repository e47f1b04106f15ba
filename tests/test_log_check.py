"""The check of everything that tests log finds secrets and names of classes, and no others."""

import logging
import secrets
from collections.abc import Callable

import pytest

from bot.cli.logs import print_warnings, set_up_logging
from tests.support.log_check import LogCheck, loggers_kept, secured_texts


@pytest.mark.parametrize(
    ("text", "is_fault"),
    [
        ("nothing", False),
        ("a text with c4nary", True),
        ("https://a.example/?token=c4nary", False),
        (f"secured {secured_texts()[0]} and more", True),
        ("TOKEN", True),
        ("PUT /interactions/123/TOKEN/callback", False),
        ("{'token': 'TOKEN', 'type': 2}", False),
    ],
)
def test_a_logged_secret_is_found(log_check: LogCheck, text: str, is_fault: bool) -> None:
    """What the formatters hide is none; TOKEN stands for one that the sandbox makes."""
    text = text.replace("TOKEN", secrets.token_urlsafe(48))
    logging.getLogger("discord.http").debug("%s", text)
    found = bool(log_check.faults)
    log_check.faults.clear()
    assert found is is_fault


@pytest.mark.parametrize(
    ("logger", "is_fault"), [("bot.app", True), ("storage.sqlite", True), ("discord.http", False)]
)
def test_names_of_classes_are_found(log_check: LogCheck, logger: str, is_fault: bool) -> None:
    """Those in lines of libraries are not ours."""
    logging.getLogger(logger).debug("it failed: %s", "KeyError: 'id'")
    found = bool(log_check.faults)
    log_check.faults.clear()
    assert found is is_fault


@pytest.mark.parametrize("set_up", [print_warnings, lambda: set_up_logging("text", "error")])
def test_a_command_that_sets_up_logging_does_not_end_the_check(
    log_check: LogCheck, set_up: Callable[[], None]
) -> None:
    """A test may call a command in this process; the tests after it are still checked."""
    with loggers_kept():
        set_up()
    test_a_logged_secret_is_found(log_check, "a text with c4nary", is_fault=True)
