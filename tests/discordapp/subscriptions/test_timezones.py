"""Time zones are found by what people call them, and offered while they type."""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given

from bot.announce.schedule import is_timezone, next_digest
from bot.discordapp.messages.subscription_options import timezone_choice
from bot.discordapp.subscriptions.timezone_names import current_name, names_of_zones, places
from bot.discordapp.subscriptions.timezones import (
    find_timezone,
    local_clock,
    matching_names,
    offer_timezones,
)
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    NewSubscription,
    Rules,
    SubscriptionSpec,
)
from storage.open import open_store
from tests.discordapp.rendering.limits import hostile
from tests.discordapp.subscriptions.support import attached, fill, import_file, yaml_file
from tests.support.desk import Desk
from tests.support.outbox import add_subscription

# Years that no later rule changes.
WINTER, SUMMER = datetime(2024, 1, 15, tzinfo=UTC), datetime(2024, 7, 15, tzinfo=UTC)
CHOICES = 25
# Zones whose names are places; those in these folders are regions such as US/Central, or offsets.
REGIONS = ("Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/", "SystemV/")
PLACES = sorted(
    name for name in available_timezones() if "/" in name and not name.startswith(REGIONS)
)
# Parts of Australia, of which some names mean more than that; and a country of the same name.
AMBIGUOUS = {
    "Australia/ACT",
    "Australia/North",
    "Australia/South",
    "Australia/West",
    "Pacific/Samoa",
}


def city(name: str) -> str:
    """The last part of an IANA name, as people type it."""
    return name.rpartition("/")[2].replace("_", " ")


