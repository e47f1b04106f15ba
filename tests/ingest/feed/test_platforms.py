"""One entry of each platform, shaped as the platform writes it, in our own wording."""

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.ingest.feed.json_feed import parse_json_feed
from bot.ingest.feed.parser import parse_xml_feed
from bot.ingest.html.html_to_text import HtmlConverter
from storage.models import Kind
from tests.ingest.feed.test_reading import read_articles

CONVERTER = HtmlConverter()
DATE = datetime(2026, 11, 23, 10, tzinfo=UTC)
RFC_822, ISO_8601 = "Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23T10:00:00Z"
NAMESPACES = """
    xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
    xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
    xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
    xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:yt="http://www.youtube.com/xml/schemas/2015"
    xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:re="http://purl.org/atompub/rank/1.0"
    xmlns:discourse="http://www.discourse.org/" xmlns:webfeeds="http://webfeeds.org/rss/1.0"
"""


@dataclass(frozen=True)
class Expected:
    """What a reader is meant to see of an entry."""

    title: str
    link: str
    text: str
    provider: tuple[str, str]
    picture: str | None = None
    topics: tuple[str, ...] = ()
    kind: Kind = Kind.ARTICLE


def rss(address: str, title: str, item: str) -> tuple[str, str]:
    """Return the address of an RSS feed and the feed, with one entry."""
    site = address.split("/")[2]
    return address, (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {NAMESPACES}><channel>'
        f"<title>{title}</title><link>https://{site}/</link><description>All of it</description>"
        f"<item>{item}</item></channel></rss>"
    )


def atom(address: str, title: str, entry: str) -> tuple[str, str]:
    """Return the address of an Atom feed and the feed, with one entry."""
    site = address.split("/")[2]
    return address, (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        f" {NAMESPACES}><title>{title}</title><id>{address}</id><updated>{ISO_8601}</updated>"
        f'<link rel="self" href="{address}"/><link rel="alternate" href="https://{site}/"/>'
        f"<entry>{entry}</entry></feed>"
    )


def escaped(markup: str) -> str:
    return html.escape(markup, quote=False)


PODCAST = (
    rss(
        "https://feeds.show.example/talks",
        "Harbour Talks",
        f"""
        <title>12: The old ferry</title><itunes:title>The old ferry</itunes:title>
        <itunes:episode>12</itunes:episode><itunes:episodeType>full</itunes:episodeType>
        <guid isPermaLink="false">3f1c7d2e-episode-12</guid><pubDate>{RFC_822}</pubDate>
        <link>https://show.example/episodes/12</link>
        <itunes:subtitle>How a ferry was saved.</itunes:subtitle>
        <itunes:summary><![CDATA[We talk to the crew &amp; the mayor.]]></itunes:summary>
        <description><![CDATA[<p>We talk to the <a href="https://x.example/">crew</a> &amp; the mayor.</p>
        <p>Recorded aboard.</p>]]></description>
        <content:encoded><![CDATA[<p>We talk to the crew &amp; the mayor. With all notes.</p>]]></content:encoded>
        <enclosure url="https://cdn.show.example/12.mp3?x=1&amp;y=2" length="4711" type="audio/mpeg"/>
        <itunes:image href="https://cdn.show.example/12.jpg"/><itunes:duration>31:07</itunes:duration>
        <itunes:keywords>ferry, harbour</itunes:keywords><itunes:explicit>false</itunes:explicit>
        """,
    ),
    Expected(
        "12: The old ferry",
        "https://show.example/episodes/12",
        "We talk to the crew & the mayor. Recorded aboard.",
        ("Harbour Talks", "show.example"),
        "https://cdn.show.example/12.jpg",
        ("ferry", "harbour"),
    ),
)


def youtube(address: str) -> tuple[str, str]:
    return atom(
        "https://www.youtube.com/feeds/videos.xml?channel_id=UC1",
        "Harbour TV",
        f"""
        <id>yt:video:abcdefghijk</id><yt:videoId>abcdefghijk</yt:videoId>
        <yt:channelId>UC1</yt:channelId><title>Ferry &amp; fog: what happened</title>
        <link rel="alternate" href="{address}"/>
        <author><name>Harbour TV</name><uri>https://www.youtube.com/channel/UC1</uri></author>
        <published>{ISO_8601}</published><updated>2026-11-24T01:02:03+00:00</updated>
        <media:group><media:title>Ferry &amp; fog: what happened</media:title>
        <media:content url="https://www.youtube.com/v/abcdefghijk?version=3"
         type="application/x-shockwave-flash" width="640" height="390"/>
        <media:thumbnail url="https://i1.ytimg.com/vi/abcdefghijk/hqdefault.jpg" width="480" height="360"/>
        <media:description>The ferry left in fog.
https://x.example/</media:description>
        <media:community><media:starRating count="7" average="5.00" min="1" max="5"/>
        <media:statistics views="0"/></media:community></media:group>
        """,
    )


