"""The stages that decide on a row by the row alone: one map, which may be done in parts, in any order, anywhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from builders.labels.records import Labels
from builders.ledger import row_hashes
from builders.recipes.model import Recipe
from builders.scores.file import Scores
from builders.stages.decontamination import Passages
from builders.stages.language import by_language
from builders.stages.outcome import Outcome, without
from builders.stages.pairs import repaired_pairs
from builders.stages.quality import by_quality
from builders.stages.repair import repaired
from builders.stages.review import reviewed
from builders.stages.scores import scored
from filters import Setting

Stage = Callable[[pl.DataFrame], Outcome]


@dataclass(frozen=True)
class RowWork:
    """All that is needed to decide on rows one by one.

    settings: see `quality.recipe_settings`. looked_for: passages of evaluation sets. labels, scores: those that the recipe names.
    repeated: rows that leave at once (see `sources.read.Read`).
    """

    recipe: Recipe
    settings: Mapping[str, Setting]
    looked_for: Passages | None = None
    labels: Labels | None = None
    scores: Scores | None = None
    repeated: pl.DataFrame | None = None

    def stages(self) -> tuple[tuple[str, Stage], ...]:
        """The stages by name, in order; each takes the rows that the one before leaves."""
        return (
            ("read", self._taken),
            ("repair", self._repaired),
            ("language", self._by_language),
            ("quality", self._by_quality),
        )

    def _taken(self, rows: pl.DataFrame) -> Outcome:
        if self.repeated is None:
            return Outcome(rows, hashes=_hashed(rows))
        drops = self.repeated.join(rows.select("row"), on="row", how="semi", maintain_order="left")
        return Outcome(without(rows, drops), drops, hashes=_hashed(rows))

    def _repaired(self, rows: pl.DataFrame) -> Outcome:
        repair = repaired_pairs if self.recipe.kind == "preferences" else repaired
        outcome = repair(rows, self.recipe.edits)
        assert outcome.edits is not None, "the repair stage notes edits"
        edited = outcome.edits.select("row").unique()
        return replace(outcome, hashes=_hashed(outcome.rows.join(edited, on="row", how="semi", maintain_order="left")))

    def _by_language(self, rows: pl.DataFrame) -> Outcome:
        return by_language(rows, self.recipe.language)

    def _by_quality(self, rows: pl.DataFrame) -> Outcome:
        people = reviewed(rows, self.labels) if self.labels else None
        asked = self.recipe.scores
        told = scored(rows, self.scores.rows, asked) if self.scores and asked else None
        outcome = by_quality(rows, self.settings, self.looked_for, people.rows if people else None, told)
        return replace(outcome, label_use=people.use if people else None)


def _hashed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("row", row_hashes(rows).str.decode("hex").alias("sha256"))
