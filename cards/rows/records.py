"""What is shown of single rows, as `--json` names it. `builders.reading` fills these records."""

from msgspec import Struct

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


class KeptRow(Texts, frozen=True, kw_only=True):
    """A row of a version. prompt, completion: text, or the turns of a chat."""

    origin: str
    prompt: str | list[Message]
    completion: str | list[Message]
    split: str


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
    instead. Without the source, what follows from it is None, and note says why it is missing.
    """

    source_sha256: str
    row_sha256: str
    source: Texts | None = None
    repaired: Texts | None = None
    rules: list[RuleScore] | None = None
    language: RowLanguage | None = None
    note: str | None = None
    row: KeptRow | None = None
    duplicate_row: Texts | None = None


class SelectedRow(Entry, frozen=True, kw_only=True):
    """A row in a list: its entry in the ledger, and its text after repair; None where that is not at hand."""

    instruction: str | None
    input: str | None
    output: str | None

    def fields(self) -> dict[str, str]:
        """The text of each field that is at hand."""
        texts = {field: getattr(self, field) for field in FIELDS}
        return {field: text for field, text in texts.items() if text is not None}