def video(address: str, kind: Kind) -> Expected:
    return Expected(
        "Ferry & fog: what happened",
        address,
        "The ferry left in fog. https://x.example/",
        ("Harbour TV", "youtube.com"),
        "https://i1.ytimg.com/vi/abcdefghijk/hqdefault.jpg",
        kind=kind,
    )


WATCH, SHORT = (
    "https://www.youtube.com/watch?v=abcdefghijk",
    "https://www.youtube.com/shorts/abcdefghijk",
)
YOUTUBE = (youtube(WATCH), video(WATCH, Kind.VIDEO))
YOUTUBE_SHORT = (youtube(SHORT), video(SHORT, Kind.SHORT))

TOOT = "<p>The ferry is back &amp; on time. We were aboard: <a href='https://x.example/'>x.example</a></p>"


def mastodon(description: str, alternative: str) -> tuple[str, str]:
    return rss(
        "https://social.example/@anna.rss",
        "Anna",
        f"""
        <guid isPermaLink="true">https://social.example/@anna/1</guid>
        <link>https://social.example/@anna/1</link><pubDate>Mon, 23 Nov 2026 10:00:00 +0000</pubDate>
        <description>{escaped(description)}</description>
        <media:content url="https://files.social.example/1.png" type="image/png" fileSize="99" medium="image">
        <media:rating scheme="urn:simple">nonadult</media:rating>{alternative}</media:content>
        <category>ferry</category><category>Harbour</category>
        """,
    )


MASTODON = (
    mastodon(TOOT, '<media:description type="plain">A red ferry at a quay</media:description>'),
    Expected(
        "The ferry is back & on time.",
        "https://social.example/@anna/1",
        "The ferry is back & on time. We were aboard: x.example",
        ("Anna", "social.example"),
        "https://files.social.example/1.png",
        ("ferry", "Harbour"),
    ),
)
MASTODON_PICTURE = (
    mastodon("", '<media:description type="plain">A red ferry at a quay</media:description>'),
    Expected(
        "A red ferry at a quay",
        "https://social.example/@anna/1",
        "",
        ("Anna", "social.example"),
        "https://files.social.example/1.png",
        ("ferry", "Harbour"),
    ),
)
MASTODON_BARE_PICTURE = (
    mastodon("", ""),
    Expected(
        "social.example/@anna/1",
        "https://social.example/@anna/1",
        "",
        ("Anna", "social.example"),
        "https://files.social.example/1.png",
        ("ferry", "Harbour"),
    ),
)

SUBMITTED = (
    ' &#32; submitted by &#32; <a href="https://www.reddit.com/user/sailor"> /u/sailor </a> &#32; to'
    ' &#32; <a href="https://www.reddit.com/r/ships/"> r/ships </a> <br/>'
    ' <span><a href="https://x.example/">[link]</a></span> &#32;'
    ' <span><a href="https://www.reddit.com/r/ships/comments/1/">[comments]</a></span>'
)


def reddit(content: str, more: str = "") -> tuple[str, str]:
    return atom(
        "https://www.reddit.com/r/ships/.rss",
        "ships: all about ships",
        f"""
        <author><name>/u/sailor</name><uri>https://www.reddit.com/user/sailor</uri></author>
        <category term="ships" label="r/ships"/><content type="html">{escaped(content)}</content>
        <id>t3_1</id>{more}<link href="https://www.reddit.com/r/ships/comments/1/ferry/"/>
        <updated>2026-11-23T10:00:00+00:00</updated><published>2026-11-23T10:00:00+00:00</published>
        <title>Is this ferry &quot;fast&quot;?</title>
        """,
    )


