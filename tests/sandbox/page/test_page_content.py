"""How the page renders messages, including hostile ones."""

import base64
import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import async_playwright, expect

from bot.sandbox import Sandbox
from bot.sandbox.model.entities import ChannelType, Message, MessageFlag
from tests.sandbox.page.support import CONTRAST, HandBot, Reader
from tests.support.chromium import ARGUMENTS, MISSING, find_chromium

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# A PNG of one grey pixel.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
REL = 'target="_blank" rel="noopener noreferrer nofollow"'


def _p(inner: str) -> str:
    return f'<div class="paragraph">{inner}</div>'


def _a(address: str, label: str, title: str = "") -> str:
    named = f'title="{title}" ' if title else ""
    return f'<a {named}href="{address}" {REL}>{label}</a>'


MARKDOWN = {
    "**bold** *it* _it_ __under__ ~~gone~~ `code`": _p(
        "<strong>bold</strong> <em>it</em> <em>it</em> <u>under</u> <s>gone</s> <code>code</code>"
    ),
    "***both***": _p("<strong><em>both</em></strong>"),
    r"\*not\* 5 \* 3 \[a](b)": _p("*not* 5 * 3 [a](b)"),
    "a snake_case_name": _p("a snake_case_name"),
    "``a`b``": _p("<code>a`b</code>"),
    "`**raw**`": _p("<code>**raw**</code>"),
    "2 * 3 * 4": _p("2 * 3 * 4"),
    "**unclosed": _p("**unclosed"),
    "[a **b**](https://a.example/x_(y))": _p(
        _a("https://a.example/x_(y)", "a <strong>b</strong>", "https://a.example/x_(y)")
    ),
    "see (https://a.example/b).": _p(f"see ({_a('https://a.example/b', 'https://a.example/b')})."),
    "<https://a.example/a_b_c>": _p(_a("https://a.example/a_b_c", "https://a.example/a_b_c")),
    "# One\n## Two\n### Three\n-# small": (
        '<div class="heading-1" role="heading" aria-level="4">One</div>'
        '<div class="heading-2" role="heading" aria-level="5">Two</div>'
        '<div class="heading-3" role="heading" aria-level="6">Three</div>'
        '<div class="small-print">small</div>'
    ),
    "> a\n> b\nc": "<blockquote>" + _p("a\nb") + "</blockquote>" + _p("c"),
    ">>> a\n\nb": "<blockquote>" + _p("a\n\nb") + "</blockquote>",
    "> > a": "<blockquote>" + _p("&gt; a") + "</blockquote>",
    "- a\n  - b\n- c": "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    "3. a\n4. b\n- c": '<ol start="3"><li>a</li><li>b</li></ol><ul><li>c</li></ul>',
    "x\n```py\n<b>\n```\ny": (
        f'{_p("x")}<pre tabindex="0" aria-label="Code, py"><code>&lt;b&gt;</code></pre>{_p("y")}'
    ),
    "@everyone </news topic:1>": _p(
        '<span class="mention">@everyone</span> <span class="mention">/news topic</span>'
    ),
    "<#1> <@1> <@&1> <:wave:1>": _p(
        '<span class="mention">#unknown</span> <span class="mention">@unknown-user</span> '
        '<span class="mention">@unknown-role</span> :wave:'
    ),
}

HOSTILE = (
    "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>",
    "[x](javascript:window.hacked=1)",
    "[x](data:text/html,hi)",
    "[https://bank.example](https://evil.example)",
)


async def test_markdown_is_rendered_as_in_discord(reader: Reader, bot: HandBot) -> None:
    """Each construct gives its element, and escapes give text."""
    for text in MARKDOWN:
        await bot.post("general", content=text)
    await reader.open("general")

    shown = await reader.page.locator(".message-content").evaluate_all(
        "all => all.map(each => each.innerHTML)"
    )

    assert shown == list(MARKDOWN.values())


async def test_mentions_and_times_are_readable(
    reader: Reader, bot: HandBot, sandbox_ids: dict[str, int]
) -> None:
    """Ids become names, a channel becomes a link, and times are in the browser's zone."""
    ids = sandbox_ids
    text = f"<@{ids['Ada']}> <@&{ids['Readers']}> <#{ids['news']}> <t:1600000000:f> <t:0:R>"
    await bot.post("general", content=text)
    await reader.open("general")
    content = reader.page.locator(".message-content")

    await expect(content).to_contain_text("@Ada @Readers #news 13 September 2020 at 14:26")
    await expect(content).to_contain_text("years ago")
    await content.get_by_role("link", name="#news").click()
    await expect(reader.page.locator("#channel-name")).to_have_text("news")


