"""Packed files: gzip, Zstandard, zip with one file in it. Unpacked whole or, JSON Lines, while they are read."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any

from isal import igzip
from isal.igzip_lib import IsalError

from builders.errors import Invalid
from builders.sources.formats.long_lines import require_short_lines

START = 1 << 16  # bytes that are looked at to tell what a packed file holds
CHUNK = 16 << 20  # bytes of JSON Lines decoded at once: bounds the memory that Python strings take beside the frame
MAGIC = b"\x1f\x8b"  # what gzip begins with
STRAY = ("__MACOSX/", ".DS_Store")  # what archivers put beside the file that was meant


EXPANSION = 100  # times its packed size that a file may have: texts have 3 to 20, a made one a thousand
ALWAYS = 64 << 20  # bytes that any file may have


class Room:
    """How much may come out of a packed file, and how much has."""

    def __init__(self, data: bytes, name: str, expansion: int) -> None:
        self.most, self.name, self.expansion, self.taken = max(ALWAYS, expansion * len(data)), name, expansion, 0

    def take(self, piece: bytes) -> bytes:
        """A piece that came out. Raises Invalid where it is too much."""
        self.taken += len(piece)
        if self.taken > self.most:
            raise Invalid(
                f"{self.name}: holds more than {self.expansion:,} times what it takes packed, over {self.most >> 20:,} MiB",
                "look into it; if it is right, raise {key}",
                "max_expansion",
            )
        return piece


def gunzipped(data: bytes, name: str, expansion: int = EXPANSION) -> bytes:
    """The whole content. Raises Invalid for a stream that is cut off or damaged, or holds too much."""
    stream = _gzip_stream(data, name)
    with _sound_gzip(name):
        return _whole(lambda: stream.read(CHUNK), Room(data, name, expansion))


def unzstd(data: bytes, name: str, expansion: int = EXPANSION) -> bytes:
    """The whole content. Raises Invalid for a stream that is cut off or damaged, or holds too much."""
    with _zstd_stream(data) as stream:
        return _whole(lambda: _zstd_read(stream, name, CHUNK), Room(data, name, expansion))


def _whole(read: Callable[[], bytes], room: Room) -> bytes:
    return b"".join(iter(lambda: room.take(read()), b""))


def unzipped(data: bytes, name: str, expansion: int = EXPANSION) -> tuple[str, bytes]:
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
            with archive.open(files[0]) as stream:
                return files[0].filename, _whole(lambda: stream.read(CHUNK), Room(data, name, expansion))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Invalid(f"{name}: not a sound zip file ({error})", "fetch the file again") from None


def unpacked_start(data: bytes, name: str, packing: str) -> bytes:
    """The first bytes of what is packed, START at most. packing: `.gz` or `.zst`."""
    if packing == ".gz":
        with _sound_gzip(name):
            return _gzip_stream(data, name).read(START)
    with _zstd_stream(data) as stream:
        return _zstd_read(stream, name, START)


def unpacked_lines(
    data: bytes, name: str, packing: str, expansion: int = EXPANSION, longest: int | None = None
) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes that end at a line's end; the next one is unpacked while its forerunner is in use.

    packing: `.gz` or `.zst`. longest: bytes that a line may have; a longer one is never unpacked whole.
    """
    room = Room(data, name, expansion)
    if packing == ".gz":
        stream = _gzip_stream(data, name)
        pieces = _ahead(lambda: _gzip_piece(stream, room, longest))
    else:
        buffered = io.BufferedReader(_zstd_stream(data), CHUNK)
        pieces = _ahead(lambda: _zstd_piece(buffered, room, longest))
    first = 1
    for piece in pieces:
        if longest is not None:
            require_short_lines(piece, name, longest, first, whole=False)
        yield piece
        first += piece.count(b"\n")


def _ahead(read: Callable[[], bytes]) -> Iterator[bytes]:
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(read)
        while piece := following.result():
            following = ahead.submit(read)
            yield piece


def _gzip_stream(data: bytes, name: str) -> gzip.GzipFile:
    """By isal, which unpacks in a third of the time. It takes a few other bytes for a stream that is cut off."""
    with _sound_gzip(name):
        if data[:2] != MAGIC:
            raise gzip.BadGzipFile(f"Not a gzipped file ({data[:2]!r})")
    return igzip.GzipFile(fileobj=io.BytesIO(data))  # type: ignore[no-untyped-call]


def _gzip_piece(stream: gzip.GzipFile, room: Room, longest: int | None) -> bytes:
    with _sound_gzip(room.name):
        return _to_line_end(room.take(stream.read(CHUNK)), lambda: room.take(stream.readline(CHUNK)), longest)


def _to_line_end(piece: bytes, more: Callable[[], bytes], longest: int | None) -> bytes:
    """A piece with the rest of its last line, or with so much of it that it is longer than it may be."""
    pieces, size = [piece], len(piece) - piece.rfind(b"\n") - 1
    while (longest is None or size <= longest) and (line := more()):
        pieces.append(line)
        size += len(line)
        if line.endswith(b"\n"):
            break
    return b"".join(pieces)


@contextmanager
def _sound_gzip(name: str) -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise Invalid(f"{name}: the gzip stream is cut off", "fetch the file again") from None
    except (gzip.BadGzipFile, IsalError) as error:  # type: ignore[misc]  # its stubs call the class an instance
        raise Invalid(f"{name}: not a sound gzip file ({error})", "fetch the file again") from None


def _zstd_stream(data: bytes) -> Any:
    """Arrow's own reader: it comes with what Parquet needs."""
    import pyarrow as pa

    return pa.CompressedInputStream(pa.BufferReader(data), "zstd")


def _zstd_piece(stream: IO[bytes], room: Room, longest: int | None) -> bytes:
    piece = room.take(_zstd_read(stream, room.name, CHUNK))
    return _to_line_end(piece, lambda: room.take(_zstd_read(stream, room.name, CHUNK, line=True)), longest)


def _zstd_read(stream: Any, name: str, size: int, line: bool = False) -> bytes:
    try:
        found: bytes = stream.readline(size) if line else stream.read(size)
        return found
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise Invalid(f"{name}: not a sound Zstandard file ({reason})", "fetch the file again") from None