REDDIT = (
    reddit(
        '<!-- SC_OFF --><div class="md"><p>Nobody knows. I&#39;d say no.</p> </div><!-- SC_ON -->'
        + SUBMITTED
    ),
    Expected(
        'Is this ferry "fast"?',
        "https://www.reddit.com/r/ships/comments/1/ferry/",
        "Nobody knows. I'd say no.",
        ("ships: all about ships", "reddit.com"),
        topics=("r/ships",),
    ),
)
REDDIT_LINK = (
    reddit(
        '<table> <tr><td> <a href="https://www.reddit.com/r/ships/comments/1/ferry/">'
        ' <img src="https://b.thumbs.redditmedia.example/1.jpg" alt="Is this ferry" /> </a> </td><td>'
        f"{SUBMITTED} </td></tr></table>",
        '<media:thumbnail url="https://b.thumbs.redditmedia.example/1.jpg"/>',
    ),
    Expected(
        'Is this ferry "fast"?',
        "https://www.reddit.com/r/ships/comments/1/ferry/",
        "",
        ("ships: all about ships", "reddit.com"),
        "https://b.thumbs.redditmedia.example/1.jpg",
        ("r/ships",),
    ),
)


def github(feed: str, entry: str) -> tuple[str, str]:
    avatar = (
        '<media:thumbnail height="30" width="30"'
        ' url="https://avatars.githubusercontent.com/u/1?s=60&amp;v=4"/>'
    )
    return atom(f"https://github.com/example/ferry/{feed}", "Notes from ferry", entry + avatar)


GITHUB_RELEASE = (
    github(
        "releases.atom",
        f"""
        <id>tag:github.com,2008:Repository/1/v2.0.0</id><updated>{ISO_8601}</updated>
        <link rel="alternate" type="text/html" href="https://github.com/example/ferry/releases/tag/v2.0.0"/>
        <title>v2.0.0: faster &amp; smaller</title>
        <content type="html">{escaped("<h2>Changes</h2><ul><li>Accept <code>Vec&lt;T&gt;</code></li></ul>")}</content>
        <author><name>anna</name></author>
        """,
    ),
    Expected(
        "v2.0.0: faster & smaller",
        "https://github.com/example/ferry/releases/tag/v2.0.0",
        "Changes Accept Vec<T>",
        ("Notes from ferry", "github.com"),
    ),
)
GITHUB_COMMIT = (
    github(
        "commits/main.atom",
        f"""
        <id>tag:github.com,2008:Grit::Commit/0a1b2c</id>
        <link type="text/html" rel="alternate" href="https://github.com/example/ferry/commit/0a1b2c"/>
        <title>
        Escape &lt;b&gt; and &lt;/b&gt; in titles
        </title><updated>{ISO_8601}</updated><author><name>anna</name>
        <uri>https://github.com/anna</uri></author><content type="html">
        {escaped("<pre style='white-space:pre-wrap'>Escape &lt;b&gt; and &lt;/b&gt; in titles")}
        {escaped("They were lost.</pre>")}</content>
        """,
    ),
    Expected(
        "Escape <b> and </b> in titles",
        "https://github.com/example/ferry/commit/0a1b2c",
        "Escape <b> and </b> in titles They were lost.",
        ("Notes from ferry", "github.com"),
    ),
)
GITHUB_TAG = (
    github(
        "tags.atom",
        f"""
        <id>tag:github.com,2008:Repository/1/v2.0.0</id><updated>{ISO_8601}</updated>
        <link rel="alternate" type="text/html" href="https://github.com/example/ferry/releases/tag/v2.0.0"/>
        <title>v2.0.0</title><content/><author><name/></author>
        """,
    ),
    Expected(
        "v2.0.0",
        "https://github.com/example/ferry/releases/tag/v2.0.0",
        "",
        ("Notes from ferry", "github.com"),
    ),
)

