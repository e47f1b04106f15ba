"""The check of everything that tests log finds secrets and names of classes, and no others."""

import logging
import secrets

import pytest

from tests.support.log_check import LogCheck, secured_texts


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
