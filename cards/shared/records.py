"""Counts that cards and pages show of a version, and that its manifest records."""

from typing import Annotated

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0, le=2**53)]
Word = Annotated[str, Meta(max_length=200)]
Counts = dict[str, Count]  # how often something occurs, by its name
JsonObject = dict[str, object]  # a document of a format that others define, ready for JSON or YAML


class StageCounts(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows before and after one stage."""

    stage: Word
    rows_in: Count
    rows_out: Count


class RuleCounts(Struct, frozen=True, forbid_unknown_fields=True):
    """How one rule was applied, and how many rows it dropped, flagged and signalled."""

    version: Count
    verdict: Word
    threshold: float
    drops: Count
    flags: Count
    signals: Count


class Measure(Struct, frozen=True, forbid_unknown_fields=True):
    """Counts of one decision on the gold rows: caught rightly, caught wrongly, missed."""

    true_positives: Count
    false_positives: Count
    false_negatives: Count

    @property
    def caught(self) -> int:
        """Rows that were caught, rightly or not."""
        return self.true_positives + self.false_positives

    @property
    def defective(self) -> int:
        """Rows that have the defect."""
        return self.true_positives + self.false_negatives

    @property
    def precision(self) -> float | None:
        """Share of what was caught that has the defect; None when nothing was caught."""
        return self.true_positives / self.caught if self.caught else None

    @property
    def recall(self) -> float | None:
        """Share of the rows with the defect that were caught; None when no row has it."""
        return self.true_positives / self.defective if self.defective else None


class FileSize(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of the Parquet files of a split, their bytes in memory (Arrow) and on disk."""

    rows: Count
    num_bytes: Count
    file_bytes: Count
