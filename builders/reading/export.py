"""Rows of a version in a form that other tools read; our own reader reads each of them again."""

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from builders.errors import Conflict, Exhausted, Invalid, NotFound
from builders.reading.select import Wanted, select
from builders.schema import LANGUAGE, SOURCE_COLUMNS, Split, Status
from builders.versions.version import Version

Format = Literal["alpaca", "sharegpt", "messages", "csv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
TABLES: tuple[Format, ...] = ("csv", "jsonl", "parquet")  # the others have the keys of their tools alone


@dataclass(frozen=True)
class Exported:
    """What was written: the file, its format, how many rows."""

    path: str
    format: Format
    rows: int


def export(
    version: Version,
    path: Path,
    format: Format,
    registry: Path,
    status: Status = "kept",
    split: Split | None = None,
    where: str | None = None,
) -> Exported:
    """Write kept or dropped rows of a version into a file, in natural id order, with their text after repair.

    alpaca: a JSON array of instruction, input, output; sharegpt: a JSON array of conversations (from, value); messages: JSON
    Lines of messages (role, content); a conversation's question is instruction and input with a blank line between. Every row
    has its id; of several languages, those of csv, jsonl and parquet also have their language. where: the source's place now, for
    the text of dropped rows. Raises Conflict for a file that exists, Invalid where no row is wanted, NotFound where the source
    of dropped rows is not at hand.
    """
    if version.recipe.kind == "preferences":
        raise Invalid(
            f"{version.label}: holds pairs of answers, and these formats hold one answer a row",
            "take its data/*.parquet, which has prompt, chosen and rejected (`load_dataset` reads it)",
        )
    if split and status == "dropped":
        raise Invalid("dropped rows are in no split", "leave out the split, or take kept rows")
    if os.path.lexists(path):  # before the work, not after it
        raise _exists(path)
    found = select(version, Wanted(status=status, split=split), registry, where, limit=version.manifest.source_rows)
    if found.note:
        raise NotFound(f"{version.label}: dropped rows cannot be written: {found.note}", "say where it is with --from")
    if not found.rows:
        raise Invalid(f"{version.label}: has no {status} rows", "take the others")
    rows = [{key: getattr(row, key) for key in SOURCE_COLUMNS} for row in found.rows]
    if version.recipe.language.several and format in TABLES:
        rows = [row | {LANGUAGE.name: row["id"].partition("-")[0]} for row in rows]
    _write(path, WRITERS[format](rows))
    return Exported(str(path), format, len(rows))


Rows = list[dict[str, str]]


def _conversation(row: dict[str, str]) -> tuple[str, str]:
    question = f"{row['instruction']}\n\n{row['input']}" if row["input"] else row["instruction"]
    return question, row["output"]


def _sharegpt(rows: Rows) -> bytes:
    made = []
    for row in rows:
        question, answer = _conversation(row)
        turns = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
        made.append({"id": row["id"], "conversations": turns})
    return _array(made)


def _messages(rows: Rows) -> bytes:
    made = []
    for row in rows:
        question, answer = _conversation(row)
        turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        made.append({"id": row["id"], "messages": turns})
    return _lines(made)


def _array(rows: Sequence[Mapping[str, object]]) -> bytes:
    """A JSON array with a row a line, so that two exports can be compared by lines."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n".encode()


def _lines(rows: Sequence[Mapping[str, object]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()


def _parquet(rows: Rows) -> bytes:
    file = io.BytesIO()
    pl.DataFrame(rows, dict.fromkeys(rows[0], pl.String)).write_parquet(file)
    return file.getvalue()


WRITERS: dict[Format, Callable[[Rows], bytes]] = {
    "alpaca": _array,
    "sharegpt": _sharegpt,
    "messages": _messages,
    "csv": _csv,
    "jsonl": _lines,
    "parquet": _parquet,
}


def _write(path: Path, data: bytes) -> None:
    """A new file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise Exhausted(
            f"{path}: cannot be written ({error.strerror})", "choose another --out, or free space"
        ) from None


def _exists(path: Path) -> Conflict:
    return Conflict(f"{path}: exists", "choose another name, or remove it")
