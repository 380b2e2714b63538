"""JSON arrays, JSON Lines and objects that hold rows: strict, with the place of what is wrong."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from builders.errors import Invalid
from builders.sources.formats.encoding import decoded, encoding_note, is_utf8, other_encoding
from builders.sources.formats.json_errors import invalid_json, line_at, not_utf8, place_in
from builders.sources.formats.json_keys import once_each, repeated, repeated_in, require_once
from builders.sources.formats.json_objects import ONE_ROW, Unwrapped, holds_short_rows, rows_in
from builders.sources.formats.long_lines import LONGEST, LongLine, require_short_lines
from builders.sources.formats.packing import CHUNK, START
from builders.sources.formats.table import MISSING, SAMPLE, Found, Part, walk

__all__ = ["JsonTable", "json_rows", "line_at", "not_utf8"]

BOM = b"\xef\xbb\xbf"
BATCH = 20_000  # items of an array decoded at once


@dataclass(frozen=True)
class Content:
    """The bytes of a file of JSON. start: the first of them, to tell what it is. pieces: gives them all, in pieces that end at a
    line's end, given how long a line may be (None: as long as it is)."""

    start: bytes
    pieces: Callable[[int | None], Iterator[bytes]]

    def whole(self) -> bytes:
        """All of them."""
        return b"".join(self.pieces(None))


