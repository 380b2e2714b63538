"""What is shown of single rows, as `--json` names it. `builders.reading` fills these records."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType, convert

from builders.schema import FIELDS
from cards.shared.entries import Entry


class Texts(Struct, frozen=True, kw_only=True):
    """A row's text."""

    id: str
    instruction: str
    input: str
    output: str

    def fields(self) -> dict[str, str]:
        """The text of each field."""
        return {field: getattr(self, field) for field in FIELDS}


class Message(Struct, frozen=True):
    """One turn of a chat."""

    role: str
    content: str


class OtherSide(Struct, frozen=True, kw_only=True):
    """What a pair of answers has beside its better one.

    parent: the row that the pair came from. rejected_output: the worse answer. rejected: the same in the version's template.
    chosen_origin, rejected_origin: where the two come from. margin: by how much the better one's score is higher, if it has one.
    reason: why it is better, if that is known.
    """

    parent: str
    rejected_output: str
    rejected: str | list[Message]
    chosen_origin: str
    rejected_origin: str
    margin: float | None
    reason: str


class KeptRow(Texts, frozen=True, kw_only=True):
    """A row of a version. prompt, completion: text, or the turns of a chat; of a pair, completion is the better answer.

    pair: of a pair of answers, the rest of it.
    """

    origin: str
    prompt: str | list[Message]
    completion: str | list[Message]
    split: str
    pair: OtherSide | UnsetType = UNSET

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "KeptRow":
        """A row of a version's files, of whatever kind."""
        if "rejected" not in row:
            return convert(row, cls)
        return convert({**row, "completion": row["chosen"], "pair": convert(row, OtherSide)}, cls)


class Reason(Struct, frozen=True):
    """Why a decision was made, or a flag set.

    rule: its name. reason: what it means. version, verdict, threshold: of a rule, as the version applied it; None of other
    decisions. caught, spared: of a rule, the instruction and answer of a row each.
    """

    rule: str
    reason: str
    version: int | None = None
    verdict: str | None = None
    threshold: float | None = None
    caught: tuple[str, str] | None = None
    spared: tuple[str, str] | None = None


class RuleScore(Struct, frozen=True):
    """What one rule thought of a row: its score, where it would act, and what it saw."""

    rule: str
    score: float
    threshold: float
    action: str
    evidence: str | None


class RowLanguage(Struct, frozen=True):
    """The languages of a row's question and answer ("es", "other" or "undetermined"), and what the detectors said."""

    question: str
    question_score: float
    question_evidence: str
    answer: str
    answer_score: float
    answer_evidence: str


class Story(Entry, frozen=True, kw_only=True):
    """A row's entry in the ledger, and the story behind it.

    source: as read. repaired: after repair. row: of a kept row, what the version holds. duplicate_row: the row that was kept
    instead. reasons: what the decision and each flag mean. Without the source, what follows from it is None, and note says why it
    is missing.
    """

    source_sha256: str
    row_sha256: str
    source: Texts | None = None
    repaired: Texts | None = None
    rules: list[RuleScore] | None = None
    language: RowLanguage | None = None
    note: str | None = None
    reasons: tuple[Reason, ...] = ()
    row: KeptRow | None = None
    duplicate_row: Texts | None = None


class SelectedRow(Entry, frozen=True, kw_only=True):
    """A row in a list: its entry in the ledger, and its text after repair; None where that is not at hand.

    rejected_output: of a pair, the worse answer.
    """

    instruction: str | None
    input: str | None
    output: str | None
    rejected_output: str | UnsetType | None = UNSET

    def fields(self) -> dict[str, str]:
        """The text of each field that is at hand."""
        texts = {field: getattr(self, field) for field in (*FIELDS, "rejected_output")}
        return {field: text for field, text in texts.items() if isinstance(text, str)}