ARXIV = (
    rss(
        "https://rss.arxiv.org/rss/cs.RO",
        "cs.RO updates on arXiv.org",
        """
        <title>Docking Ferries with $O(n)$ Sensors</title><link>https://arxiv.org/abs/2611.01234</link>
        <description>arXiv:2611.01234v1 Announce Type: new
Abstract: We dock a ferry with $n &lt; 5$ sensors. It works.</description>
        <guid isPermaLink="false">oai:arXiv.org:2611.01234v1</guid>
        <category>cs.RO</category><category>cs.AI</category>
        <pubDate>Mon, 23 Nov 2026 05:00:00 -0500</pubDate>
        <arxiv:announce_type>new</arxiv:announce_type>
        <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
        <dc:creator>Anna Example, Ben Example</dc:creator>
        """,
    ),
    Expected(
        "Docking Ferries with $O(n)$ Sensors",
        "https://arxiv.org/abs/2611.01234",
        "We dock a ferry with $n < 5$ sensors. It works.",
        ("cs.RO updates on arXiv.org", "arxiv.org"),
        topics=("cs.RO", "cs.AI"),
    ),
)
ARXIV_QUERY = (
    atom(
        "https://export.arxiv.org/api/query?search_query=ferry",
        "ArXiv Query: search_query=ferry&amp;id_list=&amp;start=0",
        f"""
        <id>http://arxiv.org/abs/2611.01234v1</id><updated>2026-11-25T10:00:00Z</updated>
        <published>{ISO_8601}</published><title>Docking Ferries
  with Sensors</title>
        <summary>  We dock a ferry
with sensors.
</summary><author><name>Anna Example</name></author>
        <arxiv:comment>9 pages</arxiv:comment>
        <link href="http://arxiv.org/abs/2611.01234v1" rel="alternate" type="text/html"/>
        <link title="pdf" href="http://arxiv.org/pdf/2611.01234v1" rel="related" type="application/pdf"/>
        <arxiv:primary_category term="cs.RO" scheme="http://arxiv.org/schemas/atom"/>
        <category term="cs.RO" scheme="http://arxiv.org/schemas/atom"/>
        """,
    ),
    Expected(
        "Docking Ferries with Sensors",
        "http://arxiv.org/abs/2611.01234v1",
        "We dock a ferry with sensors.",
        ("ArXiv Query: search_query=ferry&id_list=&start=0", "arxiv.org"),
        topics=("cs.RO",),
    ),
)

