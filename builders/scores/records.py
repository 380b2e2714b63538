"""What a file of scores holds: a line that says what was scored by what, then one line a row, in natural id order.

{"format":1,"version":"demo@1.0.0","content_sha256":"…","template":"instruccion","base":{…},"max_length":2048,…}
{"id":"demo-1","row_sha256":"3f…","loss":1.2345,"loss_alone":2.3456,"ratio":0.5263,"tokens":41}
"""

from typing import Annotated, Any

import msgspec
import polars as pl
from msgspec import Meta, Struct

from builders.identifiers import COMMIT, SHA256, whole

FORMAT = 1
DIGITS = 6  # of a loss: more would only tell one machine from another
Loss = Annotated[float, Meta(ge=0, le=1_000_000)]
Hash = Annotated[str, Meta(pattern=whole(SHA256))]


class ScoredBy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The model that scored: a repository of the Hub at a commit, or a folder by its name and its fingerprint."""

    name: Annotated[str, Meta(max_length=200)]
    repo: Annotated[str, Meta(max_length=200)] | None
    revision: Annotated[str, Meta(pattern=whole(COMMIT))] | None
    sha256: Hash | None

    @property
    def label(self) -> str:
        """The model in a word, for people."""
        return f"{self.repo}@{str(self.revision)[:12]}" if self.repo else self.name


class Scoring(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How rows were scored.

    version, content_sha256: the version whose rows they are. template: how its prompts are written. base: the model.
    max_length: tokens that prompt and answer have room for together. precision: of the model's weights.
    """

    format: int = FORMAT
    version: Annotated[str, Meta(max_length=400)]
    content_sha256: Hash
    template: Annotated[str, Meta(max_length=200)]
    base: ScoredBy
    max_length: Annotated[int, Meta(ge=2)]
    precision: Annotated[str, Meta(max_length=20)]


class Score(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How hard a row's answer is for the model.

    id, row_sha256: the row, as the ledger names it after repair. loss: mean loss of the answer's tokens, its end of text among
    them, after the prompt. loss_alone: the same after nothing but a beginning of text. ratio: loss over loss_alone, the
    instruction-following difficulty of Li et al., "From Quantity to Quality" (2023): from 1 on the instruction does not
    help. tokens: of the answer.
    """

    id: Annotated[str, Meta(min_length=1, max_length=1000)]
    row_sha256: Hash
    loss: Loss
    loss_alone: Loss
    ratio: Loss
    tokens: Annotated[int, Meta(ge=1)]

    @classmethod
    def of(cls, id: str, row_sha256: str, loss: float, loss_alone: float, tokens: int) -> "Score":
        """A row's score, rounded; a ratio to nothing is 0."""
        ratio = loss / loss_alone if loss_alone else 0.0
        losses = {
            name: round(value, DIGITS) for name, value in (("loss", loss), ("loss_alone", loss_alone), ("ratio", ratio))
        }
        return cls(id=id, row_sha256=row_sha256, tokens=tokens, **losses)


SCHEMA: dict[str, Any] = {
    "id": pl.String,
    "row_sha256": pl.String,
    "loss": pl.Float64,
    "loss_alone": pl.Float64,
    "ratio": pl.Float64,
    "tokens": pl.Int64,
}


def line(record: Struct) -> bytes:
    """A record as its line."""
    return msgspec.json.encode(record) + b"\n"
