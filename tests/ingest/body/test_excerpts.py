"""The excerpt of an article without one is its first paragraph of prose, as plain text."""

import pytest

from bot.ingest.body.reading import read_body

LEDE = "The ferry sails again from the old harbour, every morning at nine, until the ice comes."
NEXT = "Tickets are sold on board, as they were before the war; children and dogs travel free."


def excerpt(text: str, path: str = "a.md") -> str:
    return read_body(text.encode(), path).excerpt


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("The **ferry** is *back* in `port 7`", "The ferry is back in port 7"),
        ("The __ferry__ is _back_, ~~not~~ now", "The ferry is back, not now"),
        ("See [the *old* plan](https://x.example/a_(b) 'T')", "See the old plan"),
        ("See [the plan][1], [the map][] and [Prices]", "See the plan, the map and Prices"),
        ("See [the plan][missing]", "See the plan"),
        ("See [the plan](</a b.md>) at <https://x.example/>", "See the plan at https://x.example/"),
        ("See ![A map](map.png) the map", "See the map"),
        ("Bread &amp; butter&nbsp;&mdash; &#8220;fresh&#8221;", "Bread & butter — “fresh”"),
        ("Two\nlines  \nand a break\\\nand one", "Two lines and a break and one"),
        ("It sails[^1] daily[^note].", "It sails daily."),
        ("It sails ^[Not on Sundays.] daily", "It sails daily"),
        ("It sails [@smith2020, p. 4; @jones] daily [-@lee]", "It sails daily"),
        (r"5 \* 3 \_and\_ 4 * 2", "5 * 3 _and_ 4 * 2"),
        ("H<sub>2</sub>O and <b>steam</b>,<br>hot", "H2O and steam, hot"),
        (
            'It sails<sup id="fnref:1"><a href="#fn:1" class="footnote">1</a></sup> daily',
            "It sails daily",
        ),
        ("A <kbd>Q</kbd> <!-- note --> key <!-- cut", "A Q key"),
        (
            "Read [[Old harbour]] and [[pages/map|the map]] ![[plan.png]]",
            "Read Old harbour and the map",
        ),
        ("The ==best== ferry :ship: of :tada:", "The best ferry of"),
        ("A :heart: :+1: :smiling_imp: :flag-de: :man_cook: day", "A day"),
        ("It :material-ferry:{ .lg } sails :fontawesome-solid-ship:", "It sails"),
        *(
            (text, text)
            for text in (
                "At 10:30:00 and a:b:c",
                "The use of the :nodoc: tag",
                "Write :param: and :returns:, or :no_toc:",
                ":doc: is a role, and so is :py-class: here",
                "It is a :note: on :page: one",
            )
        ),
        (
            "The [ferry](/f){:target='_blank'} is *back*{: .red} [now]{.small}",
            "The ferry is back now",
        ),
        ("The **ferry**{ .blue } is back {: .lead}", "The ferry is back"),
        (
            "Code like `{{ x }}`, `<b>`, `[^1]` and `:ok:` stays",
            "Code like {{ x }}, <b>, [^1] and :ok: stays",
        ),
        ("H~2~O, x^2^ and ++new++, in C++ for ~5 and ~6", "H2O, x2 and new, in C++ for ~5 and ~6"),
        ("Write {{</* figure */>}} there", "Write {{< figure >}} there"),
        ("المركب عاد إلى **الميناء** القديم", "المركب عاد إلى الميناء القديم"),
        ("המעבורת [חזרה](/x) לנמל", "המעבורת חזרה לנמל"),
        ("渡轮今天\n从旧港口**出发**，\n前往北方", "渡轮今天从旧港口出发，前往北方"),
        ("船は\n毎日\n9時に\nMonday に出ます", "船は毎日 9時に Monday に出ます"),
        ("这是**“渡轮”**的**「新」**港口", "这是“渡轮”的「新」港口"),
        ("渡轮\\\n出发  \n前往", "渡轮 出发 前往"),
        ("배가 항구로\n돌아왔다", "배가 항구로 돌아왔다"),
    ],
)
def test_markup_becomes_text(written: str, text: str) -> None:
    body = f"{written}\n\n{NEXT}\n\n[1]: /plan\n[the map]: /map 'Map'\n[prices]: </p>\n"
    assert excerpt(body).removesuffix(f" {NEXT}") == text


