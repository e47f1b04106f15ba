"""The dates of feeds are read in every usual form, or not at all."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime as format_rfc_2822
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from babel.dates import format_datetime as format_in_language
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ingest.dates.reading import MAX_LENGTH, DateReader, FoundDate, read_date
from bot.ingest.feed.entry import Entry
from bot.ingest.feed.parser import parse_feed
from tests.ingest.feed.support import item, rss

# A Monday.
DAY = datetime(2026, 11, 23, tzinfo=UTC)
TEN = DAY.replace(hour=10)
AFTERNOON = DAY.replace(hour=15, minute=5)
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def read(text: object, zone: tzinfo = UTC, language: str = "") -> datetime | None:
    """The time that a text says, without a fraction of a second."""
    found = DateReader(zone, language).read(text)
    return found.at.replace(microsecond=0) if found else None


def read_entries(body: bytes, time_zone: str | None = None) -> Sequence[Entry]:
    return parse_feed(body, "https://news.example/feed", "", time_zone=time_zone).entries


def read_rss(*dates: str, language: str = "", time_zone: str | None = None) -> Sequence[str]:
    """The dates of an RSS feed, as ISO 8601 or empty."""
    body = rss(*(item(number, pubDate=text) for number, text in enumerate(dates)))
    body = body.replace(b"<channel>", f"<channel><language>{language}</language>".encode())
    return [entry.published for entry in read_entries(body, time_zone)]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10:00:00Z",
        "2026-11-23t10:00:00z",
        "2026-11-23T10:00Z",
        "2026-11-23T10Z",
        "2026-11-23T10:00:00.000Z",
        "2026-11-23T10:00:00,5Z",
        "2026-11-23T10:00:00.123456789Z",
        "2026-11-23T11:00:00+01:00",
        "2026-11-23T11:00:00+0100",
        "2026-11-23T11:00:00+01",
        "2026-11-23T05:00:00-05:00",
        "2026-11-23T05:00:00\N{MINUS SIGN}05:00",
        "2026-11-23T05:00:00-05:00Z",
        "2026-11-23T11:00:00+01:00[Europe/Berlin]",
        "2026-11-23T10:00:00",
        "2026-11-23T10:00",
        "2026-11-23 10:00:00",
        "2026-11-23 10:00:00 UTC",
        "2026-11-23 11:00:00 +0100",
        "2026-11-23 at 10:00:00",
        "20261123T100000Z",
        "20261123T1000",
        "20261123T110000+0100",
        "20261123 10:00",
        "20261123100000",
        "202611231000",
        "2026-W48-1T10:00:00Z",
        "2026W481T100000Z",
        "2026-327T10:00:00Z",
        "2026327T100000Z",
        "2026:11:23 10:00:00",
    ],
)
def test_iso_8601_is_read(text: str) -> None:
    assert read(text) == TEN


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 23 Nov 2026 10:00:00 GMT",
        "Mon, 23 Nov 2026 10:00:00 +0000",
        "Mon, 23 Nov 2026 10:00:00 -0000",
        "Mon, 23 Nov 2026 10:00:00 +0000 (UTC)",
        "Mon, 23 Nov 2026 10:00:00 +0000 GMT",
        "Mon, 23 Nov 2026 10:00 UT",
        "Mon, 23 Nov 2026 10:00:00Z",
        "Mon, 23 Nov 2026 05:00:00 EST",
        "Mon, 23 Nov 2026 05:00:00EST",
        "Mon, 23 Nov 2026 05:00:00 -500",
        "Mon, 23 Nov 2026 05:00:00 --0500",
        "Mon, 23 Nov 2026 05:00:00 EST-05:00",
        "Mon, 23 Nov 2026 05:00:00 -0500 (EST)",
        "Mon, 23 Nov 2026 10:00:00 00",
        "Mon, 23 Nov 26 10:00:00 GMT",
        "Mon, 23 Nov 126 10:00:00 GMT",
        "mon,23 nov 2026 10:00:00 gmt",
        "MON, 23 NOV 2026 10:00:00 GMT",
        "Mon , 23  Nov\t2026,\n 10:00:00\u00a0GMT",
        "Mon. 23. Nov. 2026 10:00:00 GMT",
        "Monday, 23-Nov-26 10:00:00 GMT",
        "Monday, 23-Nov-2026 10:00:00 GMT",
        "Mon Nov 23 10:00:00 2026",
        "Mon Nov 23 10:00:00 UTC 2026",
        "Mon Nov 23 10:00:00 +0000 2026",
        "Mon Nov 23 2026 11:00:00 GMT+0100 (Central European Standard Time)",
        "Mon Nov 23 2026 11:00:00 GMT+0100 (heure normale d’Europe centrale)",
        "23 Nov 2026 10:00",
        "Nov 23, 2026 10:00 AM",
        "November 23rd, 2026, 10:00 a.m.",
        "Monday, November 23, 2026 - 10:00am",
        "Monday, November 23, 2026 at 5:00 AM EST",
        "10:00, 23 November 2026",
        "10:00 23.11.2026 +0000",
        "23/Nov/2026:10:00:00 +0000",
        "23 Monday, Nov 2026 10:00",
        "Tue, 23 Nov 2026 10:00:00 GMT",
        "Mon, 23 Nov 2026 &nbsp;10:00:00 GMT",
        '<time datetime="2026-11-23T10:00:00Z">yesterday</time>',
        '<span content="2026-11-23T11:00:00+01:00">Mon, 11/23/2026</span>',
        "<b>Mon, 23 Nov 2026</b> 10:00",
    ],
)
def test_rfc_822_and_its_relatives_are_read(text: str) -> None:
    """A wrong weekday does not matter."""
    assert read(text) == TEN


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/23 10:00:00",
        "2026/11/23",
        "2026.11.23",
        "2026. 11. 23. 10:00",
        "23/11/2026 10:00",
        "11/23/2026 10:00 AM",
        "23.11.2026",
        "23.11.2026 10.00",
        "23. 11. 2026",
        "23-11-2026 10:00",
        "11-23-2026",
        "Mon, 23/11/2026 - 10:00",
        "11/23/98",
        "2026年11月23日",
        "2026年11月23日 上午10:00",
        "2026年11月23日10时00分",
        "2026年11月23日(月) 10時00分00秒",
        "２０２６年１１月２３日　１０：００",
        "2026 年 11 月 23 日 星期一",
        "令和8年11月23日",
        "2026년 11월 23일",
        "2026년 11월 23일 오전 10:00",
        "2026년 11월 23일 (월) 10시",
        "2026. 11. 23. 오전 10:00",
    ],
)
def test_dates_of_numbers_are_read(text: str) -> None:
    found = read(text)
    assert found is not None
    assert found.replace(year=2026) in {DAY, TEN}


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("12:15 AM", 0),
        ("12:15 PM", 12),
        ("1:15 am", 1),
        ("1:15pm", 13),
        ("11:15 p.m.", 23),
        ("0:15 AM", 0),
        ("0:15 PM", 12),
        ("13:15 PM", 13),
        ("午前0:15", 0),
        ("午後3時15分", 15),
        ("下午3:15", 15),
        ("凌晨12:15", 0),
        ("오후 3:15", 15),
        ("오전 12시 15분", 0),
        ("3:15 μ.μ.", 15),
        ("3:15 μμ", 15),
        ("03.15.00.000000 PM", 15),
        ("3:15 م", 15),
    ],
)
def test_halves_of_the_day_are_read(text: str, hour: int) -> None:
    """The hour 12 is the first one of its half."""
    assert read(f"2026-11-23 {text}") == DAY.replace(hour=hour, minute=15)
    assert read(f"Mon, 23 Nov 2026 {text}") == DAY.replace(hour=hour, minute=15)


@pytest.mark.parametrize(
    "text",
    [
        "Nov 23, 2026 3 PM",
        "23 Nov 2026, 3pm",
        "23.11.2026, 15 Uhr",
        "23/11/2026 15h",
        "2026-11-23T15",
    ],
)
def test_hours_alone_are_read(text: str) -> None:
    assert read(text) == DAY.replace(hour=15)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("CET", 1),
        ("CEST", 2),
        ("(CET)", 1),
        ("MEZ", 1),
        ("BST", 1),
        ("EET", 2),
        ("MSK", 3),
        ("МСК", 3),
        ("IST", 5.5),
        ("JST", 9),
        ("AEST", 10),
        ("AEDT", 11),
        ("NZDT", 13),
        ("BRT", -3),
        ("NST", -3.5),
        ("EST", -5),
        ("PDT", -7),
        ("HST", -10),
        ("ET", -5),
        ("PT", -8),
        ("Eastern Time", -5),
        ("Pacific Daylight Time", -7),
        ("Central European Standard Time", 1),
        ("GMT+7", 7),
        ("GMT +7", 7),
        ("UTC-3", -3),
        ("UTC-03:30", -3.5),
        ("UTC+05:45", 5.75),
        ("GMT+0100", 1),
        ("+1", 1),
        ("-0930", -9.5),
        ("Europe/Berlin", 1),
        ("[America/New_York]", -5),
        ("Etc/GMT+5", -5),
        ("America/Argentina/Buenos_Aires", -3),
    ],
)
def test_time_zones_are_read(zone: str, hours: float) -> None:
    expected = TEN - timedelta(hours=hours)
    assert read(f"Mon, 23 Nov 2026 10:00:00 {zone}", NEW_YORK) == expected
    assert read(f"2026-11-23 10:00 {zone}", NEW_YORK) == expected


@pytest.mark.parametrize(
    "zone",
    ["+1500", "-13:00", "+99:00", "+2500", "+0575", "GMT+15", "Zeit/Zone", "../../etc/passwd"],
)
def test_impossible_zone_makes_a_date_unreadable(zone: str) -> None:
    assert read(f"Mon, 23 Nov 2026 10:00:00 {zone}") is None
    assert read(f"2026-11-23T10:00:00{zone}") is None


@pytest.mark.parametrize("zone", ["", "XYZ", "A", "(late)", "(+99:00)"])
def test_unknown_zone_is_the_zone_of_the_source(zone: str) -> None:
    assert read(f"Mon, 23 Nov 2026 10:00:00 {zone}", BERLIN) == TEN - timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "zone", "language", "hours"),
    [
        ("CST", "UTC", "", -6),
        ("CST", "Asia/Shanghai", "", 8),
        ("CST", "UTC", "zh-CN", 8),
        ("IST", "UTC", "en-IN", 5.5),
        ("IST", "Asia/Jerusalem", "", 2),
        ("IST", "UTC", "he", 2),
        ("PST", "Asia/Manila", "", 8),
        ("EST", "America/Chicago", "", -5),
    ],
)
def test_ambiguous_zone_is_decided_by_the_source(
    name: str, zone: str, language: str, hours: float
) -> None:
    """First by its time zone, then by its language."""
    text = f"Mon, 23 Nov 2026 10:00:00 {name}"
    assert read(text, ZoneInfo(zone), language) == TEN - timedelta(hours=hours)


def test_regions_change_their_clocks() -> None:
    """An abbreviation is an offset; the name of a region is not."""
    assert read("20 Jul 2026 10:00 CET") == datetime(2026, 7, 20, 9, tzinfo=UTC)
    for zone in ("Europe/Berlin", "Central European Time"):
        assert read(f"20 Jul 2026 10:00 {zone}") == datetime(2026, 7, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "number", ["1795428000", "1795428000.25", "1795428000000", "1795428000000000", 1795428000.5]
)
def test_seconds_since_1970_are_read(number: object) -> None:
    """Also thousandths and millionths of them, also in the form of .NET."""
    assert read(number) == TEN
    assert read(1795428000) == read(1795428000000) == read("/Date(1795428000000+0100)/") == TEN
    assert read(20261123) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "Mo, 23 Nov 2026 15:05:00 +0000",
        "Montag, 23. November 2026, 15:05 Uhr",
        "23. Nov. 2026 um 15.05 Uhr",
        "lun., 23 nov. 2026 15:05:00 +0000",
        "lundi 23 novembre 2026 à 15h05",
        "le 23 novembre 2026 - 15 h 05",
        "Lunes, 23 de noviembre de 2026 a las 15:05",
        "lun, 23 nov 2026 15:05:00 GMT",
        "segunda-feira, 23 de novembro de 2026 às 15h05",
        "lunedì 23 novembre 2026 ore 15:05",
        "maandag 23 november 2026 om 15:05 uur",
        "ma, 23 nov. 2026 15:05",
        "Пн, 23 ноя 2026 18:05:00 +0300",
        "понедельник, 23 ноября 2026 г. в 15:05",
        "23 листопада 2026 р. о 15:05, понеділок",
        "poniedziałek, 23 listopada 2026, godz. 15:05",
        "pon., 23 lis 2026 15:05:00 +0000",
        "pondělí 23. listopadu 2026 15:05",
        "23 Kasım 2026 Pazartesi, saat 15:05",
        "måndag den 23 november 2026 kl. 15.05",
        "mandag d. 23. november 2026 kl. 15:05",
        "maanantai 23. marraskuuta 2026 klo 15.05",
        "Ma, 23 Marras 2026 15:05:00 +0000",
        "2026. november 23., hétfő 15:05",
        "Δευτέρα, 23 Νοεμβρίου 2026, 3:05 μ.μ.",
        "Δευ, 23 Νοέ 2026 15:05:00 +0000",
        "الاثنين، 23 نوفمبر 2026 - 15:05",
        "٢٣ تشرين الثاني ٢٠٢٦، ٣:٠٥ م",
        "יום שני, 23 בנובמבר 2026 בשעה 15:05",
        "सोमवार, 23 नवंबर 2026, 3:05 pm",
        "23 พ.ย. 2569 15:05 น.",
        "Thứ Hai, 23 tháng 11, 2026 15:05",
        "Senin, 23 November 2026 pukul 15.05",
        "月, 23 11月 2026 15:05:00 +0000",
        "週一, 23 十一月 2026 15:05:00 +0000",
    ],
)
def test_names_of_many_languages_are_read(text: str) -> None:
    """The feed need not name its language; accents and capitals don't matter."""
    assert read(text) == AFTERNOON
    assert read(text.upper().replace("UHR", "Uhr")) == AFTERNOON


