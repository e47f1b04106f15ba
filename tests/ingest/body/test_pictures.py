"""The picture of an article without one is the first photo in its text."""

import pytest

from bot.ingest.body.reading import read_body


def pictures(text: str, path: str = "a.md") -> list[str]:
    return list(read_body(text.encode(), path).pictures)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("![](a.jpg)", "a.jpg"),
        ("![The *old* [ferry] \\] !](/img/a.jpg 'A title')", "/img/a.jpg"),
        ("![](</img/a b.jpg>)", "/img/a b.jpg"),
        ("![](/img/a_(1).jpg)", "/img/a_(1).jpg"),
        ("![](https://x.example/photo?id=1)", "https://x.example/photo?id=1"),
        ("[![](a.jpg)](https://x.example/)", "a.jpg"),
        ("![The ferry][one]", "/ref/1.jpg"),
        ("![One][]", "/ref/1.jpg"),
        ("![one]", "/ref/1.jpg"),
        ("![](a.jpg){: width='80%'}", "a.jpg"),
        ("> - ![](a.jpg)", "a.jpg"),
        ('Text <img alt="a > b" src="a.jpg"> text', "a.jpg"),
        ("<IMG SRC=a.jpg>", "a.jpg"),
        ("<img\n  class='wide'\n  src='a.jpg'\n/>", "a.jpg"),
        ("<img src='/blank.gif' data-src='a.jpg'>", "a.jpg"),
        ("<img srcset='s.jpg 300w, l.jpg 1200w' src='m.jpg'>", "l.jpg"),
        ("<figure>\n\n![](a.jpg)\n\n</figure>", "a.jpg"),
        ("<details>\n\n![](a.jpg)\n\n</details>", "a.jpg"),
        ('{{< figure src="/img/a.jpg" title="The > ferry" >}}', "/img/a.jpg"),
        ("{{< img a.jpg >}}", "a.jpg"),
        ("{{< figure >}}\n\n{{< gallery >}}{{< img src='a.jpg' >}}{{< /gallery >}}", "a.jpg"),
        ('{{% figure src="a.jpg" %}}', "a.jpg"),
        ('{% include figure.html url="/img/a.jpg" caption="It" %}', "/img/a.jpg"),
        ("{% include image.html src='a.jpg' %}", "a.jpg"),
        ("{% asset_img a.jpg The old ferry %}", "a.jpg"),
        ("{% img left /img/a.jpg 300 200 'The ferry' %}", "/img/a.jpg"),
        ("{% picture /img/a.jpg %}", "/img/a.jpg"),
        ("![]({{ site.baseurl }}/img/a.jpg)", "/img/a.jpg"),
        ("![]({{site.url}}{{site.baseurl}}/img/a.jpg)", "/img/a.jpg"),
        ('![]({{ "/img/a.jpg" | relative_url }})', "/img/a.jpg"),
        ("<img src=\"{{ '/img/a.jpg' | absolute_url }}\">", "/img/a.jpg"),
        ("<img src=\"{{ 'img/a.jpg' | prepend: site.baseurl }}\">", "img/a.jpg"),
        ("![]({{< baseurl >}}/img/a.jpg)", "/img/a.jpg"),
        ("![]({static}/img/a.jpg)", "{static}/img/a.jpg"),
        ("![](|filename|a.jpg)", "|filename|a.jpg"),
        ("![](@site/static/img/a.jpg)", "/img/a.jpg"),
        ("![](pathname:///img/a.jpg)", "/img/a.jpg"),
        ("<Image src='/img/a.jpg' alt='It' />", "/img/a.jpg"),
        ("<Image\n  src={'/img/a.jpg'}\n  width={300}\n/>", "/img/a.jpg"),
        ("<img src={useBaseUrl('/img/a.jpg')} />", "/img/a.jpg"),
        ("![[a.jpg]] and ![[b.jpg|300]]", "a.jpg"),
        ("![](a.jpg =300x200)", "a.jpg"),
        ("![](a.jpg It sails)", "a.jpg"),
        ("![](a.jpg 'It :) sails')", "a.jpg"),
    ],
)
def test_picture_is_found(written: str, address: str) -> None:
    body = f"# T\n\nSome text.\n\n{written}\n\n![](/last.jpg)\n\n[One]: /ref/1.jpg 'It'\n"
    assert pictures(body)[0] == address
    assert pictures(body)[-1] == "/last.jpg"