@pytest.mark.parametrize(
    "before",
    [
        "# Heading",
        "##Heading",
        "Heading\n=======",
        "A longer\nheading\n---",
        "## Heading {#id .class}",
        "---",
        "* * *",
        "```js\nconst a = 'This is code, and not prose at all.';\n```",
        "~~~\nThis is code, and not prose at all.\n\nNor is this.\n~~~",
        "````md\n```\nThis is code.\n```\n````",
        "    This is code, and not prose at all.",
        "| Time | Port |\n|------|------|\n| nine | old  |",
        "![The ferry](ferry.jpg)",
        "![The ferry](ferry.jpg)\n*The ferry in the old harbour*",
        "[![The ferry](ferry.jpg)](https://x.example/ferry)",
        "![The ferry][img]\n\n[img]: ferry.jpg",
        "[Lies das auf Deutsch](/de/)",
        "[One](/1) | [Two](/2) | [Three](/3)",
        "https://video.example/watch?v=1",
        "<https://video.example/watch?v=1>",
        "*By Jane Doe*",
        "By [Jane Doe](/jane)",
        "By Jane Doe and John Roe",
        "_Photo by Jane Doe on a site of photos._",
        "**Introduction**",
        "2026-03-02",
        "March 2nd, 2026",
        "*Posted on 2 March 2026*",
        "Published: 02.03.2026",
        "2026年3月2日",
        "Tags: sea, ferry",
        "#sea #ferry",
        "Author: Jane Doe",
        "Figure 1: The ferry in the harbour",
        "up:: [[Index]]",
        "[[2026-03-01|yesterday]] | [[tomorrow]]",
        "Reading time: 5 min",
        "This post was originally published on another site in 2019.",
        ":tada: :ship:",
        "🎉",
        "[TOC]",
        "[[toc]]",
        "[[_TOC_]]",
        "${toc}",
        "* TOC\n{:toc}",
        "- TOC\n{:toc .no_toc}",
        "1. TOC\n{:toc}",
        "Table of contents",
        "**Table of Contents**\n\n- [One](#one)\n  - [Two](#two)\n- [Three](#three)",
        "1. [One](#one)\n2. [Two](#two)",
        "<!-- A comment\n\nThis is not prose. -->",
        "<!-- toc -->\n\n- [One](#one)\n\n<!-- tocstop -->",
        "Update:",
        "In `config.yml`:\n\n```yaml\na: b\n```",
        "Changes:\n\n- One\n- Two",
        "**Update (2026-03-04):** The ferry is full.",
        "{: .no_toc }",
        "{::options parse_block_html='true' /}",
        "{::comment}\nThis is not prose.\n{:/comment}",
        "{% include toc.html %}",
        '{% include figure.html src="/a.jpg" caption="The ferry in the old harbour" %}',
        "{% highlight ruby %}\nputs 'This is not prose.'\n{% endhighlight %}",
        "{% comment %}This is not prose.{% endcomment %}",
        "{% capture notice %}This is not prose.{% endcapture %}",
        "{% assign ferry = site.data.ferry %}",
        "{% if page.old %}{% else %}This is not prose.{% endif %}",
        "{{ content }}",
        "{{ page.date | date: '%Y' }}",
        "{# A comment, and not prose. #}",
        "{% asset_img ferry.jpg The ferry in the old harbour %}",
        "{% youtube abc %}",
        "{% blockquote Jane Doe %}\nThis is a quotation.\n{% endblockquote %}",
        "{% note info %}\nThis is a note.\n{% endnote %}",
        "{{< youtube abc >}}",
        '{{< figure src="a.jpg" caption="The ferry > the *old* harbour" >}}',
        "{{< notice tip >}}\nThis is a note.\n\nSo is this.\n{{< /notice >}}",
        "{{% notice tip %}}This is a note.{{% /notice %}}",
        "{{< tabs >}}{{< tab >}}This is code.{{< /tab >}}{{< /tabs >}}",
        "{{< highlight go >}}\nfunc main() {}\n{{< /highlight >}}",
        "{{<toc>}}",
        "{{ youtube(id='abc') }}",
        "{% quote(author='Jane') %}\nThis is a quotation.\n{% end %}",
        "import Chart from '../components/Chart.astro';\nimport { a } from \"b\"",
        "> [!NOTE]\n> This is a note, and not prose.",
        "> [!tip]- A title\n> This is a tip.",
        "/// note | A title\nThis is a note.\n\nSo is this.\n///",
        "%%\nThis is a comment.\n%%",
        "<%= render 'toc' %>",
        "[//]: # (This is a comment.)",
        "[comment]: <> (This is a comment.)",
        "<head>\n  <title>No prose</title>\n</head>",
        "\\newpage",
        "^",
        "<small>Photo of the ferry, of which nobody knows the author</small>",
        "> Ships don't come in, they're built.\n\n— Jane Doe, *On Ships*",
        "> Ships don't come in, they're built.\n\n-- Jane Doe",
        "* content\n{:toc}",
        "> A quotation of somebody else, who knew the old harbour well.",
        "- One item\n- Another item",
        "!!! note\n    This is a note.\n\n    So is this.",
        '??? tip "A title"\n\n    This is a tip.',
        '=== "Tab"\n\n    This is in a tab.',
        ":::note\nThis is a note.\n:::",
        ":::tip[A title]\n\nThis is a tip.\n\n:::",
        "::: {.callout-note}\nThis is a note.\n:::",
        "::::info\n:::tip\nThis is a tip.\n:::\nThis is a note.\n::::",
        "[^1]: This is a footnote.\n    So is this.",
        "*[HTML]: This explains an abbreviation",
        "[ref]: https://x.example/ 'A title'",
        "$$\nE = m c^2\n$$",
        "$$ E = m c^2 $$",
        "\\begin{align}\na &= b\n\\end{align}",
        "<figure><img src='a.jpg'><figcaption>The ferry in the harbour</figcaption></figure>",
        "<figure>\n\n![](a.jpg)\n\n<figcaption>\n\nThe ferry in the harbour\n\n</figcaption>\n</figure>",
        "<details>\n<summary>More</summary>\n\nThis is hidden at first.\n\n</details>",
        "<aside>\n\nThis is a remark.\n\n</aside>",
        '<div class="alert alert-info" markdown="1">\nThis is a remark.\n</div>',
        '<p class="caption">The ferry in the harbour</p>',
        "<table><tr><td>This is in a table.</td></tr></table>",
        "<script>\nvar a = 'This is code.';\n\nvar b = 'So is this.';\n</script>",
        "<style>\n.a { color: red }\n</style>",
        '<iframe src="https://video.example/1"></iframe>',
        "<video controls>\n<source src='a.mp4'>\nYour player is old.\n</video>",
        "<blockquote>A quotation of somebody else.</blockquote>",
        "<ul><li>One item</li><li>Another item</li></ul>",
        "<h2>Heading</h2>",
        "<br/>",
        '<a id="top"></a>',
        "<Callout type='info'>\n  This is a remark.\n</Callout>",
        '<YouTube id="abc" />',
        '<Image\n  src="/a.jpg"\n  alt="The ferry > the harbour"\n/>',
        "<Tabs>\n<TabItem value='a'>\n\nThis is in a tab.\n\n</TabItem>\n</Tabs>",
        "<div style={{textAlign: 'center'}}>\n\n![](a.jpg)\n\n</div>",
    ],
)
@pytest.mark.parametrize("separator", ["\n\n", "\r\n\r\n"])
def test_what_is_no_prose_is_passed_over(before: str, separator: str) -> None:
    """The first paragraph after it is the excerpt."""
    body = f"{before}\n\n{LEDE}\n\n{NEXT}\n".replace("\n\n", separator)
    assert excerpt(body) == LEDE
    assert excerpt(f"{before}\n\n{before}\n\n{LEDE}") == LEDE


