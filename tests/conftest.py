"""Fixtures of all tests: an environment without settings, a fake clock, a store, a sandbox."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.discordapp import client, interactions
from bot.discordapp.member_limits import Rate, Rates
from bot.sandbox import Sandbox
from storage.open import open_store
from storage.protocols import Store
from tests.support.clock import FakeClock
from tests.support.desk import Desk
from tests.support.log_check import LogCheck, loggers_kept
from tests.support.sandbox import checked_sandbox

# Names Discord's API description for the contract checks; see docs/sandbox.md.
KEPT_VARIABLES = {"STORYWIRE_DISCORD_OPENAPI"}
PATIENT = Rates(*(Rate(burst=100_000, per_second=1) for _ in range(2)))

# Examples are the same in every run, so that only a change of the code makes a run fail; `make
# fuzz` uses others. There is no deadline, because machines differ in speed.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _PATIENT, derandomize=True, max_examples=50)
settings.register_profile("fuzz", _PATIENT, max_examples=5000)
settings.load_profile("same")


_LOG_CHECK = pytest.StashKey[LogCheck]()


def pytest_configure(config: pytest.Config) -> None:
    """Listen to what is logged from now on."""
    config.stash[_LOG_CHECK] = LogCheck()
    config.stash[_LOG_CHECK].install()


@pytest.fixture(autouse=True)
def log_check(pytestconfig: pytest.Config) -> Iterator[LogCheck]:
    """Fail a test that logs a secret or the name of a class, itself or in a fixture."""
    check = pytestconfig.stash[_LOG_CHECK]
    check.faults.clear()
    with loggers_kept():
        yield check
    assert check.faults == []


@pytest.fixture(autouse=True, scope="session")
def _processes_take_ctrl_c() -> None:
    """Shells start background jobs with SIGINT ignored, and tests of Ctrl+C would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's owner reaches a test."""
    for variable in list(os.environ):
        if variable.startswith(("DISCORD_", "STORYWIRE_")) and variable not in KEPT_VARIABLES:
            monkeypatch.delenv(variable)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until a test moves it."""
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store on a real file."""
    async with open_store(tmp_path / "storywire.db") as store:
        yield store


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox in memory without rate limits; the test fails if it has a complaint at the end."""
    async with checked_sandbox() as made:
        yield made


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A sandbox, an empty folder of articles and no database yet.

    Its members may ask as often as a test wants, and wait for a busy machine without a deferral.
    """
    monkeypatch.setattr(client, "DEFER_AFTER", 60.0)
    monkeypatch.setattr(interactions, "COMPLETE_WITHIN", 60.0)
    monkeypatch.setattr(client, "ANSWERS", PATIENT)
    monkeypatch.setattr(client, "COMPLETIONS", PATIENT)
    folder = tmp_path / "articles"
    folder.mkdir()
    return Desk(sandbox, folder, tmp_path / "storywire.db")
