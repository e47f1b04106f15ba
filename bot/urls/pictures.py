"""Which files can be the picture of a message: those that Discord shows as one. Pure."""

from urllib.parse import parse_qsl, unquote, urlsplit

_PICTURES = frozenset({"jpg", "jpeg", "jpe", "jfif", "pjpeg", "png", "apng", "gif", "webp", "avif"})
_OTHER = frozenset(
    {
        # Drawings, icons, photos and documents, which Discord does not convert to pictures.
        *("svg", "svgz", "pdf", "eps", "ps", "ai", "psd", "tif", "tiff", "djvu", "ico", "cur"),
        *("bmp", "heic", "heif", "jp2", "jxl", "xcf", "dng"),
        *("doc", "docx", "odt", "ppt", "pptx", "xls", "xlsx", "epub", "zip", "gz", "rar", "7z"),
        # Video, with playlists; and sound.
        *("mp4", "m4v", "mov", "qt", "webm", "ogv", "avi", "mkv", "wmv", "flv", "f4v", "mpg"),
        *("mpeg", "mpe", "m1v", "m2v", "m2ts", "mts", "3gp", "3g2", "asf", "vob", "gifv", "swf"),
        *("m3u8", "mpd", "mp3", "m4a", "aac", "oga", "ogg", "opus", "wav", "flac"),
    }
)
# Endings of pages, which can also be what a program makes a picture of: `?url=story.html`.
_PAGES = frozenset({"css", "htm", "html", "js", "json", "md", "rss", "txt", "xhtml", "xml"})
_OTHER_TYPES = (
    *("image/bmp", "image/heic", "image/heif", "image/jp2", "image/jxl", "image/svg", "image/tiff"),
    *("image/vnd.adobe.photoshop", "image/vnd.microsoft.icon", "image/x-eps", "image/x-icon"),
)
# Parameters whose value is the ending of a file.
_FORMATS = frozenset({"format", "fmt", "fm", "f", "ext", "type", "output"})
# For files whose type the server does not know.
_ANY_TYPE = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def may_be_picture(address: str, media_type: str = "") -> bool:
    """Whether Discord can show a file as a picture, by its declared MIME type and its address.

    An address without the ending of a picture counts as one (many are made by programs), unless
    its path or a value of its query has the ending of something else.
    """
    media_type = media_type.partition(";")[0].strip().lower()
    if (
        "/" in media_type
        and media_type not in _ANY_TYPE
        and (not media_type.startswith("image/") or media_type.startswith(_OTHER_TYPES))
    ):
        return False
    try:
        parts = urlsplit(address.strip())
        values = parse_qsl(parts.query, max_num_fields=100) if parts.query else ()
    except ValueError:
        return False
    if parts.scheme.lower() not in {"", "http", "https"}:
        return False
    path = unquote(parts.path)
    ending = _ending(path)
    if ending in _PICTURES:
        return True
    if ending in _OTHER or ending in _PAGES or path.lower().endswith("/svg"):
        return False
    return not any(_names_other_format(*pair) for pair in values)


def _names_other_format(name: str, value: str) -> bool:
    """Whether a parameter of a query is like `file=logo.svg` or `format=svg`."""
    return _ending(value) in _OTHER or (name.lower() in _FORMATS and value.lower() in _OTHER)


def _ending(name: str) -> str:
    """The part after the last dot of a file's name, in lower case; empty without a dot."""
    _, dot, ending = name.rstrip("/ ").rpartition("/")[2].partition(";")[0].rpartition(".")
    return ending.lower() if dot else ""