@pytest.mark.parametrize(
    "before",
    [
        "import Chart from './Chart'\nimport {\n  a,\n} from 'b'",
        "export const meta = {\n  title: 'This is no prose',\n}",
        "export default function Layout({ children }) {\n\n  return <div>{children}</div>\n\n}",
        "{/* A comment, and\n\nnot prose. */}",
        "{props.children}",
        "{items.map((each) => <li key={each}>{each}</li>)}",
        '<Chart data={[1, 2, { a: 3 }]} color="red" />',
    ],
)
def test_code_of_mdx_is_passed_over(before: str) -> None:
    assert excerpt(f"{before}\n\n{LEDE}\n\n{NEXT}\n", "a.mdx") == LEDE


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (f"<Intro>{LEDE}</Intro>", LEDE),
        (f"<Layout>\n\n{LEDE}\n\n</Layout>", LEDE),
        (
            "The <Highlight color='#fff'>ferry</Highlight> is {'back'}{' '}now",
            "The ferry is back now",
        ),
        ("The fare is \\{5\\} crowns", "The fare is {5} crowns"),
        ("The fare is `{5}` crowns", "The fare is {5} crowns"),
    ],
)
def test_text_in_components_is_prose(written: str, text: str) -> None:
    assert excerpt(f"{written}\n\n{NEXT}", "a.mdx").removesuffix(f" {NEXT}") == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (f"{{{{< lead >}}}}{LEDE}{{{{< /lead >}}}}", LEDE),
        (f"<div class='intro'>\n\n{LEDE}\n\n</div>", LEDE),
        (f"<p>{LEDE}</p>", LEDE),
        (f"<div dir='rtl' markdown='1'>\n\n{LEDE}\n\n</div>", LEDE),
        (f"{{% if site.a %}}\n{LEDE}\n{{% endif %}}", LEDE),
        (f"<center>{LEDE}</center>", LEDE),
        (f"  {LEDE}", LEDE),
        (f"![](a.jpg) {LEDE}", LEDE),
        (f"\ufeff{LEDE}", LEDE),
        (f'<p align="center">\n  {LEDE}\n</p>', LEDE),
        (f"<div>{LEDE}<div>{NEXT}</div></div>", LEDE),
        (f"{{% raw %}}{LEDE}{{% endraw %}}", LEDE),
        ("{% raw %}Write {{ name }} here.{% endraw %}", "Write {{ name }} here."),
        ("The {{< abbr title='x' >}}HMS{{< /abbr >}} ferry", "The HMS ferry"),
        ('See [the plan]({{< ref "plan.md" >}}) now', "See the plan now"),
        ("See [the plan]({% post_url 2026-03-02-plan %}) now", "See the plan now"),
        ("See [the plan]({{ site.baseurl }}/plan/) now", "See the plan now"),
        ("See {% post_link plan 'the plan' %} now", "See the plan now"),
        (":::lead\n" + LEDE + "\n:::", LEDE),
        (
            "#hashtag at the beginning of a sentence that is prose",
            "#hashtag at the beginning of a sentence that is prose",
        ),
        (
            "By 1900 the ferry had sailed for 20 years. Then came the bridge.",
            "By 1900 the ferry had sailed for 20 years. Then came the bridge.",
        ),
        ("**The ferry is back.**", "The ferry is back."),
        ("Note that the ferry is late", "Note that the ferry is late"),
    ],
)
def test_prose_is_found_where_it_is(written: str, text: str) -> None:
    assert excerpt(f"{written}\n\n{NEXT}").removesuffix(f" {NEXT}") == text