def keep_the_same_time(one: str, other: str) -> bool:
    """Whether two zones show the same time in the years that matter."""
    days = (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=each) for each in range(0, 2000, 5))
    return all(
        day.astimezone(ZoneInfo(one)).utcoffset() == day.astimezone(ZoneInfo(other)).utcoffset()
        for day in days
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("NEW_YORK", "America/New_York"),
        ("newyork", "America/New_York"),
        ("São Paulo", "America/Sao_Paulo"),
        ("sao paulo", "America/Sao_Paulo"),
        ("Sao_Paulo", "America/Sao_Paulo"),
        (unicodedata.normalize("NFD", "São Paulo"), "America/Sao_Paulo"),
        ("America/São Paulo", "America/Sao_Paulo"),
        ("Indianapolis", "America/Indiana/Indianapolis"),
        ("America/Indiana/Indianapolis", "America/Indiana/Indianapolis"),
        ("zurich", "Europe/Zurich"),
        ("Zürich", "Europe/Zurich"),
        ("zuerich", "Europe/Zurich"),
        ("København", "Europe/Copenhagen"),
        ("Koebenhavn", "Europe/Copenhagen"),
        ("St Johns", "America/St_Johns"),
        ("st. john's", "America/St_Johns"),
        ("Saint John's", "America/St_Johns"),
        ("Port-au-Prince", "America/Port-au-Prince"),
        ("port au prince", "America/Port-au-Prince"),
        ("Ho Chi Minh City", "Asia/Ho_Chi_Minh"),
        ("DumontDUrville", "Antarctica/DumontDUrville"),
        # Other languages, and countries with one time zone.
        ("Wien", "Europe/Vienna"),
        ("Москва", "Europe/Moscow"),
        ("東京", "Asia/Tokyo"),
        ("서울", "Asia/Seoul"),
        ("กรุงเทพ", "Asia/Bangkok"),
        ("Germany", "Europe/Berlin"),
        ("Deutschland", "Europe/Berlin"),
        ("Malaysia", "Asia/Kuala_Lumpur"),
        ("India", "Asia/Kolkata"),
        ("Paris, France", "Europe/Paris"),
        ("São Paulo, Brasil", "America/Sao_Paulo"),
        # Old names.
        ("US/Eastern", "America/New_York"),
        ("us/eastern", "America/New_York"),
        ("America/Indianapolis", "America/Indiana/Indianapolis"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Calcutta", "Asia/Kolkata"),
        ("Kiev", "Europe/Kyiv"),
        ("Hawaii", "Pacific/Honolulu"),
        ("Japan", "Asia/Tokyo"),
        ("GB", "Europe/London"),
        # Without a place, but clear.
        ("utc", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Zulu", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("etc/gmt-5", "Etc/GMT-5"),
        ("EST5EDT", "EST5EDT"),
    ],
)
def test_a_time_zone_is_found_by_name_or_place(typed: str, name: str) -> None:
    """Case, spaces, accents and the language don't matter; the current name is stored."""
    assert find_timezone(typed) == name


def test_every_iana_name_is_accepted_or_asked_about() -> None:
    """What is stored keeps the same time, and is accepted again."""
    for name in filter(is_timezone, sorted(available_timezones())):
        try:
            found = find_timezone(name, WINTER)
        except ValueError as error:
            assert "/" not in name
            assert "Do you mean" in str(error)  # noqa: PT017 - either way is right
        else:
            assert keep_the_same_time(found, name), name
            assert find_timezone(found, WINTER) == found


def test_every_zone_is_found_by_its_city() -> None:
    """Old names stand for the current ones, so far as they name one place."""
    for name in PLACES:
        typed = city(name)
        spellings = {typed, typed.upper(), typed.replace(" ", "_"), typed.replace(" ", "")}
        if name in AMBIGUOUS:
            with pytest.raises(ValueError, match=r"Do you mean|Use the nearest"):
                find_timezone(typed)
        else:
            assert {find_timezone(each) for each in spellings} == {current_name(name)}, name
        assert find_timezone(f" {name.casefold().replace('_', ' ')} ") == current_name(name)


def test_every_zone_is_offered_while_its_city_is_typed() -> None:
    """From three letters on; first when the city is complete."""
    for name in places():
        typed = city(name)
        assert offer_timezones(typed, "UTC", CHOICES, WINTER)[0] == name
        for beginning in (typed[:3], typed[:4]):
            assert name in offer_timezones(beginning, "UTC", CHOICES, WINTER), beginning


def test_every_name_in_cldr_is_found_or_asked_about() -> None:
    """It is asked about if its places have different clocks, or if it is an abbreviation."""
    for each in names_of_zones().values():
        zones = {name.zone for name in each if name.kind == min(other.kind for other in each)}
        try:
            assert find_timezone(each[0].text, WINTER) in zones
        except ValueError as error:
            assert len(zones) > 1 or each[0].text == "ACT"
            assert "Do you mean" in str(error)  # noqa: PT017 - either way is right


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (
            "EST",
            "“EST” has no daylight saving time. Do you mean America/New_York or America/Cancun (no"
            " daylight saving time)?",
        ),
        ("est", "Do you mean America/New_York"),
        ("MST", "Do you mean America/Denver or America/Phoenix (no daylight saving time)?"),
        ("HST", "Do you mean Pacific/Honolulu (no daylight saving time) or America/Adak?"),
        ("CET", "Do you mean Europe/Berlin or Africa/Algiers (no daylight saving time)?"),
        ("MET", "“MET” has no daylight saving time. Do you mean Europe/B"),
        ("PST", "Do you mean America/Los_Angeles or Asia/Manila"),
        ("CST", "Do you mean America/Chicago, America/Guatemala (no daylight saving time), Asia/"),
        ("IST", "“IST” has several meanings. Do you mean Asia/Kolkata, Asia/Jerusalem or Europe/"),
        ("BST", "“BST” is used only during daylight saving time. Do you mean Europe/London?"),
        ("EDT", "“EDT” is used only during daylight saving time. Do you mean America/New_York?"),
        ("GMT", "“GMT” has no daylight saving time. Do you mean Europe/London or UTC (no daylight"),
        ("GMT0", "“GMT0” has no daylight saving time. Do you mean Europe/London or UTC"),
        ("Greenwich", "Do you mean Europe/London or UTC"),
        ("JST", "“JST” is an abbreviation. Do you mean Asia/Tokyo?"),
        ("ET", "Do you mean America/New_York or"),
        ("MEZ", "Do you mean Europe/Berlin or"),
        ("ACT", "or Australia/Sydney?"),
        ("Spain", "“Spain” has several time zones. Do you mean Europe/Madrid or Atlantic/Canary?"),
        ("USA", "Do you mean America/New_York, America/Chicago, America/Denver or America/Los"),
    ],
)
def test_what_can_mean_several_zones_is_asked_about(typed: str, answer: str) -> None:
    """Abbreviations are never taken: most of them don't change the clocks as the place does."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the text is compared
        find_timezone(typed, WINTER)
    assert answer in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "now", "likely"),
    [
        ("UTC+2", WINTER, "Europe/Kyiv"),
        ("UTC+2", SUMMER, "Europe/Berlin"),
        ("GMT+2", SUMMER, "Europe/Berlin"),
        ("utc + 02:00", SUMMER, "Europe/Berlin"),
        ("+02:00", SUMMER, "Europe/Berlin"),
        ("UTC-5", WINTER, "America/New_York"),
        ("UTC\N{MINUS SIGN}5", SUMMER, "America/Chicago"),
        ("UTC+5:30", WINTER, "Asia/Kolkata"),
        ("UTC+0545", WINTER, "Asia/Kathmandu"),
        ("UTC+0", WINTER, "UTC, Europe/London"),
    ],
)
def test_an_offset_is_answered_with_cities(typed: str, now: datetime, likely: str) -> None:
    """They have that offset now; the autocompletion offers them, too."""
    with pytest.raises(ValueError, match=f"Use the nearest big city, like {likely}"):
        find_timezone(typed, now)
    offered = offer_timezones(typed, "UTC", CHOICES, now)
    assert offered[0] == likely.partition(",")[0]
    assert len({now.astimezone(ZoneInfo(each)).utcoffset() for each in offered}) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Atlantis",
        "Europe",
        "UTC+25",
        "UTC+3:17",
        "../../etc/passwd",
        "/",
        "East",
        "Paris, Texas",
        ",",
    ],
)
def test_an_unknown_time_zone_is_refused_with_advice(typed: str) -> None:
    with pytest.raises(ValueError, match="like Europe/Berlin"):
        find_timezone(typed)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("new y", "America/New_York"),
        ("york", "America/New_York"),
        ("São P", "America/Sao_Paulo"),
        ("zür", "Europe/Zurich"),
        ("zuer", "Europe/Zurich"),
        ("indianap", "America/Indiana/Indianapolis"),
        ("lon", "Europe/London"),
        ("Europe/berl", "Europe/Berlin"),
        ("america/indiana/ind", "America/Indiana/Indianapolis"),
        ("us/east", "America/New_York"),
        ("asia/calc", "Asia/Kolkata"),
        ("utc", "UTC"),
        ("est", "America/New_York"),
        ("gmt", "Europe/London"),
        ("deutschl", "Europe/Berlin"),
        ("моск", "Europe/Moscow"),
        ("東", "Asia/Tokyo"),
        ("europe/", "Europe/London"),
        ("paris,", "Europe/Paris"),
        ("Paris, fra", "Europe/Paris"),
    ],
)
def test_the_likeliest_zone_is_offered_first(typed: str, offered: str) -> None:
    assert offer_timezones(typed, "UTC", CHOICES)[0] == offered


def test_zones_are_offered_before_anything_is_typed() -> None:
    """The server's own and common ones; instead of an abbreviation, what it can mean."""
    assert offer_timezones(" ", "Asia/Tokyo", 2) == ["Asia/Tokyo", "UTC"]
    assert offer_timezones("", "Europe/Kiev", 1) == ["Europe/Kyiv"]
    assert offer_timezones("", "EST", 2) == ["America/New_York", "America/Cancun"]
    assert len(offer_timezones("a", "UTC", CHOICES)) == CHOICES
    assert offer_timezones("nowhere", "UTC", CHOICES) == []


