"""The parts of a recipe that only pairs of answers have: where they come from, and which are kept."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from builders.identifiers import Sha256
from builders.recipes.base import Frozen, listed
from builders.recipes.sources import DemoSource, FileSource, HubSource, Limits, ParallelFile, ParallelHub, VersionSource


class PairColumns(Frozen):
    """Which column of a preference dataset holds what; a column inside another by a dotted path.

    Texts, or lists of messages (`role`, `content`). Of the columns that may be null, those of these names are read where
    they are there.

    prompt: the column with what is asked; null where `chosen` and `rejected` are whole conversations. input: the column with
    what it is about. chosen: the column with the better answer. rejected: the column with the worse one. id: the column with
    ids; without it they are made of the content. parent: the column with the id of the row that a pair comes from.
    reason: the column that says why the better answer is better. chosen_score: the column with the better answer's score.
    rejected_score: the column with the worse one's. answer: of a dataset with one rated answer a row, the column with it; rows
    of one prompt make a pair of the best and the worst. score: the column with its score.
    """

    prompt: str | None = "prompt"
    input: str | None = "input"
    chosen: str = "chosen"
    rejected: str = "rejected"
    id: str | None = "id"
    parent: str | None = "parent"
    reason: str | None = "reason"
    chosen_score: str | None = "chosen_score"
    rejected_score: str | None = "rejected_score"
    answer: str | None = None
    score: str | None = None

    @model_validator(mode="after")
    def _rated(self) -> Self:
        if (self.answer is None) != (self.score is None):
            raise ValueError("rated answers need both columns: answer and score")
        return self


class PairsDemo(Frozen):
    """The pairs embedded in this package.

    kind: which kind of source this is. sha256: hash of the embedded file; filled in by the build.
    """

    kind: Literal["demo-preferences"] = "demo-preferences"
    sha256: Sha256 | None = None


class PairsFile(Limits, ParallelFile):
    """Pairs, or rated answers, of a file on disk."""

    kind: Literal["preference-file"] = "preference-file"  # type: ignore[assignment]
    columns: PairColumns = PairColumns()  # type: ignore[assignment]


class PairsHub(Limits, ParallelHub):
    """Pairs, or rated answers, of one file or split of a Hub dataset at a pinned commit."""

    quiet: ClassVar[frozenset[str]] = ParallelHub.quiet | Limits.quiet
    kind: Literal["preference-hub"] = "preference-hub"  # type: ignore[assignment]
    columns: PairColumns = PairColumns()  # type: ignore[assignment]


class SamePromptSource(Frozen):
    """Answers to one prompt among a source's rows (what dedup calls `same_prompt`): the best and the worst make a pair.

    kind: which kind of source this is. rows: the source of the rows.
    """

    kind: Literal["same-prompt"] = "same-prompt"
    rows: Annotated[DemoSource | FileSource | HubSource | VersionSource, Field(discriminator="kind")]


class AnswersSource(ParallelFile):
    """A version's rows, each with its answer as the better one and a model's as the worse one.

    The file has a line of JSON for each answer: `id` of the row, `answer`, `stopped` (`end` or `length`), `adapter`, `seed`,
    `temperature`.

    rows: the version that was asked.
    """

    kind: Literal["answers"] = "answers"  # type: ignore[assignment]
    columns: ClassVar[None] = None  # type: ignore[assignment,misc]
    rows: VersionSource


class Preferences(Frozen):
    """Which pairs are kept.

    near: the Jaccard index of the two answers' word n-grams from which they are nearly the same text. ngram: words of an
    n-gram. min_margin: the difference of scores under which a pair is dropped; equal scores always are. held_out: versions
    whose validation and test prompts never become training pairs: a pair with such a prompt takes its split.
    """

    near: Annotated[float, Field(gt=0.0, le=1.0)] = 0.9
    ngram: Annotated[int, Field(ge=1, le=10)] = 2
    min_margin: Annotated[float, Field(ge=0.0)] = 0.0
    held_out: tuple[VersionSource, ...] = ()

    @field_validator("held_out", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return listed(value)


PairSource = PairsDemo | PairsFile | PairsHub | SamePromptSource | AnswersSource
Source = Annotated[
    DemoSource
    | FileSource
    | HubSource
    | VersionSource
    | PairsDemo
    | PairsFile
    | PairsHub
    | SamePromptSource
    | AnswersSource,
    Field(discriminator="kind"),
]


def require_source_of(kind: str, source: Frozen) -> None:
    """Raises ValueError for a source of other rows than a recipe's kind."""
    pairs = isinstance(source, PairSource)
    if pairs and kind != "preferences":
        raise ValueError(f"source.kind {getattr(source, 'kind', '')} gives pairs of answers; add kind: preferences")
    if not pairs and kind == "preferences":
        kinds = "demo-preferences, preference-file, preference-hub, same-prompt, answers"
        raise ValueError(f"kind: preferences needs a source of pairs; source.kind is one of {kinds}")
