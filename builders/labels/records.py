"""What a label is, and many of them: one line of JSON each, in natural id order, pinned by the hash of those lines.

    {"id":"alpaca-7","row_sha256":"3f…","verdict":"drop","defects":["refusal"],"note":""}

A label is of a row as it is after repair (`row_sha256` of the ledger), and of nothing else: no rule, no score, no version.
A line without a verdict is a row that waits to be judged.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import polars as pl
from msgspec import Meta, Struct

from builders.errors import Conflict
from builders.identifiers import SHA256, whole
from builders.sources.order import natural_keys

Judgement = Literal["keep", "drop", "fix"]
BAD: tuple[Judgement, ...] = ("drop", "fix")  # the row, as it is, is not fit to learn from
SCHEMA = {"id": pl.String, "row_sha256": pl.String, "verdict": pl.String, "defects": pl.String}


class Label(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What was judged of one row.

    id: the row's id. row_sha256: its hash as the ledger records it after repair. verdict: keep, drop or fix (worth keeping,
    not as it is); null while it waits. defects: what is wrong, by the name of a rule where one looks for it. note: free
    words. stratum: the part of a version that it was drawn from by hash (see `queue.py`), "" where nobody knows. of: how many
    rows that part has; 0 where nobody knows. instruction, input, output: the row's text, where it was asked for; never
    recorded in a version.
    """

    id: Annotated[str, Meta(min_length=1, max_length=1000)]
    row_sha256: Annotated[str, Meta(pattern=whole(SHA256))]
    verdict: Judgement | None = None
    defects: tuple[Annotated[str, Meta(max_length=200)], ...] = ()
    note: Annotated[str, Meta(max_length=10_000)] = ""
    stratum: Annotated[str, Meta(max_length=200)] = ""
    of: Annotated[int, Meta(ge=0, le=2**53)] = 0
    instruction: str | None = None
    input: str | None = None
    output: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The row that is meant: its id and what it was."""
        return self.id, self.row_sha256


@dataclass(frozen=True)
class Labels:
    """Labels of one file or several, each row once, in natural id order. waiting: how many rows had no verdict yet."""

    labels: tuple[Label, ...]
    waiting: int = 0

    def canonical(self) -> bytes:
        """The judged rows as JSON Lines, without their text: what a version holds, and what is hashed."""
        return b"".join(msgspec.json.encode(bare(label)) + b"\n" for label in self.labels)

    def sha256(self) -> str:
        """The hash of the canonical lines, whatever file they were read from."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def frame(self) -> pl.DataFrame:
        """`id`, `row_sha256`, `verdict`, `defects` (in one text) of every label."""
        rows = [(label.id, label.row_sha256, label.verdict, ", ".join(label.defects)) for label in self.labels]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")


class LabelUse(Struct, frozen=True, forbid_unknown_fields=True):
    """What a build made of its labels.

    labels: how many it was given. used: those whose row is as it was judged. changed: those whose row is another now; they
    decide nothing. absent: those whose row was not there when labels are looked at: not in the source, or gone before.
    """

    labels: Annotated[int, Meta(ge=0)]
    used: Annotated[int, Meta(ge=0)]
    changed: Annotated[int, Meta(ge=0)]
    absent: Annotated[int, Meta(ge=0)]


def bare(label: Label) -> Label:
    """A label without the row's text."""
    return msgspec.structs.replace(label, instruction=None, input=None, output=None)


def merged(parts: list[tuple[str, list[Label]]]) -> Labels:
    """Labels of several files as one set. parts: each file's name and labels.

    The same verdict twice is one label, with the defects of both. Raises Conflict, naming the row, the verdicts and the files,
    where two files (or two lines of one) judge the same row differently.
    """
    found: dict[tuple[str, str], tuple[str, Label]] = {}
    clashes = []
    for name, labels in parts:
        for label in labels:
            if label.verdict is None:
                continue
            first, known = found.setdefault(label.key, (name, label))
            if known.verdict != label.verdict:
                clashes.append(f"{label.id!r} is {known.verdict} in {first} and {label.verdict} in {name}")
            elif known is not label:
                defects = tuple(dict.fromkeys((*known.defects, *label.defects)))
                found[label.key] = first, msgspec.structs.replace(known, defects=defects)
    if clashes:
        more = f" (and {len(clashes) - 1:,} more)" if len(clashes) > 1 else ""
        raise Conflict(f"labels contradict each other: row {clashes[0]}{more}", "settle them, then run again")
    judged = [label for _, label in found.values()]
    waiting = {label.key for _, labels in parts for label in labels} - found.keys()
    ids = pl.Series([label.id for label in judged], dtype=pl.String)
    keys = pl.DataFrame({"place": range(len(judged)), "row_sha256": [one.row_sha256 for one in judged]})
    order = keys.sort([*natural_keys(ids), "row_sha256"])["place"].to_list() if judged else []
    return Labels(tuple(judged[place] for place in order), len(waiting))


def by_verdict(labels: Labels) -> dict[str, int]:
    """How many labels have each verdict."""
    return dict(sorted(Counter(str(label.verdict) for label in labels.labels).items()))
