"""Rows in a list: what became of each, and its text with the evidence highlighted."""

import sys
from collections.abc import Iterator, Sequence

from cards.rows.records import SelectedRow
from cards.shared.terminal import safe_line, show
from cards.shared.words import Piece, marked

LONG = 700  # characters of a field that a list of rows shows


def show_rows(rows: Sequence[SelectedRow], whole: bool = False) -> None:
    """Print rows as blocks; whole: long texts, too."""
    terminal = sys.stdout.isatty()
    for at, row in enumerate(rows):
        show(*([[]] if at else []), *row_lines(row, terminal, whole))


def row_lines(row: SelectedRow, terminal: bool, whole: bool = False) -> Iterator[list[Piece]]:
    """A row as lines of pieces; on a terminal with its line breaks, elsewhere one line per field. whole: nothing is cut."""
    decision = "" if row.score is None else f", score {row.score:.2f}"
    decision += "" if row.duplicate_of is None else f", duplicate of {safe_line(row.duplicate_of)}"
    color = "loud" if row.status == "dropped" else "good"
    yield [("title", safe_line(row.id)), (color, f"  {safe_line(row.outcome())}"), ("", decision)]
    if row.evidence:
        yield [("label", "  evidence: "), ("evidence", safe_line(row.evidence))]
    for key, names in (("edits", row.edits), ("flags", row.flags)):
        if names:
            yield [("label", f"  {key}: "), ("", safe_line(", ".join(names)))]
    for field, text in row.fields().items():
        pieces = marked(text, row.pieces())
        shown = pieces if whole else _cut(pieces)
        if not terminal:
            text_shown = "".join(said for what, said in shown if what != "dim")
            yield [("label", f"  {field}: "), ("", repr(text_shown)), *(one for one in shown if one[0] == "dim")]
        elif text:
            yield [("label", f"  {field}: "), *shown]


def _cut(pieces: Sequence[Piece]) -> list[Piece]:
    """The beginning of a long text, as far as its last evidence at least; and how much more there is."""
    length = sum(len(text) for _, text in pieces)
    last = max((at for at, (what, _) in enumerate(pieces) if what == "evidence"), default=-1)
    room = max(LONG, sum(len(text) for _, text in pieces[: last + 1]))
    if length <= room + 100:
        return list(pieces)
    shown: list[Piece] = []
    for what, text in pieces:
        shown.append((what, text[:room]))
        room -= len(shown[-1][1])
    left = length - sum(len(text) for _, text in shown)
    return [*shown, ("dim", f" … {left:,} characters more (--whole)")]