@pytest.mark.parametrize(
    ("text", "language", "month"),
    [
        ("23 listopada 2026", "", None),
        ("23 listopada 2026", "pl", 11),
        ("23. listopada 2026.", "hr-HR", 10),
        ("piątek, 23 października 2026", "", 10),
        ("23 lip 2026", "pl", 7),
        ("Mon, 23 jui 2026", "fr", None),
        ("Mar, 23 juin 2026", "fr", 6),
        ("mar. 23 juin 2026", "", 6),
        ("23 Mar 2026", "fi", None),
        ("23 Mar 2026", "pl", 3),
    ],
)
def test_name_of_several_months_needs_the_language(
    text: str, language: str, month: int | None
) -> None:
    expected = month and datetime(2026, month, 23, tzinfo=UTC)
    assert read(text, language=language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "2 hours ago",
        "today 10:00",
        "Mon",
        "10:00",
        "2026",
        "2026-11",
        "11/2026",
        "November 2026",
        "Nov. 2026 10:00",
        "23 November",
        "Mon, 23 Nov 10:00:00 GMT",
        "2026-W48",
        "23-24 Nov 2026",
        "Nov 23 - Dec 24, 2026",
        "2026-23-11",
        "31.11.2026",
        "2026-02-29",
        "2026-366",
        "2026-W60-1",
        "2026-11-23T25:00:00Z",
        "2026-11-23T10:60:00Z",
        "2026-11-23T24:00:01Z",
        "Mon, 99 Nov 9999 99:00:00 GMT",
        "2026-11-23 10:00:00 11:00:00",
        "Mon, 23 Nov 2026 10:00:00 and more",
        "Mon, 23 Foo 2026 10:00:00 GMT",
        "23 Nov 2026 99999999999999999999",
        "1e400",
        "-1795428000",
        "17954280001",
        "nan",
        None,
        True,
        float("nan"),
        float("inf"),
        10**400,
        [],
        {},
        b"2026-11-23",
        f"2026-11-23{' ' * MAX_LENGTH}x",
    ],
)
def test_anything_else_is_missing(text: object) -> None:
    """A date without a month or a day is none, since it would make news old."""
    assert read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "0001-01-01T00:00:00Z",
        "0000-00-00 00:00:00",
        "Wed, 30 Nov -0001 00:00:00 +0000",
        "-0001-11-30T00:00:00+00:00",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "1970-01-01T01:00:00+01:00",
        "Wed, 31 Dec 1969 19:00:00 EST",
        "0",
        0,
        -1,
        86400,
        100000000,
        "1601-01-01T00:00:00Z",
        "1899-12-30",
        "1/1/1900 12:00:00 AM",
        "1980-01-01",
        "1989-12-31",
        "9999-12-31T23:59:59Z",
        "31 Dec 2999",
    ],
)
def test_implausible_date_is_missing(text: object) -> None:
    """Programs write them for want of a date; feeds are younger than the Web."""
    assert read(text) is None
    assert read("1990-01-01") is not None
    assert read("2099-12-31") is not None


