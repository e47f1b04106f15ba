import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox import SandboxError
from bot.sandbox.rest.openapi_contract import Contract
from bot.sandbox.rest.routing import ApiRequest
from tests.sandbox.support import Rest
from tests.support.sandbox import checked_sandbox, discord_openapi

SEND = ("POST", "/channels/{channel_id}/messages")
HISTORY = ("GET", "/channels/{channel_id}/messages")
CHANNEL = {"channel_id": "123"}


@pytest.fixture
def contract() -> Contract:
    """The checker with Discord's own description; without it there is nothing to test."""
    if (openapi := discord_openapi()) is None:
        pytest.skip("STORYWIRE_DISCORD_OPENAPI does not name Discord's API description")
    return Contract.load(openapi)


def sends(body: object) -> Callable[[Contract], None]:
    return lambda contract: contract.check_request(*SEND, ApiRequest(CHANNEL, {}, body))


def asks(path: dict[str, str], query: dict[str, str]) -> Callable[[Contract], None]:
    return lambda contract: contract.check_request(*HISTORY, ApiRequest(path, query))


def answers(status: int, body: object) -> Callable[[Contract], None]:
    return lambda contract: contract.check_response(*SEND, status, body)


@pytest.mark.parametrize(
    ("break_it", "what"),
    [
        (sends({"content": 5}), "content"),
        (sends({"embeds": [{"title": "x" * 257}]}), "embeds/0/title"),
        (sends({"embeds": [{"titel": "x"}]}), "/embeds/0/titel is not in the description"),
        (sends({"kontent": "x"}), "/kontent is not in the description"),
        (sends(None), "body"),
        (asks({"channel_id": "news"}, {}), "news"),
        (asks(CHANNEL, {"limit": "101"}), "101"),
        (asks(CHANNEL, {"limit": "many"}), "many"),
        (asks(CHANNEL, {"since": "1"}), "since is not in the description"),
        (answers(200, {"id": "1"}), "content"),
        (answers(403, {"message": "no code"}), "code"),
        (answers(429, {"message": "m", "code": 0}), "retry_after"),
        (answers(500, {"message": "m", "code": 0}), "this status is not in the description"),
        (lambda c: c.check_request("PUT", "/nowhere", ApiRequest({}, {})), "this route"),
        (
            lambda c: c.check_request(*HISTORY, ApiRequest(CHANNEL, {}, {"a": 1})),
            "not have a body",
        ),
        (
            lambda c: c.check_response(
                "DELETE", "/channels/{channel_id}/messages/{message_id}", 204, {}
            ),
            "not have a body",
        ),
    ],
)
def test_every_kind_of_violation_is_reported(
    contract: Contract, break_it: Callable[[Contract], None], what: str
) -> None:
    """Wrong types, lengths, keys, parameters, statuses and routes are each collected."""
    break_it(contract)
    assert contract.violations
    assert any(what in violation.what for violation in contract.violations)


async def ask_the_unknown(rest: Rest) -> None:
    await rest.call("POST", f"/channels/{rest.sandbox.world.find_channel('news').id}/webhooks", {})


async def ask_wrongly(rest: Rest) -> None:
    await rest.send(rest.sandbox.world.find_channel("news").id, content="x", kontent="x")


async def get_a_wrong_answer(rest: Rest) -> None:
    news = rest.sandbox.world.find_channel("news").id
    await rest.send(news, content="x")
    rest.sandbox.world.log(news).all()[0].components = [{"type": "button"}]
    await rest.call("GET", f"/channels/{news}/messages")


async def meet_a_mistake(rest: Rest) -> None:
    news = rest.sandbox.world.find_channel("news").id
    await rest.send(news, content="x")
    rest.sandbox.world.users.clear()
    await rest.call("GET", f"/channels/{news}/messages")


@pytest.mark.parametrize(
    ("go_wrong", "complaint"),
    [
        (ask_the_unknown, "unknown: POST"),
        (meet_a_mistake, "failed: GET"),
        (ask_wrongly, "violation: POST"),
        (get_a_wrong_answer, "violation: GET"),
    ],
)
async def test_each_problem_fails_the_test_that_caused_it(
    go_wrong: Callable[[Rest], Awaitable[None]], complaint: str
) -> None:
    """Unknown routes, internal errors, invalid requests and invalid responses fail a test."""
    if complaint.startswith("violation") and discord_openapi() is None:
        pytest.skip("STORYWIRE_DISCORD_OPENAPI does not name Discord's API description")
    with pytest.raises(AssertionError, match=complaint):
        async with checked_sandbox() as sandbox, aiohttp.ClientSession() as session:
            await go_wrong(Rest(sandbox, session))


def test_tolerated_differences_are_not_violations(contract: Contract) -> None:
    """Discord accepts ids as integers and sends text codes in the errors tree."""
    sends({"message_reference": {"message_id": 5, "channel_id": 6}})(contract)
    asks(CHANNEL, {"limit": "100", "before": "5"})(contract)
    leaf = {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "m"}]}
    answers(400, {"code": 50035, "message": "m", "errors": {"content": leaf}})(contract)
    assert contract.violations == []


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"components": {}})])
def test_invalid_description_file_raises_an_error(tmp_path: Path, text: str) -> None:
    """The error is one line that names the file."""
    (tmp_path / "openapi.json").write_text(text)
    with pytest.raises(SandboxError, match=r"openapi\.json is not a Discord API description"):
        Contract.load(tmp_path / "openapi.json")
