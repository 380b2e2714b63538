"""Rows to read on the audit's page. `builders.reading.audit_rows` fills these records, `page.js` shows them."""

from msgspec import Struct

from cards.shared.words import Piece

Fields = dict[str, list[Piece]]  # instruction, input and output in pieces


class Duplicate(Struct, frozen=True):
    """The row that was kept in place of another. fields: the words that the other has not, marked."""

    id: str
    fields: Fields


class DroppedRow(Struct, frozen=True):
    """A row that was dropped, and why.

    first: the beginning of its instruction. fields: what the reason saw is marked; None where the source is not at hand.
    """

    id: str
    stage: str
    rule: str
    score: float | None
    evidence: str
    edits: str
    flags: str
    first: str
    fields: Fields | None
    duplicate_of: Duplicate | None


class ShownRow(Struct, frozen=True):
    """A row as the model sees it; of a raw file, as it is. about: its split, flags and edits, in words."""

    id: str
    about: str
    first: str
    prompt: str
    completion: str


class RowsToRead(Struct, frozen=True):
    """Some dropped rows, some kept ones, and why text is missing, if it is."""

    dropped: list[DroppedRow]
    kept: list[ShownRow]
    note: str | None