def test_date_without_a_time_of_day_is_marked() -> None:
    """It is midnight in the zone of the source, or in its own."""
    assert read_date("2026-11-23") == FoundDate(DAY, date_only=True)
    assert read_date("Mon, 23 Nov 2026", BERLIN) == FoundDate(
        DAY - timedelta(hours=1), date_only=True
    )
    assert read_date("2026-11-23+01:00") == FoundDate(DAY - timedelta(hours=1), date_only=True)
    assert read_date("23 Nov 2026 EST") == FoundDate(DAY + timedelta(hours=5), date_only=True)
    assert read_date("2026-11-23Z", BERLIN) == FoundDate(DAY, date_only=True)
    assert read_date("2026-11-23T00:00:00Z") == FoundDate(DAY)


def test_last_second_and_midnight_are_read() -> None:
    assert read("2026-11-22T24:00:00Z") == DAY
    assert read("2026-11-22T23:59:60Z") == DAY - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (["03/04/2026"], [None]),
        (["03/04/2026", "23/11/2026"], [(4, 3), (11, 23)]),
        (["03/04/2026", "11/23/2026"], [(3, 4), (11, 23)]),
        (["03-04-2026", "Fri, 03/04/2026"], [(4, 3), (4, 3)]),
        (["Wed, 03/04/2026"], [(3, 4)]),
        (["Mon, 03/04/2026"], [None]),
        (["03/04/2026", "23/11/2026", "11/23/2026"], [None, (11, 23), (11, 23)]),
        (["03/04/2026", "11/11/2026"], [None, (11, 11)]),
        (["03/04/2026", "2026/11/23", "23 Nov 2026"], [None, (11, 23), (11, 23)]),
        (["03.04.2026"], [(4, 3)]),
        (["03.04.2026", "11.23.2026"], [(3, 4), (11, 23)]),
        (["03.04.26"], [None]),
        (["03/04/26", "23/11/26", "24/11/26"], [None, None, None]),
        (["26/11/23", "26/11/22", "99/11/23"], [(11, 23), (11, 22), (11, 23)]),
    ],
)
def test_order_is_decided_by_the_other_dates(
    dates: list[str], days: list[tuple[int, int] | None]
) -> None:
    """Without any evidence, an ambiguous date is missing; if the dates disagree, too."""
    reader = DateReader(texts=dates)
    found = [reader.read(text) for text in dates]
    assert [each and (each.at.month, each.at.day) for each in found] == days


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("03/04/2026", "en-US", (3, 4)),
        ("03/04/2026", "en-us", (3, 4)),
        ("03/04/2026", "en-GB", (4, 3)),
        ("03/04/2026", "en", None),
        ("03/04/2026", "de", (4, 3)),
        ("03/04/2026", "fr_FR", (4, 3)),
        ("03/04/2026", "es-MX", (4, 3)),
        ("03/04/2026", "zh-CN", None),
        ("03/04/2026", "klingon", None),
        ("03/04/2026", "../../etc", None),
        ("03.04.2026", "en-US", None),
        ("03.04.26", "de", (4, 3)),
        ("26.04.03", "ko", (4, 3)),
        ("26/04/03", "ja", (4, 3)),
    ],
)
def test_order_is_decided_by_the_language(
    text: str, language: str, day: tuple[int, int] | None
) -> None:
    """That is, by how CLDR writes short dates in it; English needs a country."""
    found = read(text, language=language)
    assert (found and (found.year, found.month, found.day)) == (day and (2026, *day))


