"""Secrets after plausible slips: they are recognised, and are not in any message."""

import json
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config.settings import Settings, discord_token, load_settings
from bot.config.sources import SOURCE_KINDS
from bot.errors import SettingsError
from storage.errors import StorywireError

# Put together here, because scanners for leaked tokens would find them otherwise.
DISCORD = "MTE5NjE4NDA3NTM0MjQ4MzA0" + ".GuHq3x" + ".dL7aVd0y1mJrT3sZ8kQwXbNcEfUgHiPoRtYlVb"
GITHUB = "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a"
FINE_GRAINED = "github" + "_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789"
GITLAB = "glpat" + "-aBcDeFgHiJkLmNoPqRsT"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n"
HEXADECIMAL = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
BASE64 = "q83vEjRWeJCrze8SNFZ4kA=="
TOKENS = [DISCORD, GITHUB, FINE_GRAINED, GITLAB, JWT, HEXADECIMAL, BASE64]
PASSWORD = "c4nary-hunter2"
WEBHOOK = f"https://discord.com/api/webhooks/1196184075342483046/{PASSWORD}"
GIT = "git: https://a.example/x.git"

# What an operator writes, and what the message says besides the place.
SLIPS = [
    *(
        (f"sources: [{{{GIT}, token_variable: '{token}'}}]", "token_variable of entry 1 of sources")
        for token in TOKENS
    ),
    *((f"database: '{token}'", "database in .* looks like a password") for token in TOKENS),
    *((f"'{token}': x", "looks like a password or token; remove it") for token in TOKENS),
    *((f"discord: {{'{token}': x}}", "discord.… in .* looks like a password") for token in TOKENS),
    *(
        (f"sources: [{{folder: a, '{token}': 1}}]", "… of entry 1 of .* looks like a password")
        for token in TOKENS
    ),
    *((f"sources: ['{token}']", "write `- folder: PATH`") for token in TOKENS),
    *(
        (f"sources: [{{folder: a, provider: '{token}'}}]", "provider of entry 1 of sources")
        for token in TOKENS
    ),
    *(
        (f"sources: [{{{GIT}, branch: '{token}'}}]", "branch of entry 1 of sources")
        for token in TOKENS[:5]
    ),
    *(
        (f"sources: [{{folder: a, name: '{token}'}}]", "name of entry 1 .* is not a setting")
        for token in TOKENS
    ),
    (f"token: {DISCORD}", "token in .* is not a setting"),
    (f"discord: {{api_url: '{DISCORD}'}}", "discord.api_url in .*DISCORD_TOKEN"),
    (f"discord: {{api_url: 'https://bot:{PASSWORD}@a.example/'}}", "discord.api_url in"),
    (f"announce: {{withdrawn: '{DISCORD}'}}", "announce.withdrawn in"),
    (f"announce: {{pace: '{DISCORD}'}}", "announce.pace in"),
    (f"topics: {{rules: [{{name: '{DISCORD}'}}]}}", "name of entry 1 of topics.rules in"),
    (f"topics: {{folders: ['{DISCORD}']}}", "entry 1 of topics.folders in"),
    (f"sources: [{{git: 'https://ann:{PASSWORD}@a.example/x.git'}}]", "set `token_variable`"),
    (f"sources: [{{git: 'https://{PASSWORD}@a.example/x.git'}}]", "set `token_variable`"),
    (f"sources: [{{git: 'ann:{PASSWORD}@a.example/x.git'}}]", "set `token_variable`"),
    (f"sources: [{{git: 'ann:{PASSWORD}@a.example:x.git'}}]", "set `token_variable`"),
    (f"sources: [{{git: 'https:/ann:{PASSWORD}@a.example/x.git'}}]", "git of entry 1"),
    (f"sources: [{{git: '{PASSWORD}@a.example/x.git'}}]", "git of entry 1 of sources"),
    (f"sources: [{{git: 'https://a.example/x.git?token={PASSWORD}'}}]", "set `token_variable`"),
    (f"sources: [{{git: 'https://a.example/x.git#{PASSWORD}'}}]", "set `token_variable`"),
    (f"sources: [{{git: 'https://a.example/{GITHUB}/x.git'}}]", "git of entry 1 of sources"),
    (f"sources: [{{git: 'git@a.example:{GITHUB}/x.git'}}]", "git of entry 1 of sources"),
    (f"sources: [{{git: '{GITHUB}', allow_local: true}}]", "git of entry 1 of sources"),
    (f"sources: [{{folder: 'https://ann:{PASSWORD}@a.example/x'}}]", "folder of entry 1"),
    (f"sources: [{{folder: 'ann:{PASSWORD}@a.example:x'}}]", "folder of entry 1"),
    (f"sources: [{{feed: 'https://ann:{PASSWORD}@a.example/x'}}]", "contains a user name"),
    (f"sources: [{{feed: 'https://ann:pa/{PASSWORD}@a.example/x'}}]", "feed of entry 1"),
    (f"sources: [{{feed: 'ann:{PASSWORD}@a.example/x'}}]", "does not begin with https://"),
    (f"sources: [{{feed: '{PASSWORD}@a.example/x'}}]", "does not begin with https://"),
    (f"sources: [{{feed: 'https://a.example/x#access_token={PASSWORD}'}}]", "after #"),
    (f"sources: [{{api: 'https://a.example/x#token={PASSWORD}'}}]", "after #"),
    (f"sources: [{{feed: 'https://a.example/x?a=b#{PASSWORD}'}}]", "after #"),
    (f"{PASSWORD}: x", "… in storywire.yaml, line 1 is not a setting"),
    (f"announce: {{{PASSWORD}: x}}", "announce.… in storywire.yaml, line 1 is not a setting"),
    (f"{PASSWORD}: 1\n{PASSWORD}: 2", "… in storywire.yaml, line 2 appears twice"),
    (f"sources: [{{api: 'https://a.example/', pages: 'https://a:{PASSWORD}@b/{{page}}'}}]", "page"),
    (f"sources: [{{feed: '{WEBHOOK}'}}]", "is the address of a webhook"),
    (f"sources: [{{api: '{WEBHOOK}'}}]", "is the address of a webhook"),
    (f"sources: [{{feed: 'Authorization: Bearer {PASSWORD}'}}]", "does not begin with https://"),
    (
        f"sources: [{{feed: 'https://a.example/', headers: {{Authorization: '{PASSWORD}'}}}}]",
        "headers of entry 1 of sources .* is not a setting",
    ),
    (
        f"sources: [{{feed: 'https://a.example/', 'Authorization: Bearer {PASSWORD}': 1}}]",
        "looks like a password or token",
    ),
    (f"sources: [{{feed: 'https://a.example/?token={PASSWORD}', typo: 1m}}]", r"\?token=…\) in"),
    (f"database: 'postgres://ann:{PASSWORD}@a.example/x'", "database in"),
    ("database: https://a.example/x.db", "database in .* is an address; write a path"),
    (f"sources: [\n - !{PASSWORD} x]", "not valid YAML"),
    (f"a: *{PASSWORD}", "not valid YAML: quote text that begins"),
    (f"a: !!int {PASSWORD}", "date or number that does not exist"),
    ("a: !!int ''", "date or number that does not exist"),
    (f"a: !!timestamp {PASSWORD}", "date or number that does not exist"),
    (f"a: !!bool {PASSWORD}", "date or number that does not exist"),
    (f"a: !s!{PASSWORD} x", "not valid YAML: quote text that begins with !"),
    (f"a: '{PASSWORD}\nb: c", "not valid YAML: a quote is not closed"),
    (f"a: b: {PASSWORD}", "not valid YAML: quote text that contains a colon"),
    (f"a: [&{PASSWORD} b, &{PASSWORD} c, *{PASSWORD}", "not valid YAML"),
    (f"%{PASSWORD} x\na: b", "not valid YAML"),
    (f"{GITHUB}: 1\n{GITHUB}: 2", "appears twice"),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint() -> str:
    """The message for the settings, after checking that no error contains a secret."""
    with pytest.raises(StorywireError) as caught:
        discord_token(load_settings())
    check(str(caught.value), *traceback.format_exception(caught.value, limit=0))
    return str(caught.value)


def check(*texts: str) -> None:
    """Fail if a text contains a secret or a large part of one."""
    for text in texts:
        for secret in (*TOKENS, PASSWORD):
            assert secret not in text
            assert secret[8:] not in text


@pytest.mark.parametrize(("text", "words"), SLIPS)
def test_a_secret_is_never_in_a_message(text: str, words: str) -> None:
    """The message names the setting and what to do. Neither it nor its causes have the value."""
    Path("storywire.yaml").write_text(text, encoding="utf-8")
    assert re.search(words, complaint())


@pytest.mark.parametrize(("text", "_words"), [each for each in SLIPS if "sources: [{" in each[0]])
def test_nor_is_one_of_a_variable(text: str, _words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists that variables contain are checked like the file."""
    import yaml  # noqa: PLC0415 - to convert the examples

    content = yaml.safe_load(text)
    monkeypatch.setenv("STORYWIRE_SOURCES", json.dumps(content["sources"]))
    assert "STORYWIRE_SOURCES" in complaint()


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("name", ["DATABASE", "ANNOUNCE__MAX_AGE", "TOKEN", "{}", "SOURCES"])
def test_a_token_in_any_variable_is_hidden(
    name: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its value, or as a part of its name."""
    if name != "{}":
        monkeypatch.setenv(f"STORYWIRE_{name}", token)
    elif "=" not in token:
        monkeypatch.setenv(f"STORYWIRE_{token}", "x")
    complaint()


@pytest.mark.parametrize("token", [DISCORD, JWT, GITHUB])
def test_a_token_instead_of_a_path_is_hidden(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the file with the token, and as the settings file."""
    monkeypatch.setenv("DISCORD_TOKEN_FILE", token)
    assert "put the token into DISCORD_TOKEN" in complaint()
    monkeypatch.setenv("STORYWIRE_CONFIG", token)
    assert "settings file … not found" in complaint()


def settings_with(value: str) -> Iterator[str]:
    """A settings file for each setting, with this value as the only entry of lists."""
    for kind, model in SOURCE_KINDS.items():
        usual = {"git": "https://a.example/x.git", "folder": "a"}.get(kind, "https://a.example/")
        for key, field in model.model_fields.items():
            written = [value] if "tuple" in str(field.annotation) else value
            yield json.dumps({"sources": [{kind: usual, key: written}]})
    for section, field in Settings.model_fields.items():
        keys = getattr(field.annotation, "model_fields", {})
        yield from (json.dumps({section: {key: value}}) for key in keys if key != "token")
        yield json.dumps({section: value})


@pytest.mark.parametrize("token", [DISCORD, GITHUB, FINE_GRAINED, GITLAB, JWT])
def test_a_token_is_refused_in_every_setting(token: str) -> None:
    """Other than that of the bot's token."""
    for text in settings_with(token):
        Path("storywire.yaml").write_text(text, encoding="utf-8")
        complaint()


def test_secrets_where_they_belong_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's token, the name of a variable, and the query of a private feed; not in any name."""
    monkeypatch.setenv(f"A_{HEXADECIMAL}", "x")
    Path("storywire.yaml").write_text(
        f"""
database: var/2026/Storywire-production.db
discord: {{token: {DISCORD}}}
sources:
  - {{git: https://a.example/x.git, token_variable: A_{HEXADECIMAL}}}
  - {{git: "git@a.example:x/y.git", token_variable: null}}
  - {{feed: "https://a.example/x?token={PASSWORD}&key={GITHUB}"}}
  - {{feed: "https://a.example/0f8fad5b-d9cb-469f-a165-70867728950e.xml#top"}}
  - {{api: "https://a.example/?auth={JWT}", pages: "https://a.example/{{page}}?sig={HEXADECIMAL}"}}
  - {{folder: a, permalink: "/:year/:title@x", include: ["*:*@*.md"]}}
""",
        encoding="utf-8",
    )
    settings = load_settings()
    assert discord_token(settings).get_secret_value() == DISCORD
    check(*(source.name for source in settings.sources))
    with pytest.raises(SettingsError):
        load_settings(Path("missing.yaml"))
