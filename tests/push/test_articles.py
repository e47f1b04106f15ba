"""Hostile articles are read or rejected, with a reason in one line."""

import asyncio
import json
from collections.abc import Sequence

import aiohttp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ingest.defaults import Defaults
from bot.push.articles import InvalidRequestError, PushedArticle, read_articles
from bot.push.server import PushServer
from storage.models import Rejection
from storage.open import open_store
from tests.push.support import make_pushed
from tests.support.clock import FakeClock
from tests.support.examples import of_hundred

DEFAULTS = Defaults(quality=70, topics=("News",))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**4000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters())
    | st.sampled_from(["\ud800", "\0", "\u202e", "a\nb", "https://[::1", "//", "x" * 10_000])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["url", "name", "title", "webUrl", "images"]) | st.text(), inner
        )
    ),
    max_leaves=10,
)
NAMES = st.sampled_from([*make_pushed(), "key", "published", "images", "provider", "related"])


def check(body: bytes) -> None:
    """A request is refused, or each of its articles has a key or a reason, in one line."""
    for article in _read(body):
        if isinstance(article.reading, Rejection):
            assert str(article.reading).isprintable()
            assert "internal error" not in article.reading.reason
        else:
            assert article.key
        assert article.key.isprintable()


def _read(body: bytes) -> Sequence[PushedArticle]:
    try:
        return read_articles(body, DEFAULTS)
    except InvalidRequestError as error:
        return [PushedArticle("", Rejection(str(error)))]


@given(st.dictionaries(NAMES, VALUES, max_size=3))
@example({"topics": [10**4000]})
@example({"title": 10**4000})
@example({"key": "\ud800"})
def test_hostile_fields_are_read_or_rejected(changed: dict[str, object]) -> None:
    check(json.dumps({**make_pushed(), **changed}).encode())


@of_hundred(20)
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=3), min_size=1, max_size=4))
@example([{"key": "\ud800", "title": "\0", "topics": ["\0", "\ud800", 10**4000]}])
def test_hostile_articles_are_stored_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, object]]
) -> None:
    """No article makes the server or the database fail."""
    database = tmp_path_factory.mktemp("push") / "storywire.db"
    articles = [{**make_pushed(), **changed} for changed in changes]

    async def push() -> None:
        async with open_store(database) as store:
            server = PushServer(
                "push", b"token", store, FakeClock(), lambda: DEFAULTS, asyncio.Event()
            )
            async with server.serve("127.0.0.1", 0) as url, aiohttp.ClientSession() as http:
                token = {"Authorization": "Bearer token"}
                async with http.post(f"{url}/articles", json=articles, headers=token) as answer:
                    assert answer.status in {200, 422}
                    assert len((await answer.json())["articles"]) == len(articles)

    asyncio.run(push())


@given(st.binary() | st.text(st.sampled_from('[]{}",:1e9-\\u0dtrue \n')).map(str.encode))
@example(b'{"a":1e999}')
@example(b'{"\\u202e":1,"\\u202e":2}')
def test_hostile_bodies_are_read_or_refused(body: bytes) -> None:
    check(body)
