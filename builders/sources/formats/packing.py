"""Gzipped files: unpacked whole, or while they are read."""

import gzip
import io
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from builders.errors import Invalid

CHUNK = 16 << 20  # bytes of JSON Lines decoded at once: bounds the memory that Python strings take beside the frame


def unpacked(data: bytes, name: str) -> bytes:
    """The whole content. Raises Invalid for a stream that is cut off or damaged."""
    with _sound_gzip(name):
        return gzip.decompress(data)


def unpacked_lines(data: bytes, name: str) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes that end at a line's end; the next one is unpacked while its forerunner is in use."""
    stream = gzip.GzipFile(fileobj=io.BytesIO(data))
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(lambda: stream.read(CHUNK) + stream.readline())
        while True:
            with _sound_gzip(name):
                piece = following.result()
            if not piece:
                return
            following = ahead.submit(lambda: stream.read(CHUNK) + stream.readline())
            yield piece


@contextmanager
def _sound_gzip(name: str) -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise Invalid(f"{name}: the gzip stream is cut off", "fetch the file again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Invalid(f"{name}: not a sound gzip file ({error})", "fetch the file again") from None
