"""Packed files: gzip, Zstandard, zip with one file in it. Unpacked whole or, JSON Lines, while they are read."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any

from builders.errors import Invalid

CHUNK = 16 << 20  # bytes of JSON Lines decoded at once: bounds the memory that Python strings take beside the frame
STRAY = ("__MACOSX/", ".DS_Store")  # what archivers put beside the file that was meant


def gunzipped(data: bytes, name: str) -> bytes:
    """The whole content. Raises Invalid for a stream that is cut off or damaged."""
    with _sound_gzip(name):
        return gzip.decompress(data)


def unzstd(data: bytes, name: str) -> bytes:
    """The whole content. Raises Invalid for a stream that is cut off or damaged."""
    with _zstd_stream(data) as stream:
        return _zstd_read(stream, name)


def unzipped(data: bytes, name: str) -> tuple[str, bytes]:
    """Name and content of the one file in an archive. Raises Invalid for several, none, a password or damage."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [one for one in archive.infolist() if not one.is_dir()]
            files = [one for one in inside if not one.filename.startswith(STRAY[0]) and STRAY[1] not in one.filename]
            if len(files) != 1:
                named = ", ".join(one.filename for one in files[:5]) or "none"
                raise Invalid(f"{name}: holds {len(files)} files ({named})", "unpack it and give one, or their folder")
            if files[0].flag_bits & 1:
                raise Invalid(f"{name}: is locked with a password", "unpack it and give the file in it")
            return files[0].filename, archive.read(files[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Invalid(f"{name}: not a sound zip file ({error})", "fetch the file again") from None


def unpacked_lines(data: bytes, name: str, packing: str) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes that end at a line's end; the next one is unpacked while its forerunner is in use.

    packing: `.gz` or `.zst`.
    """
    if packing == ".gz":
        stream = gzip.GzipFile(fileobj=io.BytesIO(data))
        yield from _ahead(lambda: _gzip_piece(stream, name))
    else:
        buffered = io.BufferedReader(_zstd_stream(data), CHUNK)
        yield from _ahead(lambda: _zstd_piece(buffered, name))


def _ahead(read: Callable[[], bytes]) -> Iterator[bytes]:
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(read)
        while piece := following.result():
            following = ahead.submit(read)
            yield piece


def _gzip_piece(stream: gzip.GzipFile, name: str) -> bytes:
    with _sound_gzip(name):
        return stream.read(CHUNK) + stream.readline()


@contextmanager
def _sound_gzip(name: str) -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise Invalid(f"{name}: the gzip stream is cut off", "fetch the file again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Invalid(f"{name}: not a sound gzip file ({error})", "fetch the file again") from None


def _zstd_stream(data: bytes) -> Any:
    """Arrow's own reader: it comes with what Parquet needs."""
    import pyarrow as pa

    return pa.CompressedInputStream(pa.BufferReader(data), "zstd")


def _zstd_piece(stream: IO[bytes], name: str) -> bytes:
    return _zstd_read(stream, name, CHUNK) + _zstd_read(stream, name, line=True)


def _zstd_read(stream: Any, name: str, size: int = -1, line: bool = False) -> bytes:
    try:
        found: bytes = stream.readline() if line else stream.read() if size < 0 else stream.read(size)
        return found
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise Invalid(f"{name}: not a sound Zstandard file ({reason})", "fetch the file again") from None