@given(hostile)
def test_every_choice_is_valid_whatever_is_typed(typed: str) -> None:
    """Discord takes at most 100 characters for its name; its value is accepted by the command."""
    names = matching_names(typed)
    for zone in offer_timezones(typed, "UTC", CHOICES):
        assert find_timezone(zone) == zone
        assert len(timezone_choice(zone, "14:05", names.get(zone))) <= 100


def test_a_choice_shows_the_name_that_was_typed() -> None:
    """It is left out if the IANA name contains it."""
    assert matching_names("deutsch")["Europe/Berlin"] == "Deutschland"
    assert timezone_choice("Europe/Berlin", "14:05", "Deutschland") == (
        "Deutschland: Europe/Berlin (now 14:05)"
    )
    assert timezone_choice("Europe/Berlin", "14:05", None) == "Europe/Berlin (now 14:05)"
    assert matching_names("germ")["Europe/Berlin"] == "Germany"
    assert matching_names("berl") == {}
    longest = max((name.text for names in names_of_zones().values() for name in names), key=len)
    assert len(timezone_choice(max(places(), key=len), "14:05", longest * 2)) <= 100


def test_the_local_time_of_a_zone_is_formatted() -> None:
    assert local_clock("Asia/Tokyo", datetime(2026, 1, 1, 12, tzinfo=UTC)) == "21:00"