DISCOURSE = (
    rss(
        "https://forum.example/latest.rss",
        "Ferry Forum - Latest topics",
        f"""
        <title>Night boats &amp; tickets</title><dc:creator><![CDATA[@anna Anna]]></dc:creator>
        <category>Timetables</category><description><![CDATA[
            <p>Do night boats need tickets?</p>
            <p><small>3 posts - 2 participants</small></p>
            <p><a href="https://forum.example/t/night-boats/1">Read full topic</a></p>
          ]]></description>
        <link>https://forum.example/t/night-boats/1</link><pubDate>{RFC_822}</pubDate>
        <discourse:topicPinned>No</discourse:topicPinned><discourse:topicClosed>No</discourse:topicClosed>
        <guid isPermaLink="false">forum.example-topic-1</guid>
        <source url="https://forum.example/t/night-boats/1.rss">Night boats &amp; tickets</source>
        """,
    ),
    Expected(
        "Night boats & tickets",
        "https://forum.example/t/night-boats/1",
        "Do night boats need tickets?",
        ("Ferry Forum - Latest topics", "forum.example"),
        topics=("Timetables",),
    ),
)
SUBSTACK = (
    rss(
        "https://letters.substack.example/feed",
        "<![CDATA[Harbour Letters]]>",
        f"""
        <title><![CDATA[The quiet quay]]></title><description><![CDATA[What is left of it]]></description>
        <link>https://letters.substack.example/p/the-quiet-quay</link>
        <guid isPermaLink="false">https://letters.substack.example/p/the-quiet-quay</guid>
        <dc:creator><![CDATA[Anna]]></dc:creator><pubDate>{RFC_822}</pubDate>
        <enclosure url="https://substack-post-media.example/public/images/1.jpeg" length="0" type="image/jpeg"/>
        <content:encoded><![CDATA[<p>Little is left. It was busy once.</p><div class="subscription-widget"
        ><div><p>Thanks for reading!</p></div></div>]]></content:encoded>
        """,
    ),
    Expected(
        "The quiet quay",
        "https://letters.substack.example/p/the-quiet-quay",
        "What is left of it",
        ("Harbour Letters", "letters.substack.example"),
        "https://substack-post-media.example/public/images/1.jpeg",
    ),
)
GHOST = (
    rss(
        "https://ghost.example/rss/",
        "<![CDATA[Harbour Ghost]]>",
        f"""
        <title><![CDATA[Ropes & knots]]></title>
        <description><![CDATA[Seven knots that hold.]]></description>
        <link>https://ghost.example/ropes/</link><guid isPermaLink="false">5f7c0e0a1b</guid>
        <category><![CDATA[Ropes & Knots]]></category><category><![CDATA[Craft]]></category>
        <dc:creator><![CDATA[Anna]]></dc:creator><pubDate>{RFC_822}</pubDate>
        <media:content url="https://ghost.example/content/images/1.jpg" medium="image"/>
        <content:encoded><![CDATA[<img src="https://ghost.example/content/images/1.jpg" alt="Ropes & knots"/>
        <p>The first knot.</p>]]></content:encoded>
        """,
    ),
    Expected(
        "Ropes & knots",
        "https://ghost.example/ropes/",
        "Seven knots that hold.",
        ("Harbour Ghost", "ghost.example"),
        "https://ghost.example/content/images/1.jpg",
        ("Ropes & Knots", "Craft"),
    ),
)
WORDPRESS = (
    rss(
        "https://blog.example/feed/",
        "Anna&#8217;s Blog",
        """
        <title>Boats &#038; Birds: It&#8217;s spring</title>
        <link>https://blog.example/2026/11/boats-birds/</link>
        <comments>https://blog.example/2026/11/boats-birds/#respond</comments>
        <dc:creator><![CDATA[anna]]></dc:creator><pubDate>Mon, 23 Nov 2026 10:00:00 +0000</pubDate>
        <category><![CDATA[Birds &amp; Boats]]></category><category><![CDATA[Uncategorized]]></category>
        <guid isPermaLink="false">https://blog.example/?p=1</guid>
        <description><![CDATA[<p>Boats leave, birds come, and the quay &#8217;26 [&#8230;]</p>
<p>The post <a href="https://blog.example/2026/11/boats-birds/">Boats &#038; Birds: It&#8217;s spring</a>
 appeared first on <a href="https://blog.example">Anna&#8217;s Blog</a>.</p>
]]></description>
        <content:encoded><![CDATA[<p>Boats leave.<img src="https://blog.example/wp-content/1.jpg"
         width="1024" height="768" alt="" class="wp-image-1"/></p>]]></content:encoded>
        <wfw:commentRss>https://blog.example/2026/11/boats-birds/feed/</wfw:commentRss>
        <slash:comments>0</slash:comments>
        """,
    ),
    Expected(
        "Boats & Birds: It’s spring",
        "https://blog.example/2026/11/boats-birds/",
        "Boats leave, birds come, and the quay ’26…",
        ("Anna’s Blog", "blog.example"),
        "https://blog.example/wp-content/1.jpg",
        ("Birds & Boats",),
    ),
)
WORDPRESS_COM = (
    rss(
        "https://anna.wordpress.example/feed/",
        "Anna on Boats",
        """
        <title>Fog on the river</title><link>https://anna.wordpress.example/2026/11/23/fog/</link>
        <dc:creator><![CDATA[anna]]></dc:creator><pubDate>Mon, 23 Nov 2026 10:00:00 +0000</pubDate>
        <category><![CDATA[Weather]]></category>
        <guid isPermaLink="false">http://anna.wordpress.example/?p=7</guid>
        <description><![CDATA[Fog again. <a class="more-link" href="https://anna.wordpress.example/2026/11/23/fog/">Continue
         reading <span class="screen-reader-text">Fog on the river</span> <span
         class="meta-nav">&#8594;</span></a>]]></description>
        <content:encoded><![CDATA[<p>Fog again.</p>]]></content:encoded>
        <media:content url="https://0.gravatar.com/avatar/0123?s=96&amp;d=identicon&amp;r=G" medium="image">
        <media:title type="html">anna</media:title></media:content>
        <media:content url="https://anna.files.wordpress.example/fog.jpg" medium="image">
        <media:title type="html">IMG_0815</media:title></media:content>
        """,
    ),
    Expected(
        "Fog on the river",
        "https://anna.wordpress.example/2026/11/23/fog/",
        "Fog again.",
        ("Anna on Boats", "anna.wordpress.example"),
        "https://anna.files.wordpress.example/fog.jpg",
        ("Weather",),
    ),
)
BLOGGER = (
    atom(
        "https://anna.blogspot.example/feeds/posts/default",
        "Anna&#39;s Notes",
        f"""
        <id>tag:blogger.com,1999:blog-1.post-2</id><published>2026-11-23T12:00:00.000+02:00</published>
        <updated>2026-11-23T12:30:00.000+02:00</updated>
        <category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#post"/>
        <category scheme="http://www.blogger.com/atom/ns#" term="science"/>
        <category scheme="http://www.blogger.com/atom/ns#" term="boats &amp; birds"/>
        <title type="text">Tides &amp; terns</title>
        <content type="html">{escaped('<div class="separator"><img border="0" height="480" src="https://img.blogger.example/s640/1.jpg" width="640" /></div>The tide is low.&nbsp;Terns are here.')}</content>
        <link rel="replies" type="application/atom+xml" href="https://anna.blogspot.example/feeds/2/comments/default" title="Post Comments"/>
        <link rel="edit" type="application/atom+xml" href="https://www.blogger.example/feeds/1/posts/default/2"/>
        <link rel="self" type="application/atom+xml" href="https://www.blogger.example/feeds/1/posts/default/2"/>
        <link rel="alternate" type="text/html" href="https://anna.blogspot.example/2026/11/tides.html" title="Tides &amp; terns"/>
        <author><name>Anna</name></author><thr:total>0</thr:total>
        <media:thumbnail url="https://img.blogger.example/s72-c/1.jpg" height="72" width="72"/>
        """,
    ),
    Expected(
        "Tides & terns",
        "https://anna.blogspot.example/2026/11/tides.html",
        "The tide is low. Terns are here.",
        ("Anna's Notes", "anna.blogspot.example"),
        "https://img.blogger.example/s640/1.jpg",
        ("science", "boats & birds"),
    ),
)
TELEGRAM = '<p>The ferry &amp; the fog.<br>Read it: <a href="https://x.example/">x.example</a></p>'
RSSHUB = (
    rss(
        "https://rsshub.example/telegram/channel/harbour",
        "Harbour - Telegram Channel",
        f"""
        <title>The ferry &amp; the fog.</title>
        <description>{escaped(TELEGRAM + '<img src="https://cdn.telesco.example/file/1.jpg" referrerpolicy="no-referrer">')}</description>
        <link>https://t.me/harbour/1</link><guid isPermaLink="false">https://t.me/harbour/1</guid>
        <pubDate>{RFC_822}</pubDate><author>Harbour</author>
        """,
    ),
    Expected(
        "The ferry & the fog.",
        "https://t.me/harbour/1",
        "The ferry & the fog. Read it: x.example",
        ("Harbour - Telegram Channel", "t.me"),
        "https://cdn.telesco.example/file/1.jpg",
    ),
)
RSS_BRIDGE = (
    atom(
        "https://bridge.example/?action=display&amp;bridge=TelegramBridge&amp;format=Atom",
        "Harbour (@harbour) - Telegram",
        f"""
        <title type="html">The ferry &amp;amp; the fog.</title><published>{ISO_8601}</published>
        <updated>{ISO_8601}</updated><id>urn:sha1:0123456789</id>
        <link rel="alternate" type="text/html" href="https://t.me/harbour/1"/>
        <author><name>Harbour</name></author><content type="html">{escaped(TELEGRAM)}</content>
        <link rel="enclosure" type="image/jpeg" href="https://cdn.telesco.example/file/1.jpg"/>
        <category term="fog"/>
        """,
    ),
    Expected(
        "The ferry & the fog.",
        "https://t.me/harbour/1",
        "The ferry & the fog. Read it: x.example",
        ("Harbour (@harbour) - Telegram", "t.me"),
        "https://cdn.telesco.example/file/1.jpg",
        ("fog",),
    ),
)
GOOGLE_NEWS_PAGE = "https://news.google.com/rss/articles/CBMiAbc?oc=5"
GOOGLE_NEWS = (
    rss(
        "https://news.google.com/rss/search?q=ferry",
        '"ferry" - Google News',
        f"""
        <title>Ferry returns to old harbour - The Harbour &amp; Coast Post</title>
        <link>{GOOGLE_NEWS_PAGE}</link><guid isPermaLink="false">CBMiAbc</guid><pubDate>{RFC_822}</pubDate>
        <description>{escaped(f'<a href="{GOOGLE_NEWS_PAGE}" target="_blank">Ferry returns to old harbour</a>&nbsp;&nbsp;<font color="#6f6f6f">The Harbour &amp; Coast Post</font>')}</description>
        <source url="https://www.harbourpost.example">The Harbour &amp; Coast Post</source>
        """,
    ),
    Expected(
        "Ferry returns to old harbour",
        GOOGLE_NEWS_PAGE,
        "",
        ("The Harbour & Coast Post", "harbourpost.example"),
    ),
)