async def test_links_to_messages_stay_on_the_page(reader: Reader, bot: HandBot) -> None:
    """A link to a message of Discord scrolls to it, also if it is old; a deleted one is named."""
    posted = [await bot.post("news", content=f"Number {n}\n\n\nline") for n in range(70)]
    guild = next(iter(reader.sandbox.world.guilds))
    address = f"https://discord.com/channels/{guild}/{posted[3]['channel_id']}"
    await bot.post("general", content=f"[old]({address}/{posted[3]['id']}) [gone]({address}/5)")
    await reader.open("general")
    page = reader.page

    await page.get_by_role("link", name="old").click()
    await expect(page.locator("#channel-name")).to_have_text("news")
    found = page.locator(f"[data-id='{posted[3]['id']}']")
    await expect(found).to_be_in_viewport()
    await expect(found).to_be_focused()

    await reader.open("general")
    await page.get_by_role("link", name="gone").click()
    await expect(page.locator("#toasts")).to_contain_text("This message no longer exists.")


async def test_unsafe_addresses_are_not_linked(reader: Reader, sandbox: Sandbox) -> None:
    """Addresses that Discord would refuse give no link, no picture and no request."""
    world, script = sandbox.world, "javascript:window.hacked=1"
    link = {"type": 2, "style": 5, "label": "Press", "url": script}
    embed = {
        "title": "Title",
        "url": script,
        "author": {"name": "Author", "url": script, "icon_url": script},
        "image": {"url": script},
        "thumbnail": {"url": "data:image/svg+xml,<svg onload=window.hacked=1>"},
    }
    message = Message(
        world.snowflakes.next(),
        world.find_channel("general").id,
        world.bot.id,
        world.clock(),
        embeds=[embed],
        components=[{"type": 1, "components": [link]}],
    )
    world.add_message(message)
    await reader.open("general")
    shown = reader.page.locator(".message")

    await expect(shown).to_contain_text("Press")
    for text in ("Title", "Author", "Press"):
        await shown.get_by_text(text).click()
    assert await shown.locator("a, img").count() == 0
    assert await reader.page.evaluate("window.hacked") is None


async def test_hostile_content_stays_text(reader: Reader, bot: HandBot) -> None:
    """Markup, scripts and unsafe addresses are shown as written."""
    nasty = HOSTILE[0]
    embed = {
        "title": nasty,
        "description": "\n".join(HOSTILE),
        "author": {"name": nasty},
        "footer": {"text": nasty},
        "fields": [{"name": nasty, "value": nasty}],
    }
    await bot.post("general", content="\n".join(HOSTILE), embeds=[embed])
    await reader.open("general")
    message = reader.page.locator(".message")

    await expect(message.locator(".message-content")).to_have_text("\n".join(HOSTILE))
    await expect(message.locator(".embed-title")).to_have_text(nasty)
    await expect(message.locator(".embed-footer")).to_have_text(nasty)
    assert await message.locator("a, img, script").count() == 0
    assert await reader.page.evaluate("window.hacked") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_has_enough_contrast(
    reader: Reader, bot: HandBot, scheme: Literal["light", "dark"]
) -> None:
    """Messages, cards, buttons, panels and suggestions meet WCAG AA in both themes."""
    styles = [{"type": 2, "style": n, "label": str(n), "custom_id": str(n)} for n in range(1, 5)]
    text = "\n".join(text for text in MARKDOWN if "||" not in text)
    embed = {"title": "t", "url": "https://a.example", "footer": {"text": "f"}, "description": text}
    await bot.post(
        "general", content=text, embeds=[embed], components=[{"type": 1, "components": styles}]
    )
    await reader.page.emulate_media(color_scheme=scheme)
    await reader.open("general")
    await reader.press("/", "sub")
    await reader.sees_suggestion("/subscriptions add")

    assert await reader.page.evaluate(CONTRAST) == []


async def test_long_nonsense_does_not_freeze_the_page(reader: Reader, bot: HandBot) -> None:
    """Text that is hard to parse is drawn within the test's timeout."""
    for piece in ("*", "_", "`", "[", "(", "||", "> ", "**a", "[a](https://a.example/("):
        await bot.post("general", embeds=[{"description": (piece * 4096)[:4096].strip() or "x"}])
    await reader.open("general")

    await expect(reader.page.locator(".embed")).to_have_count(9)


async def test_embed_shows_all_its_parts(reader: Reader, bot: HandBot) -> None:
    """It shows author, title link, text, fields, footer, time and a placeholder picture."""
    embed = {
        "title": "A *story*",
        "url": "https://news.example/story",
        "description": "What **happened**",
        "color": 0x2A7F62,
        "author": {"name": "Reuters", "icon_url": "https://news.example/icon.png"},
        "fields": [{"name": str(n), "value": "v", "inline": n < 3} for n in range(4)],
        "image": {"url": "https://news.example/picture.jpg"},
        "thumbnail": {"url": "https://news.example/small.jpg"},
        "footer": {"text": "Quality 86"},
        "timestamp": "2020-09-11T12:19:00+00:00",
    }
    await bot.post("general", embeds=[embed])
    await reader.open("general")
    shown = reader.page.locator(".embed")

    await expect(shown.locator(".embed-title em")).to_have_text("story")
    await expect(shown.locator(".embed-title a")).to_have_attribute(
        "href", "https://news.example/story"
    )
    rows = await shown.locator(".embed-row").evaluate_all("all => all.map(r => r.children.length)")
    assert rows == [3, 1]
    await expect(shown.locator(".embed-footer")).to_have_text("Quality 86 • 11/09/2020 14:19")
    assert await shown.evaluate("e => getComputedStyle(e).borderLeftColor") == "rgb(42, 127, 98)"
    box = await shown.locator(".picture-image").bounding_box()
    assert box is not None
    assert box["height"] > 100
    # Nothing is requested from another machine.
    assert await shown.locator("img").count() == 0