def test_other_dates_count_more_than_the_language() -> None:
    """Generators write en-US by default."""
    dates = ["03/04/2026 10:00", "23/11/2026 10:00"]
    assert read_rss(*dates, language="en-US")[0] == "2026-04-03T10:00:00+00:00"
    assert read_rss(*dates[:1], language="en-US")[0] == "2026-03-04T10:00:00+00:00"
    assert read_rss(*dates[:1])[0] == ""


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ("<pubDate>2026/11/23 10:00:00</pubDate>", TEN),
        ("<pubDate>\n   Mon, 23 Nov 2026\n 10:00:00 GMT\t</pubDate>", TEN),
        ("<pubDate><![CDATA[ 23 Nov 2026 10:00 ]]></pubDate>", TEN),
        ("<pubdate>Mon, 23 Nov 2026 10:00:00 GMT</pubdate>", TEN),
        ("<PUBDATE>Mon, 23 Nov 2026 10:00:00 GMT</PUBDATE>", TEN),
        ("<date>2026-11-23T10:00:00Z</date>", TEN),
        ("<dc:date>2026-11-23T11:00:00+01:00</dc:date>", TEN),
        ("<dc:date>2026-11-23</dc:date>", DAY),
        ("<dcterms:issued>2026-11-23T10:00:00Z</dcterms:issued>", TEN),
        ("<dcterms:created>2026-11-23T10:00:00Z</dcterms:created>", TEN),
        ("<dcterms:modified>2026-11-23T10:00:00Z</dcterms:modified>", TEN),
        ("<prism:publicationDate>2026-11-23</prism:publicationDate>", DAY),
        ("<atom:published>2026-11-23T10:00:00Z</atom:published>", TEN),
        ("<atom:updated>2026-11-23T10:00:00Z</atom:updated>", TEN),
        ("<issued>2026-11-23T10:00:00Z</issued><modified>2026-11-24</modified>", TEN),
        ("<pubDate>soon</pubDate><dc:date>2026-11-23T10:00:00Z</dc:date>", TEN),
        ("<dc:date>2026-11-24T10:00:00Z</dc:date><pubDate>2026-11-23T10:00:00Z</pubDate>", TEN),
        ("<pubDate>1970-01-01</pubDate><updated>2026-11-23T10:00:00Z</updated>", TEN),
        ("<pubDate>2026-11-23T10:00:00Z</pubDate><pubDate>2026-11-23T10:00:00Z</pubDate>", TEN),
        ("<pubDate>2026-11-24T10:00:00Z</pubDate><pubDate>2026-11-23T10:00:00Z</pubDate>", TEN),
        ("<pubDate>2026-11-23T10:00:00Z</pubDate><pubDate/>", TEN),
        ("<pubDate>2026-11-23T10:00:00Z</pubDate><pubDate>soon</pubDate>", TEN),
        ("<pubDate>soon</pubDate><pubDate>2026-11-23T10:00:00Z</pubDate>", TEN),
        ("<source><pubDate>2026-11-23T10:00:00Z</pubDate></source>", None),
        ("<pubDate>1795428000</pubDate>", TEN),
        ("<pubDate>&lt;time datetime='2026-11-23T10:00:00Z'&gt;Mon&lt;/time&gt;</pubDate>", TEN),
        ("<pubDate></pubDate>", None),
        ("<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>", None),
        ("<pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate>", None),
    ],
)
def test_elements_with_dates_are_found(elements: str, expected: datetime | None) -> None:
    """The date of publication counts most; one that can't be read does not count."""
    spaces = " ".join(
        f'xmlns:{prefix}="{address}"'
        for prefix, address in {
            "dc": "http://purl.org/dc/elements/1.1/",
            "dcterms": "http://purl.org/dc/terms/",
            "prism": "http://prismstandard.org/namespaces/basic/2.0/",
            "atom": "http://www.w3.org/2005/Atom",
        }.items()
    )
    body = rss(item(1, elements, pubDate=None)).replace(b"<rss ", f"<rss {spaces} ".encode())
    (entry,) = read_entries(body)
    assert entry.published == (expected.isoformat() if expected else "")
    assert entry.date_only == (expected == DAY)


