import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.urls.pictures import may_be_picture


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/logo.svg",
        "https://a.example/LOGO.SVG?v=3#x",
        "https://a.example/logo%2Esvg",
        "https://a.example/logo.svgz",
        "https://a.example/report.pdf?page=1",
        "https://a.example/clip.mp4",
        "https://a.example/clip.WebM?picture.jpg",
        "https://a.example/clip.mov;session=1",
        "https://a.example/live.m3u8",
        "https://a.example/sound.mp3",
        "https://a.example/download?file=report.PDF",
        "https://a.example/render?format=svg&w=10",
        "https://a.example/favicon.ico",
        "https://a.example/IMG_1.HEIC",
        "https://a.example/wiki/File:Photo.jpg.html",
        "https://a.example/7.x/initials/svg?seed=Jane",
        "data:image/png;base64,iVBORw0KGgo=",
        "DATA:image/svg+xml,<svg/>",
        "blob:https://a.example/1",
        "https://[::1",
    ],
)
def test_drawings_documents_and_videos_are_not_pictures(address: str) -> None:
    assert not may_be_picture(address)
    assert not may_be_picture(address, "image/jpeg") or not address.lower().startswith("data:")


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/picture.jpg",
        "https://a.example/PICTURE.JPEG?source=clip.mp4",
        "https://a.example/clip.mp4.png",
        "https://a.example/thumb/logo.svg/300px-logo.svg.png",
        "https://a.example/picture",
        "https://a.example/picture.php?id=3",
        "https://a.example/ai",
        "https://a.example/card?url=https://b.example/story.html",
        "https://a.example/render?topic=ai&q=pdf",
        "https://svg.example/",
        "/relative/picture.webp",
        "picture.avif",
    ],
)
def test_pictures_and_unknown_files_are_pictures(address: str) -> None:
    """Many addresses of pictures have no ending."""
    assert may_be_picture(address)


@pytest.mark.parametrize(
    ("media_type", "is_picture"),
    [
        ("image/jpeg", True),
        ("IMAGE/WEBP; q=1", True),
        ("", True),
        ("application/octet-stream", True),
        ("image", True),
        ("image/svg+xml", False),
        ("Image/SVG+XML; charset=utf-8", False),
        ("application/pdf", False),
        ("video/mp4", False),
        ("audio/mpeg", False),
        ("text/html", False),
    ],
)
def test_declared_type_counts(media_type: str, is_picture: bool) -> None:
    """A type that is not a MIME type counts as unknown."""
    assert may_be_picture("https://a.example/file", media_type) is is_picture


@given(st.text(), st.text())
def test_any_text_is_a_picture_or_not(address: str, media_type: str) -> None:
    """Hostile text causes no error."""
    assert may_be_picture(address, media_type) in {True, False}
