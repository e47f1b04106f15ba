"""Compress the contents of documents.

A content is JSON of one to some thousand characters. So short a text has few repetitions in itself,
but shares its keys and common phrases with all others: these are in a preset dictionary.
https://www.rfc-editor.org/rfc/rfc1950
"""

import zlib

from storage.sqlite.values import Value

# Stored contents can't be read without it, so it never changes; a new one would need a migration.
# What is most common comes last, where it is found first.
_DICTIONARY = (
    b'","kind":"podcast","category":"blog"}","kind":"short","language":"de"}",'
    b'"language":"fr"}","language":"en-us"}","language":"en"} that which from about their '
    b"have with will were after into over more than when for the first time in the and the to "
    b"the on the of the in a for the with the at the has been is the and is by the that it "
    b"people company government world according to new research study said on Monday Tuesday "
    b"Wednesday Thursday Friday Saturday Sunday January February March April May June July "
    b"August September October November December 2020 2021 2022 2023 2024 2025 2026 "
    b"Technology Science Business Politics Security Software Health Education Energy Space "
    b"Open Source Machine Learning Artificial Intelligence AI data How to What Why The "
    b'"kind":"article","quality":"width":800,"height":450},{"url":"https://www."width":1920,'
    b'"height":1080},{"url":"https://i.ytimg.com/vi//maxresdefault.jpg","width":1280,'
    b'"height":720}],"images":[{"url":"https://www.youtube.com/watch?v=","kind":"video",'
    b'"category":"video","quality":https://github.com/blog/posts/articles/news/story/-in-the--'
    b"of-the--to-the--for--with--and-.html https://media./assets/images/wp-content/uploads/202"
    b'5/2026/.jpeg","width":1200,"height":630}.webp","width":1200,"height":628}?utm_source=htt'
    b'ps://cdn.https://images.https://img..co.uk/.io/.net/.org/.com/"],'
    b'"published_at":"2025-"],"published_at":"2026-00:00Z","excerpt":"",'
    b'"provider":{"name":"The ","domain":"News","icon_url":"https://"}},{"title":"",'
    b'"url":"https://www..com/2026/","excerpt":"The ","published_at":"2026-","quality":8,'
    b'"provider":{"name":"","domain":".com"}}]}{"title":"","url":"https://",'
    b'"addresses":["https://"],"published_at":"2026-T0:00:00Z","excerpt":"","quality":,'
    b'"heat":,"provider":{"name":"","domain":".com","icon_url":"https:///favicon.ico"},'
    b'"topics":["",""],"images":[{"url":"https://.jpg","width":1200,"height":675}],'
    b'"related":[{"title":"","url":"https://www.","excerpt":"","published_at":"2026-T00:00Z",'
    b'"quality":,"provider":{"name":"","domain":".com"}},{"title":"'
)
_LEVEL = 6
# Several times as much as ingest accepts of an article. Damaged data could otherwise become a text
# a thousand times as large as itself.
MAX_BYTES = 16 * 1024 * 1024


def pack(content: bytes) -> bytes:
    """Compress a content; equal ones may give different bytes with another version of zlib."""
    packer = zlib.compressobj(_LEVEL, zdict=_DICTIONARY)
    return packer.compress(content) + packer.flush()


def unpack(value: Value) -> bytes:
    """Decompress a content. Raises `ValueError` for anything that `pack` can't have made."""
    if type(value) is not bytes:
        raise ValueError("is not compressed")
    unpacker = zlib.decompressobj(zdict=_DICTIONARY)
    try:
        content = unpacker.decompress(value, MAX_BYTES)
    except zlib.error as error:
        # The checksum is compared at the end.
        raise ValueError(f"can't be decompressed ({error})") from None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("can't be decompressed: it is incomplete or too long")
    return content
