"""Pushing articles over real sockets, into a real database."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.ingest.defaults import Defaults
from bot.ingest.text import MAX_KEY
from bot.push.articles import MAX_ARTICLES
from bot.push.server import MAX_BYTES, MAX_FAILURES, PushServer
from storage.open import open_store
from storage.protocols import Store
from tests.push.support import make_pushed
from tests.support.clock import FakeClock

TOKEN = "c4nary-of-a-sender"
JSON = "application/json"


@dataclass(frozen=True)
class Sender:
    """Sends requests; by default with the token, as JSON."""

    http: aiohttp.ClientSession
    url: str
    changed: asyncio.Event

    async def send(
        self, content: object, *, token: str | None = TOKEN, **headers: str
    ) -> tuple[int, Any]:
        """Send an article, or a body as bytes; return the status and the answer."""
        status, answer, _ = await self.send_and_read_headers(content, token=token, **headers)
        return status, answer

    async def send_and_read_headers(
        self, content: object, *, token: str | None = TOKEN, **headers: str
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Also return the headers of the answer."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        sent = {"Content-Type": JSON} | {k.replace("_", "-"): v for k, v in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        async with self.http.post(
            f"{self.url}/articles", data=BytesIO(body), headers=sent
        ) as response:
            text = await response.text()
            assert text.count("\n") == 1
            answer = json.loads(text) if response.content_type == JSON else text
            return response.status, answer, {**response.headers}

    async def results(self, content: object) -> list[str]:
        """Send articles; return the result of each."""
        _, answer = await self.send(content)
        return [each["result"] for each in answer["articles"]]


@pytest.fixture
async def sender(store: Store, clock: FakeClock) -> AsyncIterator[Sender]:
    """A sender to a server that stores in `store`."""
    await store.register_sources(["push"])
    changed = asyncio.Event()
    server = PushServer("push", TOKEN.encode(), store, clock, lambda: Defaults(quality=70), changed)
    async with server.serve("127.0.0.1", 0) as url, aiohttp.ClientSession() as http:
        yield Sender(http, url, changed)


async def test_an_article_is_stored_and_the_planner_woken(sender: Sender) -> None:
    status, answer = await sender.send(make_pushed())
    key = "https://gazette.example/2026/sail"
    assert (status, answer) == (200, {"articles": [{"key": key, "result": "new"}]})
    assert sender.changed.is_set()


async def test_the_same_body_changes_nothing(sender: Sender) -> None:
    results = [await sender.results(make_pushed()) for _ in range(2)]
    assert results == [["new"], ["unchanged"]]


async def test_requests_at_the_same_time_store_an_article_once(sender: Sender) -> None:
    results = await asyncio.gather(*(sender.results(make_pushed()) for _ in range(5)))
    assert sorted(results) == [["new"], *[["unchanged"]] * 4]


async def test_a_changed_article_replaces_the_stored_one(sender: Sender) -> None:
    await sender.send(make_pushed())
    assert await sender.results(make_pushed(title="Corrected")) == ["changed"]


async def test_an_article_is_withdrawn_by_address_or_key(sender: Sender) -> None:
    """Without a key, its address identifies it, in any spelling; sending it again restores it."""
    draft = {"webUrl": "http://www.gazette.example/2026/sail/", "published": False}
    assert await sender.results(make_pushed()) == ["new"]
    assert await sender.results(draft) == ["withdrawn"]
    assert await sender.results(draft) == ["draft"]
    assert await sender.results(make_pushed()) == ["changed"]
    assert await sender.results(make_pushed("kite", key="42")) == ["new"]
    assert await sender.results({"key": "42", "published": False}) == ["withdrawn"]


async def test_a_key_keeps_a_story_whose_address_changes(sender: Sender) -> None:
    assert await sender.results(make_pushed("sial", key="42")) == ["new"]
    assert await sender.results(make_pushed("sail", key="42")) == ["changed"]


async def test_a_rejected_article_keeps_no_other_from_storage(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer and the log name the field; the good version that was stored before stays."""
    await sender.send(make_pushed("one"))
    status, answer = await sender.send(
        [
            make_pushed("one", title=""),
            make_pushed("two"),
            3,
            make_pushed(key=""),
            make_pushed(key="5", webUrl="/2026/five"),
        ]
    )
    assert status == 422
    assert answer["articles"] == [
        {
            "key": "https://gazette.example/2026/one",
            "result": "rejected",
            "field": "title",
            "reason": "is missing or empty",
        },
        {"key": "https://gazette.example/2026/two", "result": "new"},
        {"key": None, "result": "rejected", "field": None, "reason": "is not a JSON object"},
        {
            "key": None,
            "result": "rejected",
            "field": "key",
            "reason": "must be text on one line, of 1 to 300 characters",
        },
        {
            "key": "5",
            "result": "rejected",
            "field": "webUrl",
            "reason": "is missing or relative; send a complete web address",
        },
    ]
    assert await sender.results(make_pushed("one")) == ["unchanged"]
    assert [record.getMessage() for record in caplog.records][1:] == [
        "Source push: rejected an article: is not a JSON object",
        "Source push: rejected an article: key: must be text on one line, of 1 to 300 characters",
        "Source push: rejected 5: webUrl: is missing or relative; send a complete web address",
    ]


