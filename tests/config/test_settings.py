"""Settings from a file and from the environment, and the messages for mistakes in them."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bot.config.settings import Settings, discord_token, load_settings
from bot.config.sources import Duration, FolderSettings, GitSettings
from bot.errors import SettingsError, TokenError

SECRET = "made.up-token"
EVERYTHING = f"""\
database: data/news.db
sources:
  - folder: site/_news
    unpublished: announce
    include: ["*.md"]
    exclude: ["drafts/*"]
    every: 1h
    quality: 75
    topics: [AI]
    provider: The Example
    base_url: https://news.example/blog
  - folder: other
  - git: https://news.example/site.git
    branch: main
    path: _news/
    every: 30m
    token_variable: SITE_TOKEN
    provider: {{name: Other, domain: other.example}}
  - git: ../site
    allow_local: true
announce:
  min_quality: 80
  max_age: 2w
  catch_up: 0
  max_per_hour: 5
  withdrawn: delete
  pace: 12.5
discord:
  api_url: https://discord.example/api/v10
  token: {SECRET}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str, name: str = "storywire.yaml") -> Path:
    """Write a settings file into the working directory."""
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def complaint() -> str:
    """The error message for the settings, a single line."""
    with pytest.raises(SettingsError) as raised:
        load_settings()
    message = str(raised.value)
    assert len(message.splitlines()) == 1
    return message


def test_all_settings_have_defaults() -> None:
    settings = load_settings()
    assert settings.database == Path("var/storywire.db")
    assert settings.sources == ()
    assert settings.announce.min_quality == 70
    assert settings.announce.max_age == timedelta(days=7)
    assert settings.announce.catch_up == 3
    assert settings.announce.max_per_hour == 30
    assert settings.announce.withdrawn == "strike"
    assert settings.announce.pace == 45
    assert settings.discord.api_url is None
    assert settings.discord.token is None


def test_every_setting_can_be_set_in_the_file() -> None:
    """Sources keep their order."""
    write(EVERYTHING)
    settings = load_settings()
    assert settings.database == Path("data/news.db")
    assert settings.sources == (
        FolderSettings(
            folder=Path("site/_news"),
            unpublished="announce",
            include=("*.md",),
            exclude=("drafts/*",),
            every="1h",
            quality=75,
            topics=("AI",),
            provider={"name": "The Example"},
            base_url="https://news.example/blog/",
        ),
        FolderSettings(folder=Path("other")),
        GitSettings(
            git="https://news.example/site.git",
            branch="main",
            path="_news",
            every="30m",
            token_variable="SITE_TOKEN",
            provider={"name": "Other", "domain": "other.example"},
        ),
        GitSettings(git="../site", allow_local=True),
    )
    assert [source.name for source in settings.sources] == [
        "folder:site/_news",
        "folder:other",
        "git:https://news.example/site.git#main:_news",
        "git:../site",
    ]
    assert settings.sources[3].every == timedelta(minutes=10)
    assert settings.clones == Path("data/git")
    assert settings.announce.model_dump() == {
        "min_quality": 80,
        "max_age": timedelta(weeks=2),
        "catch_up": 0,
        "max_per_hour": 5,
        "withdrawn": "delete",
        "pace": 12.5,
    }
    assert settings.discord.api_url == "https://discord.example/api/v10"
    assert discord_token(settings).get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("variable", "value", "key", "expected"),
    [
        ("STORYWIRE_DATABASE", "x.db", "database", Path("x.db")),
        ("STORYWIRE_ANNOUNCE__MIN_QUALITY", "90", "announce.min_quality", 90),
        ("STORYWIRE_ANNOUNCE__MAX_AGE", "12h", "announce.max_age", timedelta(hours=12)),
        ("STORYWIRE_ANNOUNCE__MAX_AGE", "null", "announce.max_age", None),
        ("STORYWIRE_ANNOUNCE__CATCH_UP", "5", "announce.catch_up", 5),
        ("STORYWIRE_ANNOUNCE__MAX_PER_HOUR", "9", "announce.max_per_hour", 9),
        ("STORYWIRE_ANNOUNCE__WITHDRAWN", "strike", "announce.withdrawn", "strike"),
        ("STORYWIRE_ANNOUNCE__PACE", "7.5", "announce.pace", 7.5),
        ("STORYWIRE_RETENTION__ARTICLES", "26w", "retention.articles", timedelta(weeks=26)),
        ("STORYWIRE_DISCORD__API_URL", "https://a.example", "discord.api_url", "https://a.example"),
        (
            "STORYWIRE_SOURCES",
            '[{"folder": "a", "unpublished": "announce"}]',
            "sources",
            (FolderSettings(folder=Path("a"), unpublished="announce"),),
        ),
    ],
)
def test_the_environment_overrides_single_keys(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, key: str, expected: object
) -> None:
    """Other keys of the section keep their values from the file."""
    write(EVERYTHING)
    before = load_settings().model_dump()
    monkeypatch.setenv(variable, value)
    settings = load_settings()
    found: object = settings
    *sections, name = key.split(".")
    for part in (*sections, name):
        found = getattr(found, part)
    assert found == expected
    after = settings.model_dump()
    for part in sections:
        before, after = before[part], after[part]
    assert {name} == {each for each, value in after.items() if before[each] != value}