class JsonTable:
    """The rows of a JSON file. encoding, records: what a recipe states. longest: bytes that a line, or an item, may have."""

    header = False

    def __init__(
        self,
        content: Content,
        name: str,
        encoding: str | None = None,
        records: str | None = None,
        longest: int = LONGEST,
    ) -> None:
        self.name, self._content, self._records, self._longest = name, content, records, longest
        self._begun: Iterator[bytes] | None = None  # what follows the first piece, where that was looked at
        other, head = encoding or other_encoding(content.start[:64]), b""
        if not other:
            head = self._first_piece()
            other = self._other_encoding(head)
        notes = [encoding_note(name, other)] if other and not encoding else []
        if other:
            self._content = plain(decoded(content.whole(), other, name).encode(), name)
            head = self._first_piece()
        form, where = "JSON Lines", None
        self._items: list[Any] | None = None  # of an array or an object; of lines None
        self._head = head = head.removeprefix(BOM)  # kept, for a packed file takes a while to begin anew
        if head[:1024].lstrip()[:1] == b"[":
            form, self._items = "a JSON array", _array(self._whole(), name)
            self._require_short_items()
        elif head.lstrip()[:1] == b"{" and (unwrapped := self._object(head)):
            form, self._items, where = unwrapped.form, unwrapped.rows, unwrapped.records
            notes += [f"{name}: {unwrapped.form}"] if len(unwrapped.rows) > 1 or where else []
        self.found = Found(form, other, records=where, notes=tuple(notes))

    def names(self) -> list[str]:
        """The fields of the sample's rows, as they come."""
        return list(dict.fromkeys(name for row in self.sample() for name in row))

    def sample(self) -> list[dict[str, Any]]:
        """The first rows: of lines, those in the first piece."""
        row_type = dict[str, Any]
        if self._items is not None:
            return _decode_items(self._items[:SAMPLE], self.name, 0, row_type)
        first_lines = self._head.split(b"\n", SAMPLE)[:SAMPLE]
        if first_lines and _is_object(first_lines[0]):
            return _decode_lines(b"\n".join(first_lines), self.name, 1, row_type)
        return _decode_lines(self._head, self.name, 1, row_type)[:SAMPLE]  # a row may have several lines

    def parts(self, columns: Sequence[str]) -> Iterator[Part]:
        """All rows, in bounded parts."""
        outer = list(dict.fromkeys(itertools.chain(columns, (one.partition(".")[0] for one in columns if "." in one))))
        row_type, keys = _row_type(outer)
        for rows, place, raw in self._rows(row_type):
            values = {name: [getattr(row, key) for row in rows] for name, key in keys.items()}
            present = {name: len(rows) - some.count(MISSING) for name, some in values.items()}
            if raw and not once_each(raw, present):
                lines = self._items is None  # an item of an array may go over several
                texts = [row for one in raw for row in (one.decode().split("\n") if lines else [one.decode()])]
                texts = [row for row in texts if row.strip()]
                require_once(pl.Series(texts, dtype=pl.String), outer, self.name, place)
            yield Part({column: _column(column, values) for column in columns}, len(rows), place)

    def _rows(self, row_type: Any) -> Iterator[tuple[list[Any], Callable[[int], str], list[bytes]]]:
        """Rows of a type, part by part: each with the place of its rows in words, and their bytes, where they are JSON still."""
        if self._items is None:
            first = 1
            for piece in self._from_start(self._longest):
                rows, place = _decode_lines(piece, self.name, first, row_type), _by_line(piece, self.name, first)
                yield rows, place, [piece]
                first += piece.count(b"\n")
            return
        for start in range(0, len(self._items), BATCH):
            items = self._items[start : start + BATCH]
            rows, place = _decode_items(items, self.name, start, row_type), _by_item(self.name, start)
            yield rows, place, [bytes(item) for item in items if isinstance(item, msgspec.Raw)]

    def _first_piece(self) -> bytes:
        """The first piece; all, where that is one line and holds rows. Raises LongLine for a line that is a row, or nothing."""
        begins = self._content.start.removeprefix(BOM).lstrip()[:1]
        if begins == b"[":
            return next(self._content.pieces(None), b"")
        try:
            self._begun = self._content.pieces(self._longest)
            return next(self._begun, b"")
        except LongLine:
            self._begun = None
            first, end, _ = self._content.start.removeprefix(BOM).lstrip().partition(b"\n")
            if begins != b"{" or (
                end and _is_object(first)
            ):  # nothing that holds rows; or lines, the first of them sound
                raise
            if not holds_short_rows(whole := self._content.whole(), self._longest):
                raise
            return whole

    def _require_short_items(self) -> None:
        for number, item in enumerate(self._items or (), 1):
            if (size := memoryview(item).nbytes) > self._longest:
                raise LongLine(f"{self.name}, item {number}: takes", f"{size:,}", self._longest)

    def _from_start(self, longest: int | None) -> Iterator[bytes]:
        begun, self._begun = self._begun, None
        if longest is not None and begun is not None:  # nothing is unpacked twice
            yield self._head
            yield from begun
            return
        pieces = self._content.pieces(longest)
        yield next(pieces, b"").removeprefix(BOM)
        yield from pieces

    def _whole(self) -> bytes:
        return b"".join(self._from_start(None))

    def _other_encoding(self, head: bytes) -> str | None:
        try:
            _require_utf8(head)
            return None
        except UnicodeDecodeError:
            return other_encoding(head, self._content.whole())

    def _object(self, head: bytes) -> Unwrapped | None:
        """What a single object holds, be it on one line or over many; None for JSON Lines."""
        lines = [line for line in head.lstrip().split(b"\n", 8)[:8] if line.strip()]
        if _is_object(lines[0]) and (len(lines) > 1 or len(head.strip()) < len(self._whole().strip())):
            return None
        data = self._whole()
        try:
            data.decode("utf-8")
            whole = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            own_lines = len(lines) == 1 or any(line[:1] == b"{" and _is_object(line) for line in lines)
            if own_lines or "trailing" in str(error):  # lines, of which one is broken; or objects one after the other
                return None
            raise invalid_json(f"{self.name}, {place_in(data, error)}", error, data) from None
        if (key := repeated_in(data.decode())) is not None:
            raise repeated(f"{self.name}, the object", key)
        found = rows_in(whole, self.name, self._records)
        return None if found.form == ONE_ROW and len(lines) == 1 else found


def json_rows(data: bytes, name: str, row_type: Any) -> Iterator[list[Any]]:
    """The rows of a JSON array, or of JSON Lines in bounded parts."""
    table = JsonTable(plain(data, name), name)
    yield from (rows for rows, _, _ in table._rows(row_type))