def medium(description: str, content: str) -> tuple[str, str]:
    return rss(
        "https://medium.example/feed/harbour",
        "<![CDATA[Harbour Stories - Medium]]>",
        f"""
        <title><![CDATA[Why ferries float]]></title>{description}
        <link>https://medium.example/harbour/why-ferries-float-0123?source=rss----0123---4</link>
        <guid isPermaLink="false">https://medium.example/p/0123</guid>
        <category><![CDATA[ferry-boats]]></category><category><![CDATA[physics]]></category>
        <dc:creator><![CDATA[Anna]]></dc:creator><pubDate>{RFC_822}</pubDate>
        <atom:updated>2026-11-24T10:00:00.000Z</atom:updated>{content}
        """,
    )


MEDIUM = (
    medium(
        "",
        '<content:encoded><![CDATA[<figure><img alt="" src="https://cdn-images.medium.example/max/1024/1.jpeg" />'
        "</figure><p>They displace water.</p>"
        '<img src="https://medium.example/_/stat?event=post.clientViewed" width="1" height="1" alt="">'
        '<hr><p><a href="https://medium.example/0123">Why ferries float</a> was originally published in'
        ' <a href="https://medium.example/harbour">Harbour Stories</a> on Medium, where people are continuing'
        " the conversation by highlighting and responding to this story.</p>]]></content:encoded>",
    ),
    Expected(
        "Why ferries float",
        "https://medium.example/harbour/why-ferries-float-0123?source=rss----0123---4",
        "They displace water.",
        ("Harbour Stories - Medium", "medium.example"),
        "https://cdn-images.medium.example/max/1024/1.jpeg",
        ("ferry-boats", "physics"),
    ),
)
MEDIUM_SNIPPET = (
    medium(
        '<description><![CDATA[<div class="medium-feed-item"><p class="medium-feed-image">'
        '<a href="https://medium.example/0123"><img src="https://cdn-images.medium.example/max/1024/1.jpeg"'
        ' width="1024"></a></p><p class="medium-feed-snippet">And why they stop.</p>'
        '<p class="medium-feed-link"><a href="https://medium.example/0123">Continue reading on Harbour'
        " Stories »</a></p></div>]]></description>",
        "",
    ),
    Expected(
        "Why ferries float",
        "https://medium.example/harbour/why-ferries-float-0123?source=rss----0123---4",
        "And why they stop.",
        ("Harbour Stories - Medium", "medium.example"),
        "https://cdn-images.medium.example/max/1024/1.jpeg",
        ("ferry-boats", "physics"),
    ),
)
HACKER_NEWS = (
    rss(
        "https://news.ycombinator.com/rss",
        "Hacker News",
        """
        <title>Ferries &amp; Forth</title><link>https://forth.example/ferries</link>
        <pubDate>Mon, 23 Nov 2026 10:00:00 +0000</pubDate>
        <comments>https://news.ycombinator.com/item?id=1</comments>
        <description><![CDATA[<a href="https://news.ycombinator.com/item?id=1">Comments</a>]]></description>
        """,
    ),
    Expected(
        "Ferries & Forth", "https://forth.example/ferries", "", ("Hacker News", "forth.example")
    ),
)
COUNTS = (
    '<p>Comments URL: <a href="https://news.ycombinator.com/item?id=1">'
    "https://news.ycombinator.com/item?id=1</a></p>\n<p>Points: 5</p>\n<p># Comments: 3</p>\n"
)


