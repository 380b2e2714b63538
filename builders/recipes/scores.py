"""The part of a recipe that names scores of its rows, and what they lead to."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from builders.identifiers import Sha256
from builders.recipes.base import Frozen

Bound = Annotated[float, Field(ge=0, le=1_000_000)] | None


class Bounds(Frozen):
    """Which scores are meant; a row that reaches one of these is. All may be left out.

    ratio_from: the loss of the answer with the instruction over that without it, from which the instruction does not help.
    ratio_below: the same, below which the answer follows from the instruction all too easily. loss_from: the mean loss of the
    answer with the instruction, from which it is meant. loss_below: the same, below which it is.
    """

    ratio_from: Bound = None
    ratio_below: Bound = None
    loss_from: Bound = None
    loss_below: Bound = None


class ScoreFile(Frozen):
    """Scores of rows, as `aguila score` writes them, and what they lead to. A row without a score stays as it is.

    path: where the file is now; never recorded. sha256: hash of the file, which the version holds as scores.jsonl; filled in
    by the build, and checked where it is given. drop: scores of rows that leave. flag: scores of rows that are flagged.
    """

    path: str | None = Field(default=None, exclude=True)
    sha256: Sha256 | None = None
    drop: Bounds = Bounds()
    flag: Bounds = Bounds()

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.path is None and self.sha256 is None:
            raise ValueError("say where they are: path")
        if self.drop == self.flag == Bounds():
            raise ValueError("say what they lead to: drop or flag, such as drop: {ratio_from: 1.0}")
        return self