@pytest.mark.parametrize(
    "written",
    [
        "`![](a.jpg)` and ``![](a.jpg)``",
        "```\n![](a.jpg)\n<img src='a.jpg'>\n```",
        "<!-- ![](a.jpg) -->",
        "{{</* figure src='a.jpg' */>}}",
        "{% comment %}![](a.jpg){% endcomment %}",
        "{% raw %}`![](a.jpg)`{% endraw %}",
        "[A link](a.jpg)",
        "![missing]",
        "![](data:image/png;base64,AAAA)",
        "![](drawing.svg)",
        "![](clip.mp4)",
        "![](#a)",
        "![]()",
        "![A badge](https://img.shields.io/badge/a-b-green.png)",
        "![](https://github.com/a/b/actions/workflows/ci.yml/badge.svg)",
        "![](icons/a.png)",
        "![](/img/emoji/smile.png)",
        "![](favicon.png)",
        "![](avatar.png)",
        "<img src='a.jpg' width='16' height='16'>",
        "<img src='a.jpg' width=1 height=1>",
        "<img src='a.jpg' class='emoji' alt='x'>",
        "![]({{ page.cover }})",
        "![]({{ site.cdn }}/a.jpg)",
        "![](${image})",
        "![](~/assets/a.jpg)",
        "![](@/assets/a.jpg)",
        "![]({theme}a.jpg)",
        '{% image "./a.jpg", "The ferry" %}',
        "<Image src={ferry} alt='It' />",
        "{{< youtube a.jpg >}}",
    ],
)
def test_what_is_no_photo_is_passed_over(written: str) -> None:
    """Nor are pictures whose address only the generator knows."""
    assert pictures(f"{written}\n\nText.\n\n![](/last.jpg)\n") == ["/last.jpg"]
    assert pictures(written) == []


@pytest.mark.parametrize(
    "written",
    [
        "![It](/img/a b.jpg)",
        "![It]( /img/a b.jpg )",
        '![It](/img/a b.jpg "The "old" ferry (1) :)")',
        "![It](/img/a b.jpg 'The ferry')",
        "![It](/img/a b.jpg\n'The ferry')",
        "![It](/img/a b.jpg (The ferry))",
        "![It](/img/a b.jpg =300x200)",
        "![It](</img/a b.jpg>)",
        "![It](</img/a b.jpg> 'The ferry')",
        "[![It](/img/a b.jpg)](https://x.example/)",
        "<img src='/img/a b.jpg'>",
        "<img src='/img/a b.jpg' srcset='/img/a b.jpg 300w, /img/a c.jpg 600w'>",
        "<Image src='/img/a b.jpg' />",
        '{{< figure src="/img/a b.jpg" >}}',
        "{{< figure src=`/img/a b.jpg` >}}",
        '{{< figure alt="no.jpg" src="/img/a b.jpg" >}}',
        '{{% figure title="It\'s" src="/img/a b.jpg" %}}',
        "{% include figure.html src='/img/a b.jpg' %}",
        '{% asset_img "/img/a b.jpg" "The ferry" %}',
        "![[/img/a b.jpg|300]]",
        "![It][old ferry]",
    ],
)
def test_addresses_with_spaces_are_complete(written: str) -> None:
    body = f"{written}\n\n![](/last.jpg)\n\n[Old ferry]: /img/a b.jpg 'The ferry'\n"
    assert pictures(body) == ["/img/a b.jpg", "/last.jpg"]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("![](/a (1).jpg)", "/a (1).jpg"),
        ("![](/my a (1).jpg (It))", "/my a (1).jpg"),
        ("![](/John 's.png)", "/John 's.png"),
        ("![](/a 1.0 b.JPG?v=1 'It')", "/a 1.0 b.JPG?v=1"),
        ('{{< figure src="/a b.png?v=1" >}}', "/a b.png?v=1"),
    ],
)
def test_other_characters_beside_spaces(written: str, address: str) -> None:
    assert pictures(written) == [address]


@pytest.mark.parametrize(
    "written", ["![](/my img)", "![](/a.jpg and b.svg)", "![](/my img 'It' )", "![](/a\nb.jpg)"]
)
def test_address_of_unclear_end_is_none(written: str) -> None:
    """A part of an address would lead elsewhere."""
    assert pictures(written) == []


@pytest.mark.parametrize("link", ["{attach}a.jpg", "{static}../a.jpg", "|filename|a.jpg"])
def test_relative_links_of_pelican_stay_as_written(link: str) -> None:
    """The rules of the site resolve them."""
    assert pictures(f"![]({link})\n\n![](<{link}>)\n") == [link]


def test_thumbnails_come_last() -> None:
    body = "<img src='s.jpg' width='100' height='80'>\n\n![](a.jpg) ![](b-1200x800.jpg)"
    assert pictures(body) == ["a.jpg", "b-1200x800.jpg", "s.jpg"]


def test_pictures_of_html() -> None:
    body = "<p>![](no.jpg)</p><img src='{{ site.url }}/a.jpg'><pre><img src='x.jpg'></pre>"
    assert pictures(body, "a.html") == ["/a.jpg"]


def test_pictures_beyond_the_first_part_are_not_looked_for() -> None:
    assert pictures("A line of text.\n" * 3_000 + "![](a.jpg)") == []
    assert len(pictures("".join(f"![](/{n}.jpg)\n" for n in range(1_000)))) == 10