@pytest.mark.parametrize(
    "mark",
    [
        *("<!-- more -->", "<!--more-->", "<!-- MORE -->", "<!--more Read on-->", "{{< more >}}"),
        *("<!-- truncate -->", "{/* truncate */}", "<!-- excerpt -->", "<!-- read more -->"),
        *("<!-- PELICAN_END_SUMMARY -->", "<!-- end excerpt -->", "<!--excerpt_end-->"),
    ],
)
def test_mark_ends_the_excerpt(mark: str) -> None:
    """All prose before it is the excerpt, or without any, the first paragraph after it."""
    assert excerpt(f"# T\n\nOne.\n\n- Item\n\nTwo.\n\n{mark}\n\n{LEDE}") == "One. Two."
    assert excerpt(f"One. {mark} Two.\n\n{LEDE}") == "One."
    assert excerpt(f"![](a.jpg)\n\n{mark}\n\n{LEDE}\n\n{NEXT}") == LEDE
    assert excerpt(f"```\nOne.\n{mark}\n```\n\n{LEDE}\n\n{NEXT}") == LEDE
    assert excerpt(f"Write `{mark}` there, and the teaser of your post ends at this place.") == (
        f"Write {mark} there, and the teaser of your post ends at this place."
    )


def test_begin_and_end_of_a_summary_are_marked() -> None:
    body = (
        f"{NEXT}\n\n<!-- PELICAN_BEGIN_SUMMARY -->\n{LEDE}\n<!-- PELICAN_END_SUMMARY -->\n\nMore."
    )
    assert excerpt(body) == LEDE


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"Hi all,\n\n{LEDE}", f"Hi all, {LEDE}"),
        (f"Hello!\n\nShort.\n\n{LEDE}\n\n{NEXT}", f"Hello! Short. {LEDE}"),
        (f"The ferry is back.\n\n## Why\n\n{LEDE}", "The ferry is back."),
        (f"大家好，\n\n{LEDE}", f"大家好， {LEDE}"),
        ("Only this.", "Only this."),
    ],
)
def test_short_paragraph_is_continued(body: str, text: str) -> None:
    """But not by another section."""
    assert excerpt(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("- Faster engines\n- New seats\n", "Faster engines, New seats"),
        ("1. It is fast.\n2. It is new.\n", "It is fast. It is new."),
        ("# News\n\n- It is fast.\n\n# Fixes\n\n- It floats.\n", "It is fast."),
        (f"# T\n\n> {LEDE}\n", LEDE),
        (f"!!! note\n\n    {LEDE}\n", LEDE),
        (f"> [!NOTE]\n> {LEDE}\n", LEDE),
        (f":::info\n\n{LEDE}\n\n:::", LEDE),
        (f"<aside>\n\n{LEDE}\n\n</aside>", LEDE),
        (f"{{{{< box >}}}}\n{LEDE}\n{{{{< /box >}}}}", LEDE),
        (f"*{LEDE}*", LEDE),
        ("```\ncode\n```", ""),
        ("![](a.jpg)", ""),
        ("", ""),
        ("\n\n \n", ""),
    ],
)
def test_text_without_prose(body: str, text: str) -> None:
    """A list, a quotation or a remark is better than nothing."""
    assert excerpt(body) == text


