"""Records in JSON files that may come from anyone: read once, bounded in size and depth, every field checked; and written.

KIND = RecordKind("the manifest of a version", Manifest, look=_Look, format=FORMAT, again=…, anew=…)
manifest = parse_record(KIND, data, "versions/demo/v1.0.0/manifest.json")
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from pydantic import BaseModel, ValidationError

from builders.errors import Invalid, OtherFormat

LARGEST = 64 << 20  # bytes of a record that is read; ours have about 20 kB
Record = TypeVar("Record", bound=Struct)


class Look(Struct, frozen=True):
    """What every record of a kind has had, in whatever format. Each kind adds its own fields."""

    format: int


class NotARecord(Invalid):
    """A file that does not even look like a record of its kind."""


@dataclass(frozen=True)
class RecordKind(Generic[Record]):
    """A kind of record: what it is and how it is called, and what to do about one that cannot be used.

    what: as messages call it. record: its type. look: what tells one of ours, in whatever format, from something else. again:
    what to do about a broken one. anew: what to do about one in an older format.
    """

    what: str
    record: type[Record]
    look: type[Look]
    format: int
    again: str
    anew: str


def read_record(kind: RecordKind[Record], path: Path, where: str = "") -> Record:
    """Read and check a record's file, called `where` in errors. Raises FileNotFoundError, and otherwise as `parse_record`."""
    where = where or str(path)
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        if (size := path.stat().st_size) > LARGEST:
            raise NotARecord(f"{where}: too large to be {kind.what} ({size:,} bytes)", kind.again)
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Invalid(f"{where}: cannot be read ({error.strerror})", kind.again) from None
    return parse_record(kind, data, where)


def parse_record(kind: RecordKind[Record], data: bytes, where: str) -> Record:
    """Check the bytes of a record. Raises NotARecord, Invalid (naming `where` and the field) or OtherFormat."""
    try:
        look = msgspec.json.decode(data, type=kind.look)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NotARecord(f"{where}: not {kind.what} ({reason(error)})", kind.again) from None
    if look.format != kind.format:
        hint = "upgrade aguila-data" if look.format > kind.format else kind.anew
        raise OtherFormat(f"{where}: written in format {look.format}, this software reads {kind.format}", hint)
    try:
        record = msgspec.json.decode(data, type=kind.record, dec_hook=_recipe_part)
        json.loads(data, object_pairs_hook=_single)  # msgspec takes the last of two values for a key
        return record
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"{where}: not sound ({reason(error)})", kind.again) from None


def to_json(record: Any) -> str:
    """A record, or plain values with records in them, as JSON is written here: keys sorted, two spaces, one line end."""
    return json.dumps(plain(record), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def plain(record: Any) -> Any:
    """A record as plain values (mappings, lists, strings, numbers), ready for JSON."""
    return msgspec.json.decode(msgspec.json.encode(record, enc_hook=_plain))


def reason(error: Exception) -> str:
    """The decoder's complaint in a few words, without the value that it complains of."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error.__cause__, ValidationError):  # a part that the recipe's models read
        first = error.__cause__.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(('recipe', *map(str, first['loc'])))}: {first['msg'].removeprefix('Value error, ')}"
    if "at `key` in `$.files`" in str(error):  # msgspec has one class for all that it complains of
        return "it names a file that cannot belong to it"
    return re.sub(r"[^\x20-\x7e]+", " ", str(error))[:200]


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which every key is given once. Raises ValueError for one that is given twice."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"key {key[:80]!r} is given twice")
        values[key] = value
    return values


def _recipe_part(kind: type[BaseModel], value: Any) -> BaseModel:
    """The parts of a record that the recipe's own models read (msgspec's hook for types that are not its own)."""
    return kind.model_validate(value)


def _plain(value: Any) -> Any:
    """A recipe's part as plain values (msgspec's hook for types that are not its own)."""
    if value is msgspec.UNSET:
        return None
    if isinstance(value, Mapping):
        return dict(value)
    return value.model_dump(mode="json")