def hnrss(link: str, description: str) -> tuple[str, str]:
    return rss(
        "https://hnrss.example/newest",
        "Hacker News: Newest",
        f"""
        <title><![CDATA[Ask HN: Ferries & Forth?]]></title>
        <description><![CDATA[
{description}{COUNTS}]]></description>
        <pubDate>Mon, 23 Nov 2026 10:00:00 +0000</pubDate><link>{link}</link>
        <dc:creator>anna</dc:creator><comments>https://news.ycombinator.com/item?id=1</comments>
        <guid isPermaLink="false">https://news.ycombinator.com/item?id=1</guid>
        """,
    )


HNRSS = (
    hnrss(
        "https://forth.example/ferries",
        '<p>Article URL: <a href="https://forth.example/ferries">https://forth.example/ferries</a></p>\n',
    ),
    Expected(
        "Ask HN: Ferries & Forth?",
        "https://forth.example/ferries",
        "",
        ("Hacker News: Newest", "forth.example"),
    ),
)
HNRSS_TEXT = (
    hnrss("https://news.ycombinator.com/item?id=1", "<p>Who steers in Forth?</p>\n<hr>\n"),
    Expected(
        "Ask HN: Ferries & Forth?",
        "https://news.ycombinator.com/item?id=1",
        "Who steers in Forth?",
        ("Hacker News: Newest", "news.ycombinator.com"),
    ),
)
BLUESKY = (
    rss(
        "https://bsky.app/profile/did:plc:abc/rss",
        "@anna.example - Anna",
        """
        <link>https://bsky.app/profile/anna.example/post/1</link>
        <description>The ferry is back &amp; on time.

See you aboard!

[contains quote post or other embedded content]</description>
        <pubDate>23 Nov 2026 10:00 +0000</pubDate>
        <guid isPermaLink="false">at://did:plc:abc/app.bsky.feed.post/1</guid>
        """,
    ),
    Expected(
        "The ferry is back & on time.",
        "https://bsky.app/profile/anna.example/post/1",
        "The ferry is back & on time. See you aboard!",
        ("@anna.example - Anna", "bsky.app"),
    ),
)


