"""What an audit counted: of a version, or of a raw file. `builders.reading.audit` fills these records."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from cards.audit.diversity import Repeated
from cards.audit.evidence import Evidence
from cards.audit.groups import DuplicateGroups, Leaks, PromptGroups
from cards.audit.kinds import Kinds
from cards.audit.scores import ScoreSpread
from cards.audit.tokens import Tokens
from cards.looks.look import Look
from cards.shared.records import Count, Counts, JsonObject, Measure, RuleCounts, StageCounts
from cards.statistics.listed import RowStatistics, Statistics


class Audit(Struct, frozen=True, kw_only=True):
    """Numbers of a version.

    version: its label. rules: what each did in the build. gold: how good each decision is on the gold rows. distinct: by
    field, shares of distinct n-grams. prompts: those with several answers. near_duplicate_threshold: near-duplicates that
    were removed, and how many would be at higher thresholds. tokens: where a tokenizer was given.
    license: None where the recipe does not state it. evidence: where labels were given. scores: where a model scored the
    rows. looks: what to look at.
    """

    version: str
    source_rows: Count
    kept: Count
    content_sha256: str
    recipe_sha256: str
    source: JsonObject
    stages: tuple[StageCounts, ...]
    rules: dict[str, RuleCounts]
    gold: dict[str, Measure]
    dropped: Count
    template: str
    license: str | None
    statistics: Statistics
    openings: Counts
    kinds: Kinds
    distinct: dict[str, dict[str, float]]
    repeated_answers: Repeated
    prompts: PromptGroups
    duplicates: DuplicateGroups
    near_duplicate_threshold: Counts
    leaks: Leaks
    tokens: Tokens | UnsetType = UNSET
    evidence: Evidence | UnsetType = UNSET
    scores: ScoreSpread | UnsetType = UNSET
    looks: list[Look] | UnsetType = UNSET

    @property
    def of_version(self) -> Literal[True]:
        """Rows were kept and dropped."""
        return True


class FileAudit(Struct, frozen=True, kw_only=True):
    """Numbers of rows as they are in a file, before any recipe. rules: what each would do by default."""

    file: str
    source: JsonObject
    rows: Count
    statistics: RowStatistics
    rules: dict[str, RuleCounts]
    openings: Counts
    kinds: Kinds
    distinct: dict[str, dict[str, float]]
    repeated_answers: Repeated
    prompts: PromptGroups
    tokens: Tokens | UnsetType = UNSET

    @property
    def of_version(self) -> Literal[False]:
        """Nothing was dropped."""
        return False

    @property
    def near_duplicate_threshold(self) -> Counts:
        """Near-duplicates are not looked for in a file."""
        return {}


AnyAudit = Audit | FileAudit