ATOM = """<feed {attributes}><title>x</title><entry><title>y</title><id>1</id>
<link href="https://news.example/1"/>{dates}</entry></feed>"""


@pytest.mark.parametrize(
    ("attributes", "dates"),
    [
        (
            'xmlns="http://www.w3.org/2005/Atom"',
            "<published>2026-11-23T10:00:00Z</published><updated>2026-11-24T10:00:00Z</updated>",
        ),
        ('xmlns="http://www.w3.org/2005/Atom"', "<updated>\n2026-11-23T10:00:00Z\n</updated>"),
        (
            'version="0.3" xmlns="http://purl.org/atom/ns#"',
            "<issued>2026-11-23T10:00:00Z</issued><modified>2026-11-24T10:00:00Z</modified>",
        ),
        (
            'version="0.3" xmlns="http://purl.org/atom/ns#"',
            "<created>2026-11-24T10:00:00Z</created><modified>2026-11-23T10:00:00Z</modified>",
        ),
        ('xmlns="http://www.w3.org/2005/Atom" xml:lang="de"', "<updated>23/11/26 10:00</updated>"),
    ],
)
def test_dates_of_atom_are_read(attributes: str, dates: str) -> None:
    """Also those of Atom 0.3; the language may be an attribute."""
    body = ATOM.format(attributes=attributes, dates=dates).encode()
    (entry,) = read_entries(body)
    assert entry.published == TEN.isoformat()


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"date_published": "2026-11-23T10:00:00Z"}, TEN),
        ({"date_published": 1795428000}, TEN),
        ({"date_published": 1795428000000.0}, TEN),
        ({"date_published": "1795428000"}, TEN),
        ({"date_published": "soon", "date_modified": "2026-11-23 10:00"}, TEN),
        ({"date_published": None, "date_modified": "23.11.2026"}, DAY),
        ({"date_published": {"a": 1}}, None),
        ({"date_published": "11/12/2026"}, None),
        ({"date_published": 0}, None),
    ],
)
def test_dates_of_json_feeds_are_read(dates: dict[str, object], expected: datetime | None) -> None:
    """They may be numbers."""
    body = json.dumps({"items": [{"id": 1, "url": "/1", "title": "x", **dates}]}).encode()
    (entry,) = read_entries(body)
    assert entry.published == (expected.isoformat() if expected else "")
    assert entry.date_only == (expected == DAY)


