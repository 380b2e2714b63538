"""JSON arrays, JSON Lines and objects that hold rows: strict, with the place of what is wrong."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import polars as pl

from builders.errors import Invalid
from builders.sources.formats.encoding import decoded, encoding_note, other_encoding
from builders.sources.formats.json_errors import invalid_json, line_at, not_utf8, place_in
from builders.sources.formats.json_keys import repeated, repeated_in, require_once
from builders.sources.formats.json_objects import ONE_ROW, Unwrapped, rows_in
from builders.sources.formats.packing import CHUNK
from builders.sources.formats.table import MISSING, SAMPLE, Found, Part, walk

__all__ = ["JsonTable", "json_rows", "line_at", "not_utf8"]

BOM = b"\xef\xbb\xbf"
BATCH = 20_000  # items of an array decoded at once
Pieces = Callable[[], Iterator[bytes]]


class JsonTable:
    """The rows of a JSON file.

    pieces: gives its bytes from the start, in pieces that end at a line's end. encoding, records: what a recipe states.
    """

    header = False

    def __init__(self, pieces: Pieces, name: str, encoding: str | None = None, records: str | None = None) -> None:
        self.name, self._pieces, self._records = name, pieces, records
        notes = []
        head = next(pieces(), b"")  # kept, for a packed file takes a while to begin anew
        other = encoding or self._other_encoding(head)
        if other:
            text = decoded(b"".join(pieces()), other, name).encode()
            self._pieces, head = lambda: chunks(text), next(chunks(text), b"")
            notes += [] if encoding else [encoding_note(name, other)]
        form, where = "JSON Lines", None
        self._items: list[Any] | None = None  # of an array or an object; of lines None
        self._head = head = head.removeprefix(BOM)
        if head[:1024].lstrip()[:1] == b"[":
            form, self._items = "a JSON array", _array(self._whole(), name)
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
        for rows, place in self._rows(row_type, outer):
            values = {name: [getattr(row, key) for row in rows] for name, key in keys.items()}
            yield Part({column: _column(column, values) for column in columns}, len(rows), place)

    def _rows(self, row_type: Any, columns: Sequence[str] = ()) -> Iterator[tuple[list[Any], Callable[[int], str]]]:
        """Rows of a type, part by part, each with the place of its rows in words. columns: keys that no row may have twice."""
        if self._items is None:
            first = 1
            for piece in self._from_start():
                rows, place = _decode_lines(piece, self.name, first, row_type), _by_line(piece, self.name, first)
                if columns:
                    lines = pl.Series([line for line in piece.decode().split("\n") if line.strip()], dtype=pl.String)
                    require_once(lines, columns, self.name, place)
                yield rows, place
                first += piece.count(b"\n")
            return
        for start in range(0, len(self._items), BATCH):
            items = self._items[start : start + BATCH]
            rows, place = _decode_items(items, self.name, start, row_type), _by_item(self.name, start)
            raw = [bytes(item).decode() for item in items if isinstance(item, msgspec.Raw)]
            if columns and raw:
                require_once(pl.Series(raw, dtype=pl.String), columns, self.name, place)
            yield rows, place

    def _from_start(self) -> Iterator[bytes]:
        pieces = self._pieces()
        yield next(pieces, b"").removeprefix(BOM)
        yield from pieces

    def _whole(self) -> bytes:
        return b"".join(self._from_start())

    def _other_encoding(self, head: bytes) -> str | None:
        try:
            head.decode("utf-8")
            return other_encoding(head[:64])
        except UnicodeDecodeError:
            return other_encoding(head, b"".join(self._pieces()))

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


def json_rows(data: bytes | Iterator[bytes], name: str, row_type: Any) -> Iterator[list[Any]]:
    """The rows of a JSON array, or of JSON Lines in bounded parts. data: the whole, or pieces that end at a line's end."""
    pieces = data if isinstance(data, bytes) else b"".join(data)
    table = JsonTable(lambda: chunks(pieces), name)
    yield from (rows for rows, _ in table._rows(row_type))


def chunks(data: bytes) -> Iterator[bytes]:
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
        chunk.decode("utf-8")  # also in fields that are not used
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


def _array(data: bytes, name: str) -> list[msgspec.Raw]:
    """The items of an array, not decoded yet."""
    try:
        data.decode("utf-8")
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