def test_long_paragraphs_are_cut() -> None:
    """At the end of a sentence if possible, or else between words."""
    assert excerpt(" ".join([LEDE] * 20)) == " ".join([LEDE] * 4)
    text = excerpt("ferry " * 200)
    assert text == "ferry " * 65 + "ferry…"
    text = excerpt("渡轮今天早上九点从旧港口出发，前往北方的岛屿群。" * 50)
    assert text.endswith("岛屿群。")
    assert len(text) <= 200
    assert excerpt(f"{LEDE} Bring:\n\n- a hat") == LEDE


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<p>{LEDE}</p><p>{NEXT}</p>", LEDE),
        (f"<!DOCTYPE html><html><head><title>T</title></head><body><p>{LEDE}</p></body>", LEDE),
        (f"<h1>T</h1><nav>Home</nav><div><p>{LEDE}</p></div>", LEDE),
        (f"{LEDE}<br><br>{NEXT}", f"{LEDE} {NEXT}"),
        (f"<p><img src='a.jpg'></p>\n<p><em>A caption of it</em></p>\n<p>{LEDE}</p>", LEDE),
        (f"<p>{{% include a.html %}}</p><p>{LEDE}</p>", LEDE),
        ("<p>5 * 3 * 2 is _not_ `code` &amp; &lt;b&gt;</p>", "5 * 3 * 2 is _not_ `code` & <b>"),
    ],
)
def test_html_is_read_as_html(body: str, text: str) -> None:
    assert excerpt(body, "2026-03-02-a.html") == text


@pytest.mark.parametrize(
    ("body", "heading"),
    [
        ("Text\n\n# The *ferry* is `back` & well {#ferry}\n\n## More", "The ferry is back & well"),
        ("The ferry\nis back\n=======\n", "The ferry is back"),
        ("import a from 'a'\n\n<h1 align='center'>The <b>ferry</b></h1>", "The ferry"),
        ("```\n# Not this\n```\n\n## This ##\n", "This"),
        ("<!-- # Not this -->\n### This", "This"),
        ("No heading", ""),
        ("#nospace", ""),
    ],
)
def test_first_heading(body: str, heading: str) -> None:
    assert read_body(body.encode(), "a.md").heading == heading