def test_language_of_a_json_feed_decides_the_order() -> None:
    body = {"language": "en-US", "items": [{"id": 1, "date_published": "11/12/2026"}]}
    (entry,) = read_entries(json.dumps(body).encode())
    assert entry.published.startswith("2026-11-12")


def test_time_zone_of_the_source_is_for_dates_without_one() -> None:
    """Also in summer, and in JSON Feeds."""
    dates = ["2026-11-23 10:00", "2026-07-20 10:00", "2026-11-23T10:00:00Z"]
    expected = [f"{day}+00:00" for day in ("2026-11-23T09:00:00", "2026-07-20T08:00:00")]
    assert read_rss(*dates, time_zone="Europe/Berlin") == [*expected, TEN.isoformat()]
    items = [{"id": text, "date_published": text} for text in dates[:2]]
    found = read_entries(json.dumps({"items": items}).encode(), "Europe/Berlin")
    assert [entry.published for entry in found] == expected


def utc_name(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


# Each writes a time of any zone with minutes.
FORMATS: Sequence[Callable[[datetime], str]] = (
    datetime.isoformat,
    lambda moment: moment.strftime("%Y%m%dT%H%M%S%z"),
    lambda moment: moment.strftime("%G-W%V-%uT%H:%M:%S%z"),
    lambda moment: moment.strftime("%Y-%jT%H:%M:%S%z"),
    lambda moment: moment.strftime("%Y/%m/%d %H:%M:%S %z"),
    lambda moment: moment.strftime("%a, %d/%b/%Y %I:%M:%S %p %z"),
    lambda moment: moment.strftime("%A, %d-%b-%y %H:%M:%S %z"),
    lambda moment: moment.strftime("%a %b %d %H:%M:%S %z %Y"),
    lambda moment: moment.strftime("%d.%m.%Y %H:%M:%S GMT%z"),
    lambda moment: moment.strftime("%Y年%m月%d日 %H时%M分%S秒 %z"),
    format_rfc_2822,
    lambda moment: format_rfc_2822(moment.astimezone(UTC), usegmt=True),
    lambda moment: utc_name(moment.astimezone(UTC)),
    lambda moment: str(int(moment.timestamp())),
    lambda moment: str(int(moment.timestamp() * 1000)),
)
NAIVE = DAY.replace(tzinfo=None)
MOMENTS = st.datetimes(
    NAIVE.replace(year=1991), NAIVE.replace(year=2059), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, OFFSETS, st.sampled_from(FORMATS), st.sampled_from([UTC, BERLIN]))
def test_every_time_is_read_back_in_every_format(
    moment: datetime, offset: tzinfo, form: Callable[[datetime], str], zone: tzinfo
) -> None:
    assert read(form(moment.astimezone(offset)), zone) == moment


# Except those whose dates have words that the reader does not know, such as `-р сарын`.
LANGUAGES = (
    *("af", "ar", "ar_LB", "ar_MA", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de"),
    *("de_AT", "el", "en", "en_GB", "es", "es_MX", "et", "fa", "fi", "fil", "fr", "fr_CA", "ga"),
    *("gl", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv"),
    *("mk", "mr", "ms", "nb", "nl", "nn", "pl", "pt", "pt_PT", "ro", "ru", "sk", "sl", "sq", "sr"),
    *("sr_Latn", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh", "zh_Hant"),
)


@given(
    MOMENTS, st.sampled_from(LANGUAGES), st.sampled_from(["full", "long", "medium"]), st.booleans()
)
def test_every_day_is_read_back_in_every_language(
    moment: datetime, language: str, width: str, is_known: bool
) -> None:
    """If the feed does not name its language, an ambiguous date is missing."""
    text = format_date(moment, width, language)
    found = DateReader(language=language if is_known else "").read(text)
    if found is None:
        assert not is_known
        assert language in {"pl", "cs", "hr", "bs"} or not any(map(str.isalpha, text))
    else:
        assert found == FoundDate(moment.replace(hour=0, minute=0, second=0), date_only=True)
    if width == "medium" and language != "th":
        text = format_in_language(moment, width, locale=language)
        assert read(text, language=language) == moment


@given(st.text(max_size=MAX_LENGTH + 10), st.sampled_from(["", "de", "en-US", "zh", "x" * 50]))
@example("२०२६-११-२३", "")
@example("23 Nov 2026 " + "(" * 200, "")
@example("2026-11-23T10:00:00+14:00", "")
def test_any_text_is_a_date_or_missing(text: str, language: str) -> None:
    found = DateReader(BERLIN, language, [text]).read(text)
    assert found is None or date(1989, 12, 30) < found.at.date() < date(2100, 1, 3)


PARTS = st.lists(
    st.sampled_from(
        [
            *("2026", "26", "11", "23", "3", "10:00", ":00", "10", "0100", "T", "Z", "W48", "GMT"),
            *("+", "-", "/", ".", ",", "(", ")", "[", "]", "<b>", "&nbsp;", "\u200f", "\ud800"),
            *("EST", "CET", "Europe/Berlin", "am", "pm", "h", "Uhr", "th", "of", "de"),
            *("Mon", "Nov", "mar", "lis", "年", "月", "日", "下午"),
        ]
    ),
    max_size=40,
)


@given(PARTS, st.sampled_from(["", " "]))
def test_any_parts_are_a_date_or_missing(parts: list[str], separator: str) -> None:
    text = separator.join(parts)
    found = DateReader(NEW_YORK, "fr", [text]).read(text)
    assert found is None or found.at.tzinfo is UTC
