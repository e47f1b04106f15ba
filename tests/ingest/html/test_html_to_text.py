"""HTML becomes the text that a reader of the page sees."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.html.html_to_text import HtmlConverter
from bot.ingest.html.pictures import choose_pictures

CONVERTER = HtmlConverter()
PHOTO = "https://i.example/photo.jpg"


def text_of(markup: str) -> str:
    return " ".join(CONVERTER.convert(markup).text.split())


@pytest.mark.parametrize(
    "hidden",
    [
        "<video>Your browser does not support the video tag.</video>",
        '<video controls><source src="a.mp4" type="video/mp4"><p>No <b>video</b></p></video>',
        '<audio controls><a href="https://x.example/1.mp3">https://x.example/1.mp3</a></audio>',
        '<object data="a.swf"><param name="x"><embed src="a.swf">Install Flash</object>',
        '<iframe src="https://x.example/"><p>No frames</p></iframe>',
        "<canvas>A chart</canvas>",
        "<noscript>Please enable JavaScript</noscript>",
        '<noscript><iframe src="https://x.example/">No</iframe>Please</noscript>',
        "<button>Share</button>",
        "<applet>Install Java</applet>",
        "<meter>70 %</meter><progress>7 of 10</progress>",
        "<xml><w:View>Normal</w:View> 0 false</xml>",
        "<select><option>One<option>Two</select>",
        "<textarea>Write a comment</textarea>",
        "<svg><title>Icon</title><text>Icon</text></svg>",
        "<math><mi>x</mi></math>",
        "<template><p>Later</p></template>",
        "<script>if (a < b) { write('<p>no</p>') }</script>",
        "<SCRIPT type='x'>no</SCRIPT >",
        "<style>p > a { content: '<p>' }</style>",
        "<head><title>The page</title></head>",
        "<!-- no <p>no</p> -->",
        "<!-- no -- > no --!>",
        "<?php no ?>",
        '<p style="display:none">no</p>',
        "<div hidden><div>no</div> no <span>no</span></div>",
        '<span style="color:red; DISPLAY : none">no</span>',
        '<span class="screen-reader-text">no</span>',
        "<amp-video><div fallback>No video</div></amp-video>",
        "<video><video>no</video>no</video>",
    ],
)
def test_what_browsers_do_not_show_is_left_out(hidden: str) -> None:
    """The words around it stay apart."""
    assert text_of(f"Before{hidden}<p>The lede.</p>") == "Before The lede."
    assert text_of(f"Before{hidden}after") in {"Before after", "Beforeafter"}


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("One<br>two<br/>three<BR />four", "One two three four"),
        ("<ul><li>One<li>Two</ul>", "One Two"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("w<b>or</b>d <i>a</i><u>b</u>", "word ab"),
        ("soft<wbr>wrap", "softwrap"),
        ("a < b > c, 5 <6", "a < b > c, 5 <6"),
        ("AT&amp;T &copy; &#8222;x&#8220; &lt;p&gt;", "AT&T © „x“ <p>"),
        ('<a title="a > b" href=x>Link</a>', "Link"),
        ("<a title='<p>'>Link</a>", "Link"),
        ("<p title=it's>It's</p> fine", "It's fine"),
        ("</p>End tags</div></x>", "End tags"),
        ("<video src=a.mp4>Cut off", "Cut off"),
        ("<p hidden>no<p>yes", "yes"),
        ("<p hidden>no</p>yes<p>yes</p>", "yes yes"),
        ('<iframe src="x"/>Text after', "Text after"),
        ("<script src='x'/>Text after", "Text after"),
        ("Text<script>cut off", "Text"),
        ("Text<style>p {", "Text"),
        ("Text <!-- cut off", "Text"),
        ('Text <a href="cut off', "Text"),
        ("<![CDATA[<p>In <b>two</b> layers</p>]]>", "In two layers"),
        ('<img class="emoji" alt="&lt;3">!', "<3!"),
        ("<x-unknown>Text</x-unknown>", "Text"),
        ('<div style="overflow:hidden">Text</div>', "Text"),
        ('<p class="hidden-xs">Text</p>', "Text"),
        ('<div hidden="until-found">Text</div>', "Text"),
        ("a\0b", "a\0b"),
    ],
)
def test_text_is_read_as_browsers_do(markup: str, text: str) -> None:
    """Unlike in a browser, an element without an end tag does not hide the rest."""
    assert text_of(markup) == text


@pytest.mark.parametrize(
    "words",
    [
        "Your browser does not support the video tag.",
        "Your browser doesn\u2019t support HTML5 audio.",
        "Sorry, your browser doesn't support embedded videos.",
        "Your browser does not support iframes.",
        "To view this video please enable JavaScript, and consider upgrading to a web browser that"
        " supports HTML5 video",
        "Ihr Browser unterstützt das Video-Element nicht.",
    ],
)
def test_words_of_media_without_their_tags_are_left_out(words: str) -> None:
    """Programs that remove tags keep what browsers would not show."""
    assert text_of(f"<p>{words}</p><p>The lede.</p>") == "The lede."
    assert text_of(words) == ""
    sentence = "If your browser does not support the video tag, update it."
    assert text_of(sentence) == sentence


@pytest.mark.parametrize(
    "long",
    [
        '<img src="data:image/png;base64,' + "A" * 60_000 + '">',
        "<img src='data:image/svg+xml;utf8,<svg>" + "x " * 30_000 + "</svg>'>",
        "<div style='background:url(data:image/png;base64," + "A" * 60_000 + ")'></div>",
        "<style>.a{background:url(data:font/woff2;base64," + "A" * 60_000 + ")}</style>",
        "<svg>" + '<path d="M0 0L1 1"/>' * 5_000 + "</svg>",
        "<!--" + " a long comment " * 5_000 + "-->",
        "<script>" + "var a = '<p>';" * 5_000 + "</script>",
        "<iframe srcdoc='" + "<p>" * 20_000 + "'></iframe>",
        "<noscript>" + "<p>Please.</p>" * 5_000 + "</noscript>",
        "<div><span>" * 10_000,
    ],
)
def test_long_markup_does_not_hide_the_text(long: str) -> None:
    """Pictures and texts after it are found."""
    converted = CONVERTER.convert(f'{long}<p>The text that matters</p><img src="{PHOTO}">')
    assert converted.text.strip() == "The text that matters"
    assert choose_pictures(converted.pictures, 1) == (PHOTO,)


pieces = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            *(
                "<",
                ">",
                "</",
                "/>",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "&",
                "&amp;",
                "&#x",
                '"',
                "'",
            ),
            *("<p>", "</p>", "<p hidden>", "<div style='display:none'>", "</div>", "<br/>"),
            *("<video>", "</video>", "<noscript>", "</noscript>", "<script>", "</script>", "<svg>"),
            *(
                "<img src='/a.jpg'>",
                "<img srcset='a 1w, b 2w,,' width=",
                "<img data-src=x alt=",
                "=",
            ),
            *("<source srcset=", " ", "\n", "url(", "<iframe>", "<title>", "https://[", "\ud800"),
        ]
    ),
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_any_markup_is_read(markup: str) -> None:
    """The text can be stored, and every picture has a complete address."""
    converted = CONVERTER.convert(markup, "https://news.example/1")
    converted.text.encode()
    assert len(converted.text) <= len(markup)
    found = choose_pictures(converted.pictures, 3)
    assert all(address.startswith(("https://", "http://")) for address in found)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_escaped_text_is_unchanged(text: str) -> None:
    assert CONVERTER.convert(html.escape(text)).text == text.strip()