def test_the_token_can_be_set_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """DISCORD_TOKEN takes precedence over DISCORD_TOKEN_FILE and the setting."""
    monkeypatch.setenv("STORYWIRE_DISCORD__TOKEN", "one")
    assert discord_token(load_settings()).get_secret_value() == "one"
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(write("two\n", "token")))
    assert discord_token(load_settings()).get_secret_value() == "two"
    monkeypatch.setenv("DISCORD_TOKEN", " three ")
    assert discord_token(load_settings()).get_secret_value() == "three"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_a_token_file_without_a_token_is_named(
    monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """It may be missing, empty or not text."""
    monkeypatch.setenv("DISCORD_TOKEN_FILE", "token")
    if content is not None:
        Path("token").write_bytes(content)
    with pytest.raises(TokenError, match=r"DISCORD_TOKEN_FILE: token (is empty|can't be read)"):
        discord_token(load_settings())


def test_the_settings_file_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line takes precedence over STORYWIRE_CONFIG, and that over storywire.yaml."""
    write("announce: {catch_up: 1}")
    write("announce: {catch_up: 2}", "two.yaml")
    three = write("announce: {catch_up: 3}", "three.yaml")
    assert load_settings().announce.catch_up == 1
    monkeypatch.setenv("STORYWIRE_CONFIG", "two.yaml")
    assert load_settings().announce.catch_up == 2
    assert load_settings(three).announce.catch_up == 3
    monkeypatch.setenv("STORYWIRE_CONFIG", "four.yaml")
    assert "four.yaml not found" in complaint()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("10m", timedelta(minutes=10)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        (" 2 w ", timedelta(weeks=2)),
        ("null", None),
        ("", None),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, expected: timedelta | None) -> None:
    """Null or no value means no duration."""
    write(f"announce:\n  max_age: {text}\n")
    assert expected == load_settings().announce.max_age


@pytest.mark.parametrize(
    "text", ["7", "d", "-1d", "1.5h", "7 days", "P7D", "true", "[7d]", "9" * 30 + "w"]
)
def test_an_invalid_duration_says_how_to_write_one(text: str) -> None:
    write(f"announce:\n  max_age: {text}\n")
    assert complaint().startswith("announce.max_age in storywire.yaml")


@given(st.text(max_size=12) | st.integers() | st.none() | st.floats())
def test_any_duration_is_parsed_or_rejected(value: object) -> None:
    """No other exception is raised."""
    with suppress(ValidationError):
        assert TypeAdapter(Duration).validate_python(value) >= timedelta(0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("databse: x", "databse in storywire.yaml, line 1 is not a setting"),
        ("announce: {min_qualty: 3}", "announce.min_qualty in storywire.yaml"),
        (
            "sources: [{folder: a, unpublised: skip}]",
            "of entry 1 of sources (folder a) in storywire.y",
        ),
        (
            "sources: [{folder: a, unpublished: no}]",
            "line 1: write 'skip' or 'announce'",
        ),
        ("sources: [{unpublished: skip}]", "name what to read: `folder: PATH`, `git: A"),
        ("sources: [{git: 'git@a:b', allow_locl: true}]", "allow_locl of entry 1 of sources"),
        ("sources: [{folder: a, git: b}]", "line 1 can't be combined with `folder`; make two"),
        ("sources: [{git: ext::sh}]", "git of entry 1 of sources in storywire.yaml, line 1 is not"),
        ("sources: [{git: a/b}]", "add `allow_local: true` to the source"),
        ("sources: [{git: 'git@a:b', branch: -x}]", "branch of entry 1 of sources"),
        ("sources: [{git: 'git@a:b', path: ../x}]", "path of entry 1 of sources"),
        ("sources: [{git: 'git@a:b', every: 0s}]", "every of entry 1 of sources"),
        (
            "sources: [{git: 'git@a:b', token_variable: A}]",
            "`token_variable` works only with https://",
        ),
        (
            "sources: [{git: 'https://a/b', token_variable: A-B}]",
            "write a name of letters",
        ),
        ("sources: [{folder: a, quality: high}]", "quality of entry 1 of sources"),
        ("sources: [{folder: a, topics: AI}]", "topics of entry 1 of sources"),
        ("sources: [{folder: a, base_url: example.org}]", "write an address like https://"),
        ("sources: [{folder: a, provider: ''}]", "provider.name of entry 1 of sources"),
        ("sources: [{git: 'git@a:b'}, {git: 'git@a:b'}]", "git git@a:b is listed twice"),
        (
            "sources: [{git: 'git@a:b', path: x}, {git: 'git@a:b', path: x/}]",
            "git git@a:b#:x is listed twice",
        ),
        ("sources: {folder: a}", "sources in storywire.yaml, line 1: write a list"),
        (
            "sources:\n  - folder: c\n  - articles",
            "line 3: write `- folder: articles`, or git,",
        ),
        ("sources: [3]", "entry 1 of sources in storywire.yaml, line 1: write its keys below it"),
        (
            "sources: [{feed: 'https://a/b', base_url: x}]",
            "not a setting of `feed`, only of `folder`",
        ),
        ("sources: [{folder: a, branch: b}]", "is not a setting of `folder`, only of `git`"),
        (
            "sources:\n- folder:",
            "of entry 1 of sources in storywire.yaml, line 2 has no",
        ),
        ("database: [a]", "database in storywire.yaml, line 1: write a path"),
        (
            "topics: {rules: [{name: a}, {keywords: [b]}]}",
            "name of entry 2 of topics.rules in s",
        ),
        ("sources: [{folder: a}, {folder: ./a/}]", "folder a is listed twice"),
        ("announce:", "announce in storywire.yaml, line 1: write its keys below it"),
        ("announce: {pace: 51}", "announce.pace in storywire.yaml"),
        ("announce: {pace: 0}", "announce.pace in storywire.yaml"),
        ("announce: {max_per_hour: 0}", "announce.max_per_hour in storywire.yaml"),
        ("announce: {withdrawn: hide}", "announce.withdrawn in storywire.yaml"),
        ("announce: {catch_up: 21}", "announce.catch_up in storywire.yaml"),
        ("announce: {min_quality: high}", "announce.min_quality in storywire.yaml"),
        ("push: {port: 1}", "push in storywire.yaml, line 1: `token_file` is missing; add it"),
        ("push: {port: 65536, token_file: a}", "push.port in storywire.yaml"),
        (
            "push: {token_file: 5b0e4c1d9a7f4e2f8d6a}",
            "push.token_file in storywire.yaml, line 1 co",
        ),
        (
            "retention: {articles: 13d}",
            "retention.articles in storywire.yaml, line 1: write at least",
        ),
        (
            "retention: {articles: 20d}\nannounce: {max_age: 21d}",
            "retention in storywire.yaml, line 1: an article that is removed must be too old",
        ),
        ("retention: {articles: 20d}\nannounce: {max_age: null}", "retention in storywire.yaml"),
        ("a: [", "storywire.yaml, line 1 is not valid YAML"),
        ("a: b\n\tc: d", "storywire.yaml, line 2 is not valid YAML"),
        (
            "sources:\n - folder: a\n branch: b",
            "line 3 is not valid YAML: the indentation is",
        ),
        ("a: {b: c", "line 1 is not valid YAML: a bracket that opens here or above is not closed"),
        ("a: 2020-02-30", "quote values that are not dates"),
        ("- folder: a", "storywire.yaml: write settings as `key: value`"),
        ("storywire", "storywire.yaml: write settings as `key: value`"),
        ("1: 2", "storywire.yaml: write settings as `key: value`"),
        ("sources: !!set {a}", "entry 1 of sources in storywire.yaml, line 1: write `- folder: a`"),
        ('database: "a\\0b"', "database in storywire.yaml, line 1 contains a NUL character"),
        ('sources: [{folder: "a\\0b"}]', "contains a NUL character"),
        ('backup: {folder: "a\\0b"}', "contains a NUL character"),
        ('push: {token_file: "a\\0b"}', "contains a NUL character"),
        ('topics: {folders: ["a\\0b"]}', "contains a NUL character"),
    ],
)
def test_a_mistake_in_the_file_names_key_and_remedy(text: str, words: str) -> None:
    write(text)
    assert words in complaint()


REPEATED = """\
sources:
  - folder: a
    quality: 1
    quality: 2
announce: {pace: 1, catch_up: 2, pace: 3}
sources:
  - folder: b
"""


def test_a_duplicate_key_is_rejected_at_any_depth() -> None:
    """YAML would keep the last one, and the stories of the other sources would be withdrawn."""
    write(REPEATED)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert sorted(str(raised.value).splitlines()) == [
        "announce.pace in storywire.yaml, line 5 appears twice, first on line 5; merge the two",
        "quality of entry 1 of sources in storywire.yaml, line 4 appears twice, first on line 3;"
        " merge the two",
        "sources in storywire.yaml, line 6 appears twice, first on line 1; merge the two",
    ]


def test_all_mistakes_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mistake in the file and in the environment has its line."""
    write("announce: {pace: 0}\nsources:\n  - folder: a\n    url: b\n    quality: c\ndatabse: d")
    monkeypatch.setenv("STORYWIRE_ANOUNCE__PACE", "3")
    monkeypatch.setenv("STORYWIRE_DISCORD__TOKN", "3")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert sorted(line.split()[0] for line in str(raised.value).splitlines()) == [
        "STORYWIRE_ANOUNCE__PACE",
        "announce.pace",
        "databse",
        "discord.tokn",
        "quality",
        "url",
    ]


def test_yaml_anchors_are_not_duplicate_keys() -> None:
    write("sources:\n  - &a {folder: a, quality: 3}\n  - {<<: *a, folder: b}\n")
    assert [source.quality for source in load_settings().sources] == [3, 3]


def test_a_file_that_is_not_text_is_named() -> None:
    Path("storywire.yaml").write_bytes(b"\xff\xfe\x00")
    assert "storywire.yaml is not UTF-8" in complaint()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_is_valid(text: str) -> None:
    """All settings may be commented out."""
    write(text)
    assert load_settings().model_dump() == Settings().model_dump()


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("STORYWIRE_ANOUNCE__PACE", "3", "STORYWIRE_ANOUNCE__PACE is not a setting"),
        ("STORYWIRE_TOKEN", "3", "STORYWIRE_TOKEN is not a setting"),
        (
            "STORYWIRE_ANNOUNCE__PAICE",
            "3",
            "in STORYWIRE_ANNOUNCE__PAICE is not a setting",
        ),
        ("STORYWIRE_ANNOUNCE__PACE", "fast", "announce.pace in STORYWIRE_ANNOUNCE__PACE: write a"),
        ("STORYWIRE_ANNOUNCE", "3", "announce in STORYWIRE_ANNOUNCE: write its keys below it"),
        ("STORYWIRE_SOURCES", "3", "sources in STORYWIRE_SOURCES: write a list"),
        ("STORYWIRE_SOURCES", '[{"feed": 3}]', "feed of entry 1 of sources in STORYWIRE_SOURCES: "),
        ("storywire_sources", '[{"feed": "x"}]', "feed of entry 1 of sources in storywire_sources"),
        (
            "storywire_sources",
            '[{"folder": "a", "x": 1}]',
            "x of entry 1 of sources in storywire_s",
        ),
        (
            "STORYWIRE_SOURCES",
            "a",
            'is not valid JSON; write JSON like [{"folder": "articles"}]',
        ),
        (
            "STORYWIRE_TOPICS__FOLDERS",
            "a",
            "TOPICS__FOLDERS is not valid JSON; write JSON",
        ),
        (
            "STORYWIRE_ANNOUNCE",
            "a",
            "its own variable, such as STORYWIRE_ANNOUNCE__MIN_QUALITY",
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    """A misspelt variable is reported as well."""
    write("announce: {catch_up: 1}")
    monkeypatch.setenv(variable, value)
    assert words in complaint()


@pytest.mark.parametrize(
    "text",
    [
        "discord: {{token: [{secret}]}}",
        "discord: {{tokn: {secret}}}",
        "discord: {{token: {secret}}}\nannounce: {{pace: {secret}}}",
        "discord: {secret}",
        "discord: {{token: {secret}",
        "discord: {{token: *{secret}}}",
        "discord: {{token: !{secret} a}}",
        "discord: {{token: a, token: {secret}}}",
        "sources: [{{feed: 'https://ada:{secret}@a/b', quality: x}}]",
        "sources: [{{feed: 'https://a/b?key={secret}', quality: x}}]",
        "sources: [{{folder: {{a: {secret}}}}}]",
        "sources: [{{git: 'https://ada:{secret}@a/b'}}]",
        "sources: [{{git: 'https://{secret}@a/b'}}]",
        "sources: [{{git: 'https://a/b?token={secret}'}}]",
    ],
)
def test_no_message_contains_a_value(text: str) -> None:
    """Values may be secrets, so messages contain only keys."""
    write(text.format(secret=SECRET))
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "value", ['{"token": "made.up-token"', '["made.up-token"]', "made.up-token"]
)
def test_no_message_contains_a_value_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A section written as JSON is one variable with several values."""
    monkeypatch.setenv("STORYWIRE_DISCORD", value)
    assert SECRET not in complaint()


def test_the_token_is_not_printed() -> None:
    write(EVERYTHING)
    assert SECRET not in repr(load_settings()) + str(load_settings())


def test_settings_are_immutable() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().database = Path("x")  # type: ignore[misc]  # the test is that it is refused