def lobsters(description: str) -> tuple[str, str]:
    return rss(
        "https://lobste.rs/rss",
        "Lobsters",
        f"""
        <title>Ferries in Vec&lt;T&gt;</title><link>https://forth.example/ferries</link>
        <guid>https://lobste.rs/s/abc123</guid><author>forth.example via anna</author>
        <pubDate>Mon, 23 Nov 2026 04:00:00 -0600</pubDate>
        <comments>https://lobste.rs/s/abc123/ferries</comments>
        <description>{escaped(description + '<p><a href="https://lobste.rs/s/abc123">Comments</a></p>')}</description>
        <category>rust</category><category>performance</category>
        """,
    )


LOBSTERS = (
    lobsters(""),
    Expected(
        "Ferries in Vec<T>",
        "https://forth.example/ferries",
        "",
        ("Lobsters", "forth.example"),
        topics=("rust", "performance"),
    ),
)
LOBSTERS_TEXT = (
    lobsters("<p>It is fast.</p>\n"),
    Expected(
        "Ferries in Vec<T>",
        "https://forth.example/ferries",
        "It is fast.",
        ("Lobsters", "forth.example"),
        topics=("rust", "performance"),
    ),
)
STACK_EXCHANGE = (
    atom(
        "https://ships.stackexchange.example/feeds",
        "Recent Questions - Ships Stack Exchange",
        f"""
        <id>https://ships.stackexchange.example/q/1</id><re:rank scheme="https://ships.stackexchange.example">3</re:rank>
        <title type="text">How do I use &lt;br&gt; in a Q&amp;A?</title>
        <category scheme="https://ships.stackexchange.example/tags" term="html"/>
        <category scheme="https://ships.stackexchange.example/tags" term="line-break"/>
        <author><name>anna</name><uri>https://ships.stackexchange.example/users/1</uri></author>
        <link rel="alternate" href="https://ships.stackexchange.example/questions/1/how"/>
        <published>{ISO_8601}</published><updated>2026-11-23T11:00:00Z</updated>
        <summary type="html">
            {escaped("<p>I wrote <code>&lt;br&gt;</code> and it is shown.</p>")}
        </summary>
        """,
    ),
    Expected(
        "How do I use <br> in a Q&A?",
        "https://ships.stackexchange.example/questions/1/how",
        "I wrote <br> and it is shown.",
        ("Recent Questions - Ships Stack Exchange", "ships.stackexchange.example"),
        topics=("html", "line-break"),
    ),
)
MICRO_BLOG = (
    (
        "https://micro.example/feed.json",
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "Anna &amp; Ben",
                "home_page_url": "https://micro.example/",
                "items": [
                    {
                        "id": "http://micro.example/2026/11/23/1.html",
                        "url": "https://micro.example/2026/11/23/1.html",
                        "content_html": "<p>The ferry &amp; the fog, once more.</p>\n",
                        "date_published": "2026-11-23T11:00:00+01:00",
                        "tags": ["Ferries &amp; Fog"],
                    }
                ],
            }
        ),
    ),
    Expected(
        "The ferry & the fog, once more.",
        "https://micro.example/2026/11/23/1.html",
        "",
        ("Anna & Ben", "micro.example"),
        topics=("Ferries & Fog",),
    ),
)
PLATFORMS = {
    name.lower(): sample
    for name, sample in globals().items()
    if isinstance(sample, tuple) and isinstance(sample[-1], Expected)
}


@pytest.mark.parametrize("name", PLATFORMS)
def test_entries_of_platforms_are_read(name: str) -> None:
    """Title, link, date, text, picture, topics, kind and provider are those of the platform."""
    (address, feed), expected = PLATFORMS[name]
    if feed.startswith("{"):
        parsed = parse_json_feed(feed.encode(), address, CONVERTER)
    else:
        parsed = parse_xml_feed(feed.encode(), address, "application/xml", CONVERTER)
    (article,) = read_articles(parsed)
    assert article.provider is not None
    assert (
        Expected(
            article.title,
            article.url,
            article.excerpt,
            (article.provider.name, article.provider.domain or ""),
            article.images[0].url if article.images else None,
            article.topics,
            article.kind,
        )
        == expected
    )
    assert article.published_at == DATE


def test_all_platforms_have_samples() -> None:
    assert len(PLATFORMS) >= 30
