"""What became of the rows of each language, where a version has several."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import UNSET, Struct, UnsetType

from builders.schema import SPLITS, language_of, several_languages, without_language
from cards.shared.records import Count, Counts
from cards.shared.tables import Cell, Table, share
from cards.statistics.counting import counts
from cards.statistics.origins import shares_by
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit


class InLanguage(Struct, frozen=True):
    """Source rows of one language; those of them that were kept, by split, and dropped, by rule."""

    rows: Count
    splits: Counts
    dropped: Counts

    @property
    def kept(self) -> int:
        """Rows that were kept."""
        return sum(self.splits.values())


def by_language(data: Counted) -> dict[str, InLanguage] | UnsetType:
    """Every language of the source by its code; UNSET where rows are of one. A row's id says which is its language."""
    if not several_languages(data.rows):
        return UNSET
    told = data.of_version().select("rule", "split", language=language_of(pl.col("id")))
    parts = {str(code): part for (code,), part in told.partition_by("language", as_dict=True).items()}
    return {
        code: InLanguage(part.height, counts(part["split"].drop_nulls()), counts(part["rule"].drop_nulls()))
        for code, part in sorted(parts.items())
    }


def shared_ids(data: Counted) -> int | UnsetType:
    """How many ids kept rows of more than one language have; UNSET where rows are of one. No two rows of a language share one."""
    if not several_languages(data.rows):
        return UNSET
    kept, id = data.of_version().filter(pl.col("status") == "kept"), pl.col("id")
    return kept.group_by(without_language(id, language_of(id))).len().filter(pl.col("len") > 1).height


def language_rows(found: dict[str, InLanguage]) -> Table:
    """A line for each language, on the card too."""
    splits = [name for name in SPLITS if any(name in one.splits for one in found.values())]
    rows: list[tuple[Cell, ...]] = [
        (code, one.rows, one.kept, share(one.kept, one.rows), *(one.splits.get(name, 0) for name in splits))
        for code, one in sorted(found.items())
    ]
    return Table("Rows by language", ("language", "source rows", "kept", "share", *splits), rows)


def _tables(found: dict[str, InLanguage], audit: "AnyAudit") -> Iterable[Table]:
    yield language_rows(found)
    yield from shares_by("language", {code: (one.rows, one.dropped) for code, one in found.items()})


BY_LANGUAGE = Statistic[dict[str, InLanguage] | UnsetType](
    "Where rows are of several languages: source rows of each, kept ones by split and dropped ones by rule.",
    by_language,
    tables=_tables,  # type: ignore[arg-type]
)
SHARED_IDS = Statistic[int | UnsetType](
    "Where rows are of several languages: ids that kept rows of more than one have, so that these rows are in one split.",
    shared_ids,
)