def test_the_documented_examples_are_true() -> None:
    """Each name in the table of docs/subscriptions.md is found, or asked about."""
    page = (Path(__file__).parents[3] / "docs" / "subscriptions.md").read_text(encoding="utf-8")
    section = page.partition("\n## Time zones\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    assert len(rows) > 8
    for left, right in rows:
        typed, zones = re.findall("`(.+?)`", left), re.findall("`(.+?)`", right)
        if "asks" not in right:
            expected = zones * len(typed) if len(zones) == 1 else zones
            assert [find_timezone(each) for each in typed] == expected
            continue
        for each in typed:
            with pytest.raises(ValueError, match=r"Do you mean|Use the nearest"):
                find_timezone(each)


async def test_an_abbreviation_is_asked_about_everywhere(desk: Desk) -> None:
    """In the command, in a file, and while it is typed; nothing is saved."""
    async with desk.bot():
        refused = await desk.ask("subscriptions add", {"timezone": "EST", "mode": "daily"})
        assert "“EST” has no daylight saving time. Do you mean America/New_York" in refused.content
        answer = await import_file(
            desk, yaml_file("subscriptions:\n- {channel: news, timezone: IST}\n")
        )
        assert "Entry 1, `timezone`: “IST” has several meanings." in answer
        assert "No subscriptions yet" in (await desk.ask("subscriptions list")).content
        ada = desk.sandbox.person("Ada")
        found = await ada.autocomplete(desk.channel().id, "subscriptions add", "timezone", "wien")
        assert found[0]["value"] == "Europe/Vienna"
        assert found[0]["name"].startswith("Wien: Europe/Vienna (now ")


async def test_a_stored_abbreviation_keeps_working(desk: Desk) -> None:
    """Its digests come at the old times; its export can be imported and keeps these times."""
    digest = Digest(DigestDays.DAILY, time(18))
    spec = SubscriptionSpec(
        desk.channel().id, Rules(), None, DeliveryOptions(timezone="EST", digest=digest)
    )
    guild_id = desk.channel().guild_id
    assert guild_id is not None
    async with open_store(desk.database) as store:
        await add_subscription(store, NewSubscription(guild_id, 1, WINTER, spec))
    assert next_digest(digest, "EST", SUMMER).hour == 23
    async with desk.bot():
        listed = (await desk.ask("subscriptions list")).content
        assert "digest every day at 18:00 (EST)" in listed
        ada = desk.sandbox.person("Ada")
        offered = await ada.autocomplete(desk.channel().id, "subscriptions add", "timezone", "")
        assert [each["value"] for each in offered][:2] == ["America/New_York", "America/Cancun"]
        editor = await desk.ask("subscriptions edit", {"subscription": "1"})
        await desk.press(editor, "More…")
        await fill(desk, editor, "Schedule…", {"quiet": "22-8"})
        saved = await desk.press(editor, "Save")
        assert "digest every day at 18:00 (EST)" in saved.content
        file = yaml_file(await attached(await desk.ask("subscriptions export")))
        await desk.ask("subscriptions remove", {"subscription": "1"})
        assert await import_file(desk, file) == "Added 1 subscription."
        assert "(America/Panama)" in (await desk.ask("subscriptions list")).content
    assert keep_the_same_time("EST", "America/Panama")