def plain(data: bytes, name: str) -> Content:
    """Bytes that are not packed, or not any more."""
    return Content(data[:START], lambda longest: chunks(data, name, longest))


def chunks(data: bytes, name: str, longest: int | None) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes that end at a line's end. longest: bytes that a line may have; without it, all is one piece."""
    if longest is None:
        yield data
        return
    require_short_lines(data, name, longest)
    yield from pieces(data)


def pieces(data: bytes) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes that end at a line's end."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", min(start + CHUNK, len(data)))
        end = len(data) if end < 0 else end + 1
        yield data[start:end]
        start = end


def _row_type(columns: Sequence[str]) -> tuple[type[msgspec.Struct], dict[str, str]]:
    """A struct for one row that leaves all other keys out, and the attribute of each column."""
    keys = {column: f"column_{number}" for number, column in enumerate(columns)}
    fields: list[tuple[str, Any, Any]] = [(key, Any, MISSING) for key in keys.values()]
    try:
        made = msgspec.defstruct("Row", fields, rename={key: column for column, key in keys.items()}, gc=False)
    except ValueError as error:  # a name with a quotation mark, a backslash or a control character
        raise Invalid(
            f"{{key}}: no JSON field can be read by such a name ({error})", "rename the field", "columns"
        ) from None
    return made, keys


def _column(column: str, values: dict[str, list[Any]]) -> list[Any]:
    found = values[column]
    outer, _, inner = column.partition(".")
    if not inner or outer not in values:
        return found
    return [
        here if here is not MISSING else MISSING if whole is MISSING else walk(whole, inner)
        for here, whole in zip(found, values[outer], strict=True)
    ]


def _by_item(name: str, start: int) -> Callable[[int], str]:
    return lambda at: f"item {start + at + 1}"


def _by_line(piece: bytes, name: str, first: int) -> Callable[[int], str]:
    """The line of a row: blank lines hold none."""

    def place(at: int) -> str:
        filled = (number for number, line in enumerate(piece.split(b"\n"), first) if line.strip())
        return f"line {next(itertools.islice(filled, at, None))}"

    return place


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _decode_lines(chunk: bytes, name: str, first_line: int, row_type: Any) -> list[Any]:
    decoder = msgspec.json.Decoder(row_type)
    try:
        if is_utf8(chunk):  # also in fields that are not used
            return decoder.decode_lines(chunk)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    # Something is wrong: read line by line to say where.
    rows = []
    for number, line in enumerate(chunk.split(b"\n"), first_line):
        if line.strip():
            try:
                line.decode("utf-8")
                rows.append(decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise invalid_json(f"{name}, line {number}", error, line) from None
    return rows


def _require_utf8(data: bytes) -> None:
    """Raises UnicodeDecodeError for other bytes; piece by piece, for a copy takes as much again."""
    if not all(is_utf8(piece) for piece in pieces(data)):
        data.decode("utf-8")  # says where


def _array(data: bytes, name: str) -> list[msgspec.Raw]:
    """The items of an array, not decoded yet."""
    try:
        _require_utf8(data)
        return msgspec.json.Decoder(list[msgspec.Raw]).decode(data)
    except UnicodeDecodeError as error:
        raise not_utf8(f"{name}, line {line_at(data, error.start)}", error) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise invalid_json(f"{name}, {place_in(data, error)}", error, data) from None


def _decode_items(items: list[Any], name: str, start: int, row_type: Any) -> list[Any]:
    decoder = msgspec.json.Decoder(row_type)
    rows = []
    for number, item in enumerate(items, start + 1):
        try:
            rows.append(decoder.decode(item) if isinstance(item, msgspec.Raw) else msgspec.convert(item, row_type))
        except (msgspec.ValidationError, msgspec.DecodeError, RecursionError) as error:
            raise invalid_json(
                f"{name}, item {number}", error, bytes(item) if isinstance(item, msgspec.Raw) else b""
            ) from None
    return rows
