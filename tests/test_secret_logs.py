"""The check of everything that tests log finds secrets, and no others."""

import logging
import secrets

import pytest

from tests.support.secret_logs import SecretLogs, secured_texts


@pytest.mark.parametrize(
    ("text", "is_leak"),
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
def test_a_logged_secret_is_found(secret_logs: SecretLogs, text: str, is_leak: bool) -> None:
    """What the formatters hide is none; TOKEN stands for one that the sandbox makes."""
    text = text.replace("TOKEN", secrets.token_urlsafe(48))
    logging.getLogger("discord.http").debug("%s", text)
    found = bool(secret_logs.leaks)
    secret_logs.leaks.clear()
    assert found is is_leak