async def test_a_missing_quality_is_that_of_the_settings(sender: Sender) -> None:
    article = make_pushed()
    del article["quality"]
    assert await sender.results(article) == ["new"]
    assert await sender.results({**article, "quality": 70}) == ["unchanged"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "the body is not valid JSON: line 1, column 1: Expecting value"),
        (b"\xff", "the body is not UTF-8 text (byte 0)"),
        (b"[" * 100_000, "the body is not valid JSON: it is nested too deeply"),
        (b'{"quality": NaN}', "the body is not valid JSON: NaN is not a number of JSON"),
        (b"9" * 5_000, "the body is not valid JSON: it contains a number with thousands of digits"),
        (b'{"draft": true, "draft": false}', "the body contains “draft” twice in one object"),
        (b'"title"', "send an article as a JSON object, or several in a list"),
        (b"[]", f"send 1 to {MAX_ARTICLES} articles in a request, not 0"),
        (
            b"[" + b",".join([b"1"] * 101) + b"]",
            f"send 1 to {MAX_ARTICLES} articles in a request, not 101",
        ),
    ],
)
async def test_a_body_without_articles_is_refused(sender: Sender, body: bytes, error: str) -> None:
    assert await sender.send(body) == (400, {"error": error})


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "x", "ü\udcff"])
async def test_a_request_without_the_token_is_refused(sender: Sender, token: str | None) -> None:
    status, answer, headers = await sender.send_and_read_headers(make_pushed(), token=token)
    assert status == 401
    assert answer == {
        "error": "send the token of push.token_file, with the header Authorization: Bearer TOKEN"
    }
    assert headers["WWW-Authenticate"] == "Bearer"
    assert not sender.changed.is_set()


async def test_only_requests_without_the_token_are_limited(
    sender: Sender, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The log stays short, and nobody can keep the sender with the token from sending."""
    for _ in range(MAX_FAILURES):
        assert (await sender.send({}, token="wrong"))[0] == 401
    status, answer, headers = await sender.send_and_read_headers({}, token="wrong")
    assert (status, answer) == (429, {"error": "too many requests without a valid token"})
    assert headers["Retry-After"] == "60"
    assert len(caplog.records) == 1
    assert await sender.results(make_pushed()) == ["new"]
    clock.skip(60)
    assert (await sender.send({}, token="wrong"))[0] == 401
    assert len(caplog.records) == 2


async def test_no_token_is_logged(sender: Sender, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the right one nor a wrong one."""
    caplog.set_level(logging.DEBUG)
    await sender.send(make_pushed())
    await sender.send(make_pushed(), token=TOKEN[:-1])
    assert "Source push: 1 new" in caplog.text
    assert "sent no valid token" in caplog.text
    assert TOKEN[:-1] not in caplog.text


async def test_other_requests_have_the_usual_statuses(sender: Sender) -> None:
    large = b" " * (MAX_BYTES + 1)
    assert (await sender.send(large)) == (413, {"error": "send at most 1 MB in a request"})
    status, answer = await sender.send(b"a=b", Content_Type="text/plain")
    problem = "send JSON, with the header Content-Type: application/json"
    assert (status, answer) == (415, {"error": problem})
    assert (await sender.send(b"{}", Content_Encoding="gzip"))[0] == 415
    async with sender.http.get(f"{sender.url}/articles") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
    async with sender.http.post(sender.url) as response:
        assert response.status == 404


async def test_a_database_that_fails_is_answered_and_logged(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The sender repeats its request; what was stored before is unchanged then."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(tmp_path / "storywire.db"))
        server = PushServer("push", TOKEN.encode(), store, clock, Defaults, asyncio.Event())
        url = await stack.enter_async_context(server.serve("127.0.0.1", 0))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        (tmp_path / "storywire.db").rename(tmp_path / "elsewhere.db")
        sender = Sender(http, url, asyncio.Event())
        status, answer, headers = await sender.send_and_read_headers(make_pushed())
        (tmp_path / "elsewhere.db").rename(tmp_path / "storywire.db")
    assert status == 503
    assert answer == {"error": "the database can't be written; send the articles again later"}
    assert headers["Retry-After"] == "10"
    assert "Source push: " in caplog.text
    assert "Traceback" not in caplog.text


def test_the_page_states_statuses_and_bounds() -> None:
    """docs/push.md has a row for each status that the server has answered here."""
    page = (Path(__file__).parents[2] / "docs" / "push.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d, ]+) \|", page, re.MULTILINE)
    statuses = {int(status) for row in rows for status in row.split(", ")}
    assert statuses == {200, 400, 401, 404, 405, 413, 415, 422, 429, 503}
    results = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert set(results[1:]) == {"new", "changed", "unchanged", "withdrawn", "draft", "rejected"}
    assert (
        f"a list of 1 to {MAX_ARTICLES} such objects. It may have {MAX_BYTES // 2**20} MB" in page
    )
    assert f"a text of at most {MAX_KEY} characters" in page
