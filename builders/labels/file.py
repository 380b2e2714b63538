"""Labels are read: JSON Lines or CSV, one file or a folder of them, from a page, another tool or a person's hand."""

import json
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from builders.errors import Changed, Conflict, Invalid, NotFound, clipped
from builders.labels.records import Label, Labels, merged
from builders.records import reason
from builders.sources.formats import USUAL, opened
from builders.sources.formats.csv_rows import CsvTable
from builders.sources.formats.long_lines import no_key
from builders.sources.read import file_bytes
from filters import all_rules

EXPECTED = "labels with id, row_sha256, verdict"
NAME = "labels.jsonl"  # what a version calls them
LONGEST = 10_000_000  # characters of a line
MISSPELT = 0.85  # how like the name of a rule a defect may not be, by difflib's ratio: one letter too many in seven
OPTIONAL = ("note", "stratum", "instruction", "input", "output")  # columns of a CSV that are text and may be left out


def read_labels(path: Path, pinned: str | None = None) -> Labels:
    """The labels of a file, or of every file in a folder, in the order of their names.

    pinned: the hash that they must have (see `Labels.sha256`). Raises NotFound for a path that is not there, Invalid, naming
    file and line, for what is no label, Conflict where two contradict each other, and Changed for other labels than the
    pinned ones. What is pinned is taken as it is; else a misspelt defect is refused, as by `merge_labels`.
    """
    labels = merge_labels([path]) if pinned is None else _merged([path])
    if pinned not in (None, labels.sha256()):
        raise Changed(
            f"{path}: other labels than the recipe pins (sha256 {labels.sha256()[:12]}…, expected {str(pinned)[:12]}…)",
            "use the pinned labels, or remove labels.sha256 to use these",
        )
    return labels


def merge_labels(paths: Sequence[Path]) -> Labels:
    """The labels of several files and folders as one set.

    Raises as `read_labels` does; Invalid where nothing was judged, and for a defect that is nearly the name of a rule: a kind of
    one's own needs another name.
    """
    labels = _merged(paths)
    rules = all_rules()
    for label in labels.labels:
        for defect in label.defects:
            near = [] if defect in rules else get_close_matches(defect, rules, 1, MISSPELT)
            if near:
                raise Invalid(
                    f"{', '.join(map(str, paths))}: row {label.id}: unknown defect {clipped(defect)!r}; did you mean {near[0]}?",
                    "a kind of your own needs a name that is less like a rule's",
                )
    return labels


def _merged(paths: Sequence[Path]) -> Labels:
    files = [one for path in paths for one in _files(path)]
    names = Counter(one.name for one in files)
    called = {one: one.name if names[one.name] == 1 else str(one) for one in files}  # two people may use one name
    labels = merged([(name, labels_in(file_bytes(one), name)) for one, name in called.items()])
    if not labels.labels:
        raise Invalid(
            f"{', '.join(map(str, paths))}: no label in it has a verdict",
            "judge rows first: keep, drop or fix in `verdict`",
        )
    return labels


def labels_in(data: bytes, name: str) -> list[Label]:
    """Every line of a file of labels, those that wait too. Raises Invalid, naming the line, for anything else."""
    with no_key():
        ending, content = opened(data, name, EXPECTED)
        table = CsvTable(content, name, USUAL[ending]) if ending in USUAL else None
    if table:
        return _from_cells(table.columns, table.rows, name)
    if ending not in (".jsonl", ".ndjson"):
        raise Invalid(f"{name}: labels are JSON Lines or CSV", "save them as .jsonl or .csv")
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    return [_decoded(line, f"{name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _files(path: Path) -> list[Path]:
    """The files that a path stands for."""
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.iterdir() if one.suffix in (".jsonl", ".ndjson", *USUAL) and one.name[0] != ".")
    if not found:
        raise NotFound(f"{path}: no labels in this folder", "labels are .jsonl or .csv files")
    return found


def _decoded(line: bytes, where: str) -> Label:
    if len(line) > LONGEST:
        raise Invalid(f"{where}: too long for a label ({len(line):,} bytes)", "correct it there")
    try:
        values = json.loads(line, object_pairs_hook=_single)
        if isinstance(values, dict) and values.get("verdict") == "":
            values["verdict"] = None
        return msgspec.convert(values, Label)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise Invalid(f"{where}: not a label ({reason(error)})", "correct it there") from None


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key is given twice")
    return values


def _from_cells(header: list[str], rows: list[list[str]], name: str) -> list[Label]:
    """Labels of a CSV: defects in one cell, separated by commas or semicolons."""
    strange = sorted(set(header) - {*Label.__struct_fields__})
    if strange or not {"id", "row_sha256", "verdict"} <= set(header):
        said = f"no label has {strange[0]!r}" if strange else f"it has {', '.join(header)}"
        raise Invalid(f"{name}: not the columns of labels ({said})", "name them id, row_sha256, verdict, defects, note")
    return [_of_cells(dict(zip(header, row, strict=True)), f"{name}, row {at}") for at, row in enumerate(rows, 2)]


def _of_cells(cells: dict[str, str], where: str) -> Label:
    defects = [part.strip() for part in cells.get("defects", "").replace(";", ",").split(",")]
    values: dict[str, Any] = {
        "id": cells["id"],
        "row_sha256": cells["row_sha256"].strip().lower(),
        "verdict": cells["verdict"].strip().lower() or None,
        "defects": [part for part in defects if part],
        **{key: cells[key] for key in OPTIONAL if cells.get(key)},
    }
    if of := cells.get("of", "").strip():
        values["of"] = int(of) if of.isascii() and of.isdigit() else of
    try:
        return msgspec.convert(values, Label)
    except (msgspec.ValidationError, ValueError) as error:
        raise Invalid(f"{where}: not a label ({reason(error)})", "correct it there") from None


def write_labels(path: Path, labels: list[Label]) -> None:
    """Write labels into a new file. Raises Conflict where there is one, for somebody may have judged its rows."""
    try:
        with path.open("xb") as file:
            file.write(written(labels))
    except FileExistsError:
        raise Conflict(f"{path}: exists, and may hold verdicts", "choose another --out, or move it away") from None


def written(labels: list[Label]) -> bytes:
    """Labels as JSON Lines, with a verdict in every line (null where it waits), so that people see what to fill in."""
    lines = []
    for label in labels:
        values = {"id": label.id, "row_sha256": label.row_sha256, "verdict": label.verdict, "defects": label.defects}
        values |= {"note": label.note, **msgspec.to_builtins(label)}
        lines.append(msgspec.json.encode(values) + b"\n")
    return b"".join(lines)
