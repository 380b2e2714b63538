"""The part of a recipe that names evaluation sets, which a version must not hold."""

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from builders.identifiers import Commit, Repository, Sha256
from builders.recipes.base import Frozen, listed


class EvaluationSet(Frozen):
    """One file of text that a version must not hold: on disk, recorded by name and content, or of a Hub dataset.

    name: what the ledger calls it. path: where a file on disk is now; never recorded. repo: the dataset's repository.
    revision: its commit. file: path of the file in the repository; of a file on disk its name, filled in by the build.
    sha256: hash of the file; filled in by the build, and checked where it is given. columns: those that are read; null reads
    every column that holds text.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,95}$")]
    path: str | None = Field(default=None, exclude=True)
    repo: Repository | None = None
    revision: Commit | None = None
    file: str | None = None
    sha256: Sha256 | None = None
    columns: Annotated[tuple[str, ...], Field(min_length=1)] | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return listed(value)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        on_hub = (self.repo, self.revision)
        if on_hub == (None, None):
            if self.path is None and self.sha256 is None:
                raise ValueError("say where it is: path, or repo, revision and file")
        elif None in (*on_hub, self.file) or self.path is not None:
            raise ValueError("a set on the Hub has repo, revision and file, and no path")
        return self


class Decontaminate(Frozen):
    """Evaluation sets whose word n-grams no kept row may hold (see `builders/stages/decontamination.py`).

    ngram: words that must agree in a row. sets: the sets, each with a name of its own.
    """

    ngram: Annotated[int, Field(ge=1, le=100)] = 13
    sets: Annotated[tuple[EvaluationSet, ...], Field(min_length=1)]

    @field_validator("sets", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return listed(value)

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [one.name for one in self.sets]
        if len(set(names)) < len(names):
            raise ValueError(f"each set needs a name of its own, and these are {', '.join(names)}")
        return self
