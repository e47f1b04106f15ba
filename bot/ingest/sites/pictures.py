"""Finds the pictures that the front matter of a page names. Pure.

Each theme has its own field for the picture of a post, and many have several: for the page, for
lists, for social networks.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from bot.ingest.sites.names import as_mapping, by_folded_name
from bot.urls.pictures import may_be_picture

# The names of the fields, folded, the best first: pictures of the page itself, then those made for
# social networks, then those for lists, which are small. Themes that use them: Minimal Mistakes,
# Beautiful Jekyll, Chirpy, Clean Blog (Jekyll); PaperMod, Ananke, Blowfish, LoveIt, Stack (Hugo);
# Butterfly, Fluid, Matery, Volantis (Hexo); AstroPaper, Fuwari (Astro).
_NAMES = {
    name: rank
    for rank, name in enumerate(
        (
            *("image", "cover", "coverimage", "heroimage", "hero", "featuredimage", "featureimage"),
            *("featureimg", "featuredimg", "featured", "feature", "banner", "bannerimage"),
            *("bannerimg", "headerimage", "headerimg", "headerpic", "headimg", "headpic"),
            *("headercover", "header", "topimg", "coverimg", "coverphoto", "postimage", "postimg"),
            *("mainimage", "leadimage", "leadphoto", "titleimage", "articleimage", "background"),
            *("backgroundimage", "photo", "picture", "img", "imageurl", "imgurl", "coverurl"),
            *("images", "photos", "pictures", "resources", "ogimage", "opengraphimage", "ogimg"),
            *("opengraph", "og", "socialimage", "socialimg", "socialmediaimage", "socialcard"),
            *("shareimage", "shareimg", "sharingimage", "twitterimage", "metaimage", "seoimage"),
            *("seo", "meta", "cardimage", "cardimg", "listimage", "homeimage", "indeximg"),
            *("preview", "previewimage", "poster", "thumbnail", "thumbnailimage", "thumbnailimg"),
            *("thumb", "thumbimg", "teaser", "teaserimage"),
        )
    )
}
# Where a group of fields has its picture, folded.
_ADDRESSES = (
    *("url", "src", "path", "image", "file", "filename", "href", "feature", "img", "overlayimage"),
    *("background", "ogimage", "relative", "thumbnail", "teaser"),
)
_MEDIA_TYPES = ("type", "mimetype", "mediatype", "contenttype", "encodingformat")
# Names in Hugo's list of resources: https://gohugo.io/content-management/page-resources.
_FEATURED = re.compile(r"banner|cover|feature|header|hero|thumb", re.IGNORECASE)
_MAX_FOUND = 10
_MAX_LENGTH = 2_000
# The beginning of an address, or the end of one of a picture.
_ADDRESS = re.compile(
    r"(?:https?:)?//[^/]|\.{0,2}[/\\](?!\s|\Z)|"
    r"[^@~\n][^\n]*\.(?:jpe?g|jpe|jfif|png|apng|gif|webp|avif)(?:[?#]|\s*\Z)",
    re.IGNORECASE,
)
# https://jekyllrb.com/docs/liquid/filters: relative_url, absolute_url, prepend.
_LIQUID_SITE = re.compile(r"\{\{-?\s*site\.(?:url|baseurl)\s*-?\}\}")
_LIQUID_TEXT = re.compile(
    r"\{\{-?\s*(?:\"([^\"{}]{0,1000})\"|'([^'{}]{0,1000})')"
    r"\s*(?:\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:base)?url)\s*){0,3}-?\}\}"
)


def page_pictures(folded: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the pictures of a page as groups of fields with a `url`, the best first.

    Pictures that can't be shown are left out, and small ones if there are others. Addresses are as
    written.
    """
    found = [*_found(folded)]
    if not found:
        found = [*_found(by_folded_name(as_mapping(folded.get("params"))))]
    return _best_first(found) if found else []


def without_liquid(address: str) -> str:
    """Return an address without the parts of Liquid that stand for the site's address.

    It is empty if anything else is in braces, since that is not known here.
    """
    if "{" not in address:
        return address
    plain = _LIQUID_SITE.sub("", address)
    plain = _LIQUID_TEXT.sub(lambda text: text[1] or text[2] or "", plain)
    return "" if "{{" in plain or "{%" in plain else plain


def _found(folded: Mapping[str, object]) -> Iterator[dict[str, object]]:
    ranked = sorted((_NAMES[name], name) for name in folded if name in _NAMES)
    found: dict[object, dict[str, object]] = {}
    for _, name in ranked:
        pictures = _featured(folded[name]) if name == "resources" else _pictures(folded[name], 1)
        for picture in islice(pictures, _MAX_FOUND):
            found.setdefault(picture["url"], picture)
    yield from islice(found.values(), _MAX_FOUND)


def _pictures(value: object, depth: int) -> Iterator[dict[str, object]]:
    if isinstance(value, str):
        address = without_liquid(value[: _MAX_LENGTH + 1].strip())
        if len(address) <= _MAX_LENGTH and _ADDRESS.match(address) and may_be_picture(address):
            yield {"url": address}
    elif depth > 3:  # noqa: PLR2004 - `header: {image: {path: …}}` in a list
        return
    elif isinstance(value, list):
        for item in islice(value, _MAX_FOUND):
            yield from _pictures(item, depth + 1)
    elif isinstance(value, dict):
        parts = by_folded_name(value)
        others = {name: item for name, item in value.items() if not isinstance(item, list | dict)}
        media_type = next((str(parts[name]) for name in _MEDIA_TYPES if name in parts), "")
        for name in _ADDRESSES:
            for picture in islice(_pictures(parts.get(name), depth + 1), 1):
                if may_be_picture(str(picture["url"]), media_type):
                    # What else is known of it: `width`, `height`, `relative`.
                    yield {**others, **picture}
                    return


def _featured(value: object) -> Iterator[dict[str, object]]:
    """The pictures among the resources of a page that have a name such as `featured`."""
    for item in islice(value if isinstance(value, list) else (), _MAX_FOUND):
        resource = by_folded_name(as_mapping(item))
        source = resource.get("src")
        if not isinstance(source, str) or any(character in source for character in "*?[{"):
            continue
        if _FEATURED.search(f"{resource.get('name')} {resource.get('title')}"[:200]):
            # Resources are files in the folder of the page.
            yield from ({**each, "relative": "true"} for each in _pictures(source, 1))


def _best_first(found: list[dict[str, object]]) -> list[dict[str, object]]:
    """Order pictures by what is known of their sizes; unusable ones are left out."""
    from bot.ingest.html.pictures import Candidate, Origin, by_size, pixels  # noqa: PLC0415

    sizes = [(pixels(each.get("width")), pixels(each.get("height"))) for each in found]
    candidates = [
        Candidate(str(picture["url"]), "", Origin.IMAGE, *size)
        for picture, size in zip(found, sizes, strict=True)
    ]
    best = [found[number] for number in by_size(candidates)]
    if best and not (pixels(best[0].get("width")) and pixels(best[0].get("height"))):
        # A message shows the largest picture, and those of unknown size only if there is no other.
        best[1:] = [{**each, "width": None, "height": None} for each in best[1:]]
    return best