async def test_message_of_components_shows_all_parts(reader: Reader, bot: HandBot) -> None:
    """A container with its accent, sections with a thumbnail, galleries, separators and buttons."""
    picture = {"media": {"url": "https://news.example/picture.jpg"}}
    text = {"type": 10, "content": "### A *story*\n-# small"}
    thumbnail = {"type": 11, **picture}
    container = {
        "type": 17,
        "accent_color": 0x2A7F62,
        "components": [
            {"type": 9, "components": [text], "accessory": thumbnail},
            {"type": 14},
            {"type": 12, "items": [picture] * 4},
            {"type": 1, "components": [{"type": 2, "style": 2, "label": "More", "custom_id": "m"}]},
        ],
    }
    above = {"type": 10, "content": "Above"}
    await bot.post("general", flags=MessageFlag.IS_COMPONENTS_V2, components=[above, container])
    await reader.open("general")
    shown = reader.page.locator(".container")

    await expect(reader.page.locator(".message-body > .text-display")).to_have_text("Above")
    await expect(shown.locator(".section .heading-3 em")).to_have_text("story")
    await expect(shown.locator(".section .picture-thumbnail")).to_have_count(1)
    await expect(shown.locator("hr.separator")).to_have_count(1)
    await expect(shown.locator(".gallery-4 .picture")).to_have_count(4)
    await expect(shown.get_by_role("button", name="More")).to_be_visible()
    assert await shown.evaluate("e => getComputedStyle(e).borderLeftColor") == "rgb(42, 127, 98)"
    # Nothing is requested from another machine.
    assert await shown.locator("img").count() == 0


async def test_attached_picture_is_shown_with_its_description(reader: Reader, bot: HandBot) -> None:
    """In its embed or below the list of files, as the message says."""
    embeds = [{"title": "AI", "image": {"url": "attachment://chart.png"}}]
    await bot.post_picture("general", PIXEL, "12 last week", embeds=embeds)
    await bot.post_picture("general", PIXEL, "48 at most", content="Without an embed")
    await reader.open("general")
    in_embed = reader.page.locator(".embed").get_by_role("img", name="12 last week")
    beside = reader.page.get_by_role("img", name="48 at most")

    for picture in (in_embed, beside):
        await expect(picture).to_have_js_property("naturalWidth", 1)
    await expect(reader.page.locator(".attachment")).to_have_count(1)


async def test_published_messages_are_marked(reader: Reader, sandbox: Sandbox) -> None:
    """As soon as they are published."""
    world = sandbox.world
    guild = next(iter(world.guilds))
    channel = world.add_channel(guild, "releases", ChannelType.ANNOUNCEMENT)
    first, second = [
        Message(world.snowflakes.next(), channel.id, world.bot.id, world.clock(), content=text)
        for text in ("first", "second")
    ]
    for message in (first, second):
        world.add_message(message)
    await reader.open("releases")
    await expect(reader.page.locator(".message", has_text="second")).to_be_visible()
    await expect(reader.page.get_by_text("Published")).to_have_count(0)
    second.flags |= MessageFlag.CROSSPOSTED
    world.update_message(second)
    marked = reader.page.locator(".message", has_text="Published")
    await expect(marked).to_have_count(1)
    await expect(marked).to_contain_text("second")


# Fontconfig without any colour font.
NO_COLOUR = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<selectfont><rejectfont><pattern>
<patelt name="color"><bool>true</bool></patelt>
</pattern></rejectfont></selectfont>
</fontconfig>
"""


async def test_missing_emoji_font_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """The page draws an emoji to find out, and its note fits beside the settings."""
    path = find_chromium()
    if path is None:
        pytest.skip(MISSING)
    (tmp_path / "fonts.conf").write_text(NO_COLOUR)
    environment: dict[str, str | float | bool] = {
        **os.environ,
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
    }
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, env=environment
        )
        reader = Reader(await browser.new_page(), sandbox)
        await reader.open("general")
        await expect(reader.page.locator(".font-note")).to_contain_text("fonts-noto-color-emoji")
        await browser.close()


async def test_emoji_in_colour_need_no_note(reader: Reader) -> None:
    """A browser that draws the emoji in colour shows none."""
    await reader.page.add_init_script(
        """CanvasRenderingContext2D.prototype.fillText = function () {
            this.fillStyle = "gold";
            this.fillRect(4, 4, 9, 9);
        }"""
    )
    await reader.open("general")
    await expect(reader.page.locator("#person-panel select")).to_be_visible()
    await expect(reader.page.locator(".font-note")).to_have_count(0)
