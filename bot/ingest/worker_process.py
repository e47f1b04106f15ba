"""A worker process: `python -m bot.ingest.worker_process` runs tasks for `bot.ingest.workers`.

Tasks arrive at its standard input, as pickled functions with arguments. A result leaves as JSON,
since whoever takes over a parser must not be able to run code in the bot. It leaves in pieces, so
that the bot never decodes much at a time:

- A message is its length in eight bytes, and its content. An empty message ends the result.
- A piece is the name of a field in a line, and its value as JSON. The elements of a tuple are
  spread over several pieces.
- A result that is no dataclass is the value of a field without a name.
- An error is the value of the field `!`. It replaces all pieces before it.
"""

import json
import os
import pickle
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import BinaryIO

from bot.errors import SourceError, one_line

LENGTH_SIZE = 8
ERROR = "!"
_PIECE_SIZE = 64 * 1024


def main(megabytes: int, seconds: int, tasks: BinaryIO, results: BinaryIO) -> None:
    """Run tasks until there are no more; exit if one takes longer than `seconds`."""
    _limit_memory(megabytes * 2**20)
    while length := tasks.read(LENGTH_SIZE):
        _kill_after(seconds)
        try:
            function, arguments = pickle.loads(tasks.read(int.from_bytes(length)))  # noqa: S301 - the bot wrote it
            result = function(*arguments)
            del arguments
            for piece in encode(result):
                _write(results, piece)
            error = ""
        except SourceError as raised:
            error = str(raised)
        except MemoryError:
            error = f"parsing it takes more than {megabytes} MB of memory"
        except Exception as raised:  # noqa: BLE001 - parsers raise anything for unusual input
            error = f"it can't be parsed ({one_line(raised)})"
        result = None
        _kill_after(0)
        if error:
            _write(results, _piece(ERROR, _json(error)))
        _write(results, b"")
        results.flush()


def encode(result: object) -> Iterator[bytes]:
    """Encode a result in pieces."""
    if not is_dataclass(result):
        yield _piece("", _json(result))
        return
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, tuple):
            yield from _encode_elements(field.name, value)
        else:
            yield _piece(field.name, _json(value))


def _encode_elements(name: str, elements: tuple[object, ...]) -> Iterator[bytes]:
    texts: list[bytes] = []
    size = 0
    for element in elements:
        texts.append(_json(element))
        size += len(texts[-1])
        if size >= _PIECE_SIZE:
            yield _piece(name, b"[" + b",".join(texts) + b"]")
            texts, size = [], 0
    yield _piece(name, b"[" + b",".join(texts) + b"]")


def _piece(name: str, text: bytes) -> bytes:
    return name.encode() + b"\n" + text


def _json(value: object) -> bytes:
    """Return JSON. Lone surrogates, which no encoding has, are left out."""
    return json.dumps(value, ensure_ascii=False, default=_as_json).encode("utf-8", "ignore")


def _as_json(value: object) -> object:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _write(results: BinaryIO, content: bytes) -> None:
    results.write(len(content).to_bytes(LENGTH_SIZE))
    results.write(content)


def _kill_after(seconds: int) -> None:
    """Have the system kill this process after some seconds; 0 cancels that."""
    if sys.platform != "win32":
        signal.alarm(seconds)


def _limit_memory(size: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows does not have it

    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _private_output() -> BinaryIO:
    """Return the standard output for results only; what libraries print is discarded."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return output


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer, _private_output())
